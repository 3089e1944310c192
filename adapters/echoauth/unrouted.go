package echoauth

import (
	"net/http"

	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// unrouted returns what a request needs that no route serves, and the route by which it is
// judged. A rule for exactly its method and path wins. HEAD is judged by the rule of GET if
// Echo itself answers HEAD.
func (s *spot) unrouted(c echo.Context, rules scopes.Rules) (route string, need scopes.Requirement) {
	route = s.label(c, rules)
	if route != "" && rules.Has(route) {
		return route, rules.Lookup(route)
	}
	if get, ok := s.get(c); ok {
		if head := http.MethodHead + " " + s.host + get; rules.Has(head) {
			return head, rules.Lookup(head)
		}
		route = http.MethodGet + " " + s.host + get
		return route, rules.Lookup(route)
	}
	return route, rules.Unrouted()
}

// get returns the path of the route that would serve c's request if its method were GET instead
// of HEAD.
func (s *spot) get(c echo.Context) (path string, ok bool) {
	if c.Request().Method != http.MethodHead || !s.answered || s.path == "" {
		return "", false
	}
	h, path := find(c.Echo(), s.router, http.MethodGet, echo.GetPath(c.Request()))
	return path, !answersItself(h)
}
