package echoauth

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// find asks router for a handler. The path is "" if router knows no path for url.
func find(e *echo.Echo, router *echo.Router, method, url string) (echo.HandlerFunc, string) {
	probe := e.NewContext(nil, nil) // a pooled one may be older than a route, and too small for its parameters
	router.Find(method, url, probe)
	return probe.Handler(), probe.Path()
}

// urlOf puts values into the path of a route. The result is the URL by which the path was
// found, because Echo does not decode the values of parameters before it stores them.
func urlOf(path string, values []string) string {
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		switch {
		case strings.HasPrefix(path[i:], `\:`): // an escaped colon, not a parameter
			i++
			b.WriteByte(':')
		case (path[i] == ':' || path[i] == '*') && len(values) > 0:
			b.WriteString(values[0])
			values = values[1:]
			for i+1 < len(path) && path[i+1] != '/' {
				i++ // the rest of the parameter's name
			}
		default:
			b.WriteByte(path[i])
		}
	}
	return b.String()
}

// routerOf returns the router that serves the host of c's request. The host is "" if the router
// is not for that host only.
func routerOf(c echo.Context) (string, *echo.Router) {
	host := c.Request().Host
	if router, known := c.Echo().Routers()[host]; known {
		return host, router
	}
	return "", c.Echo().Router()
}

// methods are the methods that Echo has names for.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	http.MethodConnect, http.MethodOptions, http.MethodTrace, echo.PROPFIND, echo.REPORT,
}
