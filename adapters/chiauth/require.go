package chiauth

import (
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// Require returns middleware that calls the next handler only if g.Check admits the request for
// need, whatever serves it. Otherwise it answers with [Refuse]. Use it with Use, also in a
// Group, and with With. Require panics if g is nil, because an API that starts without its
// guard is worse than one that does not start.
//
// The observer is told the route as far as chi has found it: the whole route in a Group and
// behind With, the pattern of the mount under Use of a mounted router, and "" under Use of the
// outermost router.
func Require(g *middleware.Guard, need scopes.Requirement) func(http.Handler) http.Handler {
	adapt.MustGuard("chiauth", g)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			route, routed := routeOf(r)
			pass, err := g.Check(r.Context(), middleware.FromHTTP(routed, route), need)
			if err != nil {
				Refuse(w, err)
				return
			}
			lent := nethttp.Lend(pass.Context, r)
			defer nethttp.GiveBack(r, lent)
			next.ServeHTTP(w, lent)
		})
	}
}
