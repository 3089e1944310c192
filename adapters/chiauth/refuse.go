package chiauth

import (
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
)

// Refuse writes a refusal, as [httpauth.Refuse] does. Handlers use it for the errors of
// [middleware.Guard.Authorize] and [WhileAuthorized].
func Refuse(w http.ResponseWriter, err error) { httpauth.Refuse(w, err) }
