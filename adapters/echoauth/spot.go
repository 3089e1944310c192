package echoauth

import (
	"net/http"
	"slices"

	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// A spot is the place at which a router of an Echo has a handler.
type spot struct {
	handler echo.HandlerFunc // kept, because otherwise another function could get its address
	router  *echo.Router
	host    string // the host of router; "" if router is for all other hosts

	// method and path are those that the handler was registered with. The method is
	// echo.RouteNotFound for a handler of requests that no route serves.
	method, path string
	route        string // as the rules spell it
	answered     bool   // Echo itself answers: 404, 405, or 204 to OPTIONS
}

// routed reports whether a route serves the request.
func (s *spot) routed() bool { return s.method != echo.RouteNotFound }

// fits reports whether the method and the path of c's request are those of s. The request
// already goes to the handler of s.
func (s *spot) fits(c echo.Context, router *echo.Router) bool {
	return s.path == c.Path() && s.router == router && (s.method == c.Request().Method || !s.routed())
}

// asRouted returns the request for a check of r. In it, the method of the route that serves
// r counts for the origin of a cookie, too.
func (s *spot) asRouted(r *http.Request) *http.Request {
	if s == nil || !s.routed() {
		return r
	}
	return nethttp.AsRouted(r, s.method)
}

// label spells the route of c's request for logs and metrics. It returns "" if there is no
// route. A request that no route serves has a method that the caller chose, which may be any
// word. Unless HTTP or a rule knows the method, label returns "", so that the word gets into no
// log.
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
