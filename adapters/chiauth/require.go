package chiauth

import (
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// Require returns a middleware that lets those requests go on that g lets through for
// need, whatever serves them: for Use, in a Group too, and for With. The observer is told
// the route as far as chi has found it: in a Group and behind With all of it, under Use of
// a mounted router where that is mounted, and "" under Use of the outermost one. Require
// panics if g is nil.
func Require(g *middleware.Guard, need scopes.Requirement) func(http.Handler) http.Handler {
	adapt.MustGuard("chiauth", g)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			pass, err := g.Check(r.Context(), middleware.FromHTTP(r, routeOf(r)), need)
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
