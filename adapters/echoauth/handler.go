package echoauth

import (
	"reflect"
	"sync"
	"unsafe"

	"github.com/labstack/echo/v4"
)

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

// contradicted tells whether a router has a handler for c, which Echo seems to answer
// itself. Such a request can't be judged: it has not been routed yet, or it has been
// changed since.
func contradicted(c echo.Context) bool {
	_, router := routerOf(c)
	h, _ := find(c.Echo(), router, c.Request().Method, echo.GetPath(c.Request()))
	return !answersItself(h)
}
