package echoauth

import (
	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// Require returns middleware that calls the next handler only if g.Check admits the request for
// need. Otherwise it returns the error of [Refuse]. Use it for a route, a group or an Echo. In
// a group it guards the routes that are registered after Use, and the 404 of the group. Require
// panics if g is nil, because an API that starts without its guard is worse than one that does
// not start.
func Require(g *middleware.Guard, need scopes.Requirement) echo.MiddlewareFunc {
	adapt.MustGuard("echoauth", g)
	known := new(spots)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			at := known.of(c)
			return serve(c, g, at, at.label(c, nil), need, next)
		}
	}
}
