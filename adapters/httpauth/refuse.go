package httpauth

import (
	"net/http"
	"strconv"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
)

// Refuse writes a refusal: the status, WWW-Authenticate and Retry-After of the
// answer table, and the body. Handlers use it for the errors of
// [middleware.Guard.Authorize]. Any other error is a bug of the handler, and its
// text not for the caller: 500. It can't see whether a response has begun, and does
// not belong behind one.
func Refuse(w http.ResponseWriter, err error) {
	refusal := adapt.Refusal(err)
	if refusal == nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	contentType, body := refusal.Body()
	refusal.Apply(w.Header())
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(refusal.Status())
	_, _ = w.Write(body) // nobody is left to tell if the caller is gone
}
