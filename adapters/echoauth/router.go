package echoauth

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

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
	e := c.Echo()
	if routers := e.Routers(); len(routers) > 0 {
		if router, known := routers[c.Request().Host]; known {
			return c.Request().Host, router
		}
	}
	return "", e.Router()
}

// methods are those that Echo has names for.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	http.MethodConnect, http.MethodOptions, http.MethodTrace, echo.PROPFIND, echo.REPORT,
}
