package echoauth

import (
	"reflect"
	"runtime"
	"strings"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// afterRouting calls next with a context that Echo's router does not accept.
//
// If Echo answers a request itself, that request looks the same before routing as after it. If
// the guard is under Pre, the request is not routed yet, and a route that was not judged could
// still serve it. Echo's router accepts only Echo's own type of context. It panics if it gets
// another one, and afterRouting turns that panic into a refusal.
//
// Under Use the wrapped context works like Echo's own. A context of the user's own type is
// passed on unchanged.
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
			if e, ok := p.(*runtime.TypeAssertionError); !ok ||
				!strings.HasSuffix(e.Error(), "echoauth.routedContext, not *echo.context") {
				panic(p)
			}
			err = serve(c, g, nil, "", scopes.Requirement{}, next)
		}()
		return next(routedContext{c})
	}
}

// routedContext is the context of a request that has been routed.
type routedContext struct{ echo.Context }

// isEchos reports whether c is of Echo's own type.
func isEchos(c echo.Context) bool {
	return reflect.TypeOf(c) == reflect.TypeOf(c.Echo().NewContext(nil, nil))
}
