package echoauth

import (
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// methods are those that Echo has names for.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	http.MethodConnect, http.MethodOptions, http.MethodTrace, echo.PROPFIND, echo.REPORT,
}

// contradicted tells whether a router has a handler for c, which Echo seems to answer
// itself. Such a request can't be judged: it has not been routed yet, or it has been
// changed since.
func contradicted(c echo.Context) bool {
	_, router := routerOf(c)
	h, _ := find(c.Echo(), router, c.Request().Method, echo.GetPath(c.Request()))
	return !answersItself(h)
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

// unrouted tells what a request needs that no route serves, and the route by which it
// is judged. A rule for exactly its method and path wins. HEAD, where Echo itself
// answers it, goes by the rule of GET.
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

// get returns the path of the route that would serve c's request if it were a GET and
// not a HEAD.
func (s *spot) get(c echo.Context) (path string, ok bool) {
	if c.Request().Method != http.MethodHead || !s.answered || s.path == "" {
		return "", false
	}
	h, path := find(c.Echo(), s.router, http.MethodGet, echo.GetPath(c.Request()))
	return path, !answersItself(h)
}

// afterRouting calls next with a context that Echo's router does not take.
//
// A request that Echo answers itself looks the same before it was routed as it does
// after that, when no route was found. If it was not routed, since the guard is under
// Pre, a route that nobody has judged could serve it still. The router takes Echo's
// own kind of context alone. It panics when it gets another one, and afterRouting
// turns that into a refusal. Under Use the context is as good as Echo's own, which is
// why contexts of the user's own kind are handed on as they are.
func afterRouting(g *middleware.Guard, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		if !isEchos(c) {
			return next(c)
		}
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if e, ok := p.(*runtime.TypeAssertionError); !ok || !strings.HasSuffix(e.Error(), "echoauth.routedContext, not *echo.context") {
				panic(p)
			}
			err = serve(c, g, nil, "", scopes.Requirement{}, next)
		}()
		return next(routedContext{c})
	}
}

// routedContext is the context of a request that has been routed.
type routedContext struct{ echo.Context }

// isEchos tells whether c is of Echo's own kind.
func isEchos(c echo.Context) bool {
	return reflect.TypeOf(c) == reflect.TypeOf(c.Echo().NewContext(nil, nil))
}
