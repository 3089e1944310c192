package echoauth

import (
	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// Require returns a middleware that lets those requests reach a handler that g
// lets through for need: of a route, a group or an Echo. Of a group, it guards
// the routes that are registered after Use, and the group's 404. It panics if g is
// nil: an API that starts without its guard is worse than one that doesn't start.
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
