package httpauth

import (
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// Require returns middleware that calls the next handler only if g.Check admits the request for
// need. Otherwise it answers with [Refuse]. It fits every router that takes func(http.Handler)
// http.Handler. Require panics if g is nil, because an API that starts without its guard is
// worse than one that does not start.
func Require(g *middleware.Guard, need scopes.Requirement) func(http.Handler) http.Handler {
	adapt.MustGuard("httpauth", g)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			pass, err := g.Check(r.Context(), middleware.FromHTTP(asRouted(r), r.Pattern), need)
			if err != nil {
				Refuse(w, err)
				return
			}
			serve(w, r, pass, next)
		})
	}
}
