package httpauth

import (
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// Enforce returns a middleware that guards a whole router by rules; nil rules deny
// everything. route names the route of a request as the rules spell it. It is asked
// again where the check of a token took time, so it must answer the same for the same
// request.
//
// Where route returns "", no route serves the request, and it needs what
// [scopes.Policy].Unrouted says: nothing passes unless the policy allows it. So route
// must not return "" for a request that a handler of a route may serve.
//
// The route must be known when the middleware runs, and nothing between this
// middleware and the router may change the method, the host or the path. For chi there
// is a package of its own, adapters/chiauth. gorilla/mux routes first; see the package
// documentation.
func Enforce(
	g *middleware.Guard, rules scopes.Rules, route func(*http.Request) string,
) func(http.Handler) http.Handler {
	adapt.MustGuard("httpauth", g)
	if route == nil {
		panic("httpauth: nil route function")
	}
	rules = adapt.Rules(rules)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ask := func() (string, scopes.Requirement) {
				name := route(r)
				if name == "" {
					return "", rules.Unrouted()
				}
				return name, rules.Lookup(name)
			}
			name, need := ask()
			pass, err := judge(g, r, name, need, ask)
			if err != nil {
				Refuse(w, err)
				return
			}
			serve(w, r, pass, next)
		})
	}
}
