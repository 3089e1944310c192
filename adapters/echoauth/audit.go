package echoauth

import (
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// Audit compares t with the routes of e, those of its hosts included, after all
// have been registered: for a test, or at start. The error names every route
// without a rule and every rule without a route; see [scopes.Table.Audit].
//
// A rule for OPTIONS counts as one with a route if the path has a route, since
// Echo answers OPTIONS by itself; and so does a rule for any method of a path
// with a RouteNotFound handler, as a group with middleware has. Routes that were
// added to a router directly, by [echo.Router.Add], can't be seen; Enforce judges
// them.
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
		answered := []string{"OPTIONS"}
		if route.Method == echo.RouteNotFound {
			answered = methods
		} else {
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
