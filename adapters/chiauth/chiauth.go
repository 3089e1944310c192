package chiauth

import (
	"context"
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/go-chi/chi/v5"
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

// Refuse writes a refusal, as [httpauth.Refuse] does. Handlers use it for the errors of
// [middleware.Guard.Authorize] and [WhileAuthorized].
func Refuse(w http.ResponseWriter, err error) { httpauth.Refuse(w, err) }

// WhileAuthorized checks r, and calls f for as long as r passes: for a handler whose response may
// outlive the token, such as server-sent events. It is [httpauth.WhileAuthorized], and tells the
// observer the route as chi has found it.
func WhileAuthorized(
	g *middleware.Guard, w http.ResponseWriter, r *http.Request, need scopes.Requirement, f func(context.Context) error,
) error {
	route, routed := routeOf(r)
	return nethttp.WhileAuthorized(g, w, routed, route, need, f)
}

// routeOf spells the route of r as far as chi has found it, "" if it has found nothing. It
// returns r for a check of its cookie's origin, which also goes by the method that chi
// routes by.
func routeOf(r *http.Request) (string, *http.Request) {
	route := chi.RouteContext(r.Context())
	if route == nil {
		return "", r
	}
	method, _ := target(route, r)
	routed := nethttp.AsRouted(r, method)
	if len(route.RoutePatterns) == 0 {
		return "", routed
	}
	return method + " " + spell(route.RoutePatterns), routed
}
