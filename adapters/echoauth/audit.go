package echoauth

import (
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// Audit compares t with the routes of e, including those of its hosts. Call it after all routes
// have been registered, in a test or at start. The error names every route without a rule and
// every rule without a route; see [scopes.Table.Audit].
//
// Some rules fit no route that is registered, but Enforce judges by them. Audit accepts these:
//
//   - A rule for OPTIONS if the path has a route, because Echo answers OPTIONS itself.
//   - A rule for HEAD if the path has a route for GET.
//   - A rule for any method of a path with a RouteNotFound handler. A group with middleware has
//     such a handler.
//
// A rule for another wrong method is named although Enforce judges by it, because it is mostly
// a misspelling. Unrouted needs no rule and is never named.
//
// Audit does not see routes that were added to a router directly, by [echo.Router.Add]. Enforce
// judges them.
//
// Audit also names a rule for metadata of a protected resource (RFC 9728) that is not Public,
// because clients read them before they have a token. Such a route has a path that begins with
// /.well-known/oauth-protected-resource.
func Audit(e *echo.Echo, t *scopes.Table) error {
	routes := auditable(nil, "", e.Router(), t)
	for host, router := range e.Routers() {
		routes = auditable(routes, host, router, t)
	}
	return adapt.Audit("echoauth", t, routes)
}

// auditable appends the routes of router, and the rules of t that judge requests that no route
// serves.
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
