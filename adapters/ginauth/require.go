package ginauth

import (
	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

// Require returns a handler that lets those requests go on along the chain that
// g lets through for need: of a route, or of a group made with it. It runs the rest
// of the chain itself, by c.Next. It panics if g is nil: an API that starts without
// its guard is worse than one that doesn't start.
func Require(g *middleware.Guard, need scopes.Requirement) gin.HandlerFunc {
	adapt.MustGuard("ginauth", g)
	return guarded(g, func(c *gin.Context) (string, scopes.Requirement) { return routeOf(c), need })
}
