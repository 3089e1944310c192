package echoauth

import (
	"sync"

	"github.com/labstack/echo/v4"
)

// spots finds the spot of the handler that Echo has chosen for a request. It goes by
// the handler itself. Echo makes one function value for each route, so that its
// address names the route. The method, host and path of the request don't: middleware
// may have changed them after Echo had routed it.
//
// It remembers what it has found, by address. Since handlers that no router has are
// not remembered, it holds at most one spot for each handler.
type spots struct{ known sync.Map }

// nowhere is the spot of a request for which Echo knows no path.
var nowhere = &spot{method: echo.RouteNotFound, answered: true}

// of returns the spot of c's handler, nil if no router has it.
func (k *spots) of(c echo.Context) *spot {
	h := c.Handler()
	host, router := routerOf(c)
	v, _ := k.known.Load(address(h))
	known, _ := v.(*spot)
	switch {
	case known != nil && known.fits(c, router):
		return known
	case !answersItself(h):
	case c.Path() == "":
		return nowhere
	default:
		return &spot{handler: h, router: router, host: host, method: echo.RouteNotFound, path: c.Path(), answered: true}
	}
	found := search(c, host, router, known)
	if found != nil && known == nil {
		k.known.Store(address(h), found)
	}
	return found
}

// search asks the routers. Who calls [echo.Router.Add] can have one function in
// several places, so that the place that the request names now comes first, and known,
// where the handler was found before, only then.
func search(c echo.Context, host string, router *echo.Router, known *spot) *spot {
	if s := at(c, host, router, echo.RouteNotFound, c.Request().Method); s != nil {
		return s
	}
	if known != nil {
		return known
	}
	if s := at(c, "", c.Echo().Router(), candidates(c, c.Echo().Router())...); s != nil {
		return s
	}
	for host, router := range c.Echo().Routers() {
		if s := at(c, host, router, candidates(c, router)...); s != nil {
			return s
		}
	}
	return nil
}

// candidates lists the methods by which router may have c's handler.
func candidates(c echo.Context, router *echo.Router) []string {
	all := append([]string{echo.RouteNotFound}, methods...)
	for _, route := range router.Routes() {
		if route.Path == c.Path() {
			all = append(all, route.Method)
		}
	}
	return all
}

// at returns the spot of c's handler if router leads to it, by one of methods and one
// of two URLs: the one that Echo has routed by, as the path and the parameters tell
// it, and the present one. A spot with c's own path comes first: one function may serve
// a route and, elsewhere, what no route serves.
func at(c echo.Context, host string, router *echo.Router, methods ...string) (elsewhere *spot) {
	want := address(c.Handler())
	for _, url := range []string{urlOf(c.Path(), c.ParamValues()), echo.GetPath(c.Request())} {
		for _, method := range methods {
			h, path := find(c.Echo(), router, method, url)
			if address(h) != want || elsewhere != nil && path != c.Path() {
				continue
			}
			found := &spot{
				handler: h, router: router, host: host, method: method, path: path,
				route: method + " " + host + path,
			}
			if path == c.Path() {
				return found
			}
			elsewhere = found
		}
	}
	return elsewhere
}
