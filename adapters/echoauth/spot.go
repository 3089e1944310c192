package echoauth

import (
	"net/http"
	"slices"

	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// A spot is where the routers of an Echo have a handler.
type spot struct {
	handler echo.HandlerFunc // kept, so that no other one gets its address
	router  *echo.Router
	host    string // of the router, "" for the one that serves all other hosts

	// method and path are those that the handler was registered for. The method is
	// echo.RouteNotFound for a handler that serves what no route serves.
	method, path string
	route        string // as rules spell it
	answered     bool   // by Echo itself: its 404, 405 or answer to OPTIONS
}

// routed tells whether a route serves the request.
func (s *spot) routed() bool { return s.method != echo.RouteNotFound }

// fits tells whether a request that came to the handler of s looks like one for s.
func (s *spot) fits(c echo.Context, router *echo.Router) bool {
	return s.path == c.Path() && s.router == router && (s.method == c.Request().Method || !s.routed())
}

// asRouted returns r with the method of the route that serves it, for the check: from
// another origin a cookie may come with a GET, but not with a POST that middleware has
// made a GET since Echo chose the handler.
func (s *spot) asRouted(r *http.Request) *http.Request {
	if s == nil || !s.routed() || s.method == r.Method {
		return r
	}
	r = r.WithContext(r.Context())
	r.Method = s.method
	return r
}

// label spells the route of c's request for logs and metrics, "" if it has none. A
// request that no route serves goes by its own method, which may be any word that the
// caller made up. Those that neither HTTP nor rules know are kept out.
func (s *spot) label(c echo.Context, rules scopes.Rules) string {
	switch {
	case s == nil || s.path == "":
		return ""
	case s.routed():
		return s.route
	}
	method := c.Request().Method
	route := method + " " + s.host + s.path
	if !slices.Contains(methods, method) && (rules == nil || !rules.Has(route)) {
		return ""
	}
	return route
}
