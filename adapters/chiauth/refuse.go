package chiauth

import (
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
)

// Refuse writes the refusal in err, as [httpauth.Refuse] does. err may also wrap the
// refusal. Use it for the errors of [middleware.Guard.Authorize],
// [middleware.Guard.Forbid] and [WhileAuthorized].
func Refuse(w http.ResponseWriter, err error) { httpauth.Refuse(w, err) }
