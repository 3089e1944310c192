package echoauth

import (
	"sync"

	"github.com/labstack/echo/v4"
)

// spots finds the spot of the handler that Echo has chosen for a request. It searches by the
// handler itself. Echo makes one function value for each route, so its address identifies the
// route. The method, host and path of the request do not, because middleware may have changed
// them after Echo routed it.
//
// spots remembers what it has found, by address. It does not remember handlers that no router
// has, so it holds at most one spot for each registered handler.
type spots struct{ known sync.Map }

// of returns the spot of c's handler, or nil if no router has the handler.
func (k *spots) of(c echo.Context) *spot {
	h := c.Handler()
	host, router := routerOf(c)
	v, _ := k.known.Load(address(h))
	known, _ := v.(*spot)
	switch {
	case known != nil && known.fits(c, router):
		return known
	case answersItself(h):
		return &spot{handler: h, router: router, host: host, method: echo.RouteNotFound, path: c.Path(), answered: true}
	}
	found := search(c, host, router, known)
	if found != nil {
		k.known.LoadOrStore(address(h), found)
	}
	return found
}

// search asks the routers for the spot of c's handler. One function may be registered in
// several places by [echo.Router.Add]. So the place that the request names now comes first.
// known, where the handler was found before, comes second.
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

// candidates lists the methods with which router may have registered c's handler.
func candidates(c echo.Context, router *echo.Router) []string {
	all := append([]string{echo.RouteNotFound}, methods...)
	for _, route := range router.Routes() {
		if route.Path == c.Path() {
			all = append(all, route.Method)
		}
	}
	return all
}

// at returns the spot of c's handler if router finds the handler by one of methods and one of
// two URLs: the URL that Echo has routed by, which is built from the path and the parameters of
// c, and the present one. A spot with c's own path is preferred, because one function may serve
// a route here and unrouted requests elsewhere.
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
