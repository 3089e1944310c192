package httpauth

import (
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// Enforce returns middleware that guards a whole router by rules. Nil rules deny everything.
//
// route returns the name of the route of a request, spelled as in the rules. It must return the
// same name for the same request, because it is called again if the check of a token took time.
// The route must be known when the middleware runs.
//
// If route returns "", no route serves the request. The request then needs what
// [scopes.Policy].Unrouted says, and the zero Unrouted denies. So route must not return "" for
// a request that the handler of a route may serve.
//
// Nothing between this middleware and the router may change the method, the host or the path.
// For chi, use package adapters/chiauth. For gorilla/mux, see the package documentation.
//
// Enforce panics if g or route is nil.
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
