package chiauth

import (
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
)

// Refuse writes the refusal that err is or wraps, as [httpauth.Refuse] does. Use it for the
// errors of [middleware.Guard.Authorize] and [WhileAuthorized].
func Refuse(w http.ResponseWriter, err error) { httpauth.Refuse(w, err) }
