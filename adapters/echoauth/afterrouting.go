package echoauth

import (
	"reflect"
	"runtime"
	"strings"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

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

// isEchos tells whether c is of Echo's own kind.
func isEchos(c echo.Context) bool {
	return reflect.TypeOf(c) == reflect.TypeOf(c.Echo().NewContext(nil, nil))
}
