package echoauth

import (
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/labstack/echo/v4"
)

// Claims returns the verified claims of the request, as [middleware.ClaimsFrom] does.
func Claims(c echo.Context) (middleware.Claims, bool) {
	return middleware.ClaimsFrom(c.Request().Context())
}
