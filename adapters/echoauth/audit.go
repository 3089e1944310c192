package echoauth

import (
	"net/http"

	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// Audit compares t with the routes of e, those of its hosts included, after all
// have been registered: for a test, or at start. The error names every route
// without a rule and every rule without a route; see [scopes.Table.Audit].
//
// These rules count as rules with a route, since Enforce judges by them: one for
// OPTIONS if the path has a route, because Echo answers OPTIONS by itself; one for
// HEAD if the path has a route for GET; one for any method of a path with a
// RouteNotFound handler, as a group with middleware has. A rule for a wrong method is
// named, although Enforce judges by it: it mostly is a misspelling. Unrouted needs no
// rule and is never named.
//
// Routes that were added to a router directly, by [echo.Router.Add], can't be seen.
// Enforce judges them.
func Audit(e *echo.Echo, t *scopes.Table) error {
	routes := auditable(nil, "", e.Router(), t)
	for host, router := range e.Routers() {
		routes = auditable(routes, host, router, t)
	}
	return t.Audit(routes)
}

// auditable appends the routes of router, and those of t's rules that judge
// requests which no route serves.
func auditable(routes []string, host string, router *echo.Router, t *scopes.Table) []string {
	for _, route := range router.Routes() {
		answered := []string{http.MethodOptions}
		switch route.Method {
		case echo.RouteNotFound:
			answered = methods
		case http.MethodGet:
			answered = append(answered, http.MethodHead)
		}
		if route.Method != echo.RouteNotFound {
			routes = append(routes, route.Method+" "+host+route.Path)
		}
		for _, method := range answered {
			if key := method + " " + host + route.Path; t.Has(key) {
				routes = append(routes, key)
			}
		}
	}
	return routes
}
