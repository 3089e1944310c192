package ginauth

import (
	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

// Require returns a handler that runs the rest of the chain, by c.Next, only if g.Check admits
// the request for need. Otherwise it calls [Refuse]. Use it for a route, or for a group that is
// made with it. Require panics if g is nil, because an API that starts without its guard is
// worse than one that does not start.
func Require(g *middleware.Guard, need scopes.Requirement) gin.HandlerFunc {
	adapt.MustGuard("ginauth", g)
	return guarded(g, func(c *gin.Context) (string, scopes.Requirement) { return routeOf(c), need })
}
