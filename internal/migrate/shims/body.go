package shims

import (
	"context"
	"encoding/json"

	"github.com/bearerguard/bearerguard/middleware"
)

// OldBody is an Options.Body that keeps {"message": "..."} for callers that read it.
func OldBody(_ context.Context, _ middleware.Request, e *middleware.Error) (contentType string, body []byte) {
	body, err := json.Marshal(map[string]string{"message": e.Error()})
	if err != nil {
		return "", nil // a map of strings has no error
	}
	return "application/json", body
}
