package httpauth

import (
	"net/http"
	"strconv"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
)

// Refuse writes the refusal in err: the status, WWW-Authenticate and Retry-After of the answer
// table, and the body. err may also wrap the refusal. Use it for the errors of
// [middleware.Guard.Authorize], [middleware.Guard.Forbid] and [WhileAuthorized].
//
// For any other error it writes 500 without the text of the error, because that error is a bug
// of the handler. Do not call Refuse after the response has begun; it cannot detect that.
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
	_, _ = w.Write(body) // if it fails, the caller has left
}
