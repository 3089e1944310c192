package echoauth

import (
	"reflect"
	"sync"
	"unsafe"

	"github.com/labstack/echo/v4"
)

// address returns a value that identifies h. It differs for function values that are made at
// the same place in the source for different routes.
func address(h echo.HandlerFunc) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&h)) }

// answersItself reports whether h is one of the handlers by which Echo answers if no route
// serves.
func answersItself(h echo.HandlerFunc) bool {
	return address(h) == address(echo.NotFoundHandler) ||
		address(h) == address(echo.MethodNotAllowedHandler) ||
		reflect.ValueOf(h).Pointer() == optionsCode()
}

// optionsCode is the code of Echo's answer to OPTIONS. Echo makes a new function value for each
// request.
var optionsCode = sync.OnceValue(func() uintptr {
	e := echo.New()
	e.GET("/", echo.NotFoundHandler)
	h, _ := find(e, e.Router(), "OPTIONS", "/")
	return reflect.ValueOf(h).Pointer()
})

// contradicted reports whether a router has a handler for a request that Echo seems to answer
// itself. Such a request cannot be judged: either it has not been routed yet, or it has been
// changed since.
func contradicted(c echo.Context) bool {
	_, router := routerOf(c)
	h, _ := find(c.Echo(), router, c.Request().Method, echo.GetPath(c.Request()))
	return !answersItself(h)
}
