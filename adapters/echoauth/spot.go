package echoauth

import (
	"net/http"
	"reflect"
	"strings"
	"sync"
	"unsafe"

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

// spots finds the spot of the handler that Echo has chosen for a request. It goes by
// the handler itself. Echo makes one function value for each route, so that its
// address names the route. The method, host and path of the request don't: middleware
// may have changed them after Echo had routed it.
//
// It remembers what it has found, by address. Since handlers that no router has are
// not remembered, it holds at most one spot for each handler.
type spots struct{ known sync.Map }

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
	default:
		return &spot{handler: h, router: router, host: host, method: echo.RouteNotFound, path: c.Path(), answered: true}
	}
	found := search(c, host, router, known)
	if found != nil {
		k.known.LoadOrStore(address(h), found)
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

// find asks router. The path is "" where it knows nothing.
func find(e *echo.Echo, router *echo.Router, method, url string) (echo.HandlerFunc, string) {
	probe := e.NewContext(nil, nil) // one from the pool may be older than a route, and too small
	router.Find(method, url, probe)
	return probe.Handler(), probe.Path()
}

// urlOf puts values into the path of a route. Echo's parameters hold the URL's text as
// it is, so that this is the URL that the path was found by.
func urlOf(path string, values []string) string {
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		switch {
		case strings.HasPrefix(path[i:], `\:`): // no parameter
			i++
			b.WriteByte(':')
		case (path[i] == ':' || path[i] == '*') && len(values) > 0:
			b.WriteString(values[0])
			values = values[1:]
			for i+1 < len(path) && path[i+1] != '/' {
				i++ // the rest of its name
			}
		default:
			b.WriteByte(path[i])
		}
	}
	return b.String()
}

// routerOf returns the router that serves the host of c's request, and the host if the
// router is for it alone.
func routerOf(c echo.Context) (string, *echo.Router) {
	host := c.Request().Host
	if router, known := c.Echo().Routers()[host]; known {
		return host, router
	}
	return "", c.Echo().Router()
}

// address tells function values apart: those that are made at one place in the
// source, but for different routes, too.
func address(h echo.HandlerFunc) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&h)) }

// answersItself tells whether h is not somebody's handler but what Echo answers with
// where no route serves.
func answersItself(h echo.HandlerFunc) bool {
	return address(h) == address(echo.NotFoundHandler) ||
		address(h) == address(echo.MethodNotAllowedHandler) ||
		reflect.ValueOf(h).Pointer() == optionsCode()
}

// optionsCode is the code of Echo's answer to OPTIONS. Echo makes a function value for
// each request.
var optionsCode = sync.OnceValue(func() uintptr {
	e := echo.New()
	e.GET("/", echo.NotFoundHandler)
	h, _ := find(e, e.Router(), "OPTIONS", "/")
	return reflect.ValueOf(h).Pointer()
})
