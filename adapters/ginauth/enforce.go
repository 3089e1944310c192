package ginauth

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

// Enforce guards a whole engine by rules, which spell routes as "GET /orders/:id". A route
// without a rule gets the default of the rules. A request that no route serves gets their
// Unrouted. Both deny unless the policy sets them. Nil rules deny everything.
//
// Call Enforce before any route or group is made. It cannot guard the routes that engine
// already has, because Gin has given them their middleware. The error names these routes;
// Enforce guards all others even so. Groups without a route cannot be seen: those that were
// made before Enforce, and all their later routes, stay open without an error.
//
// Enforce panics if g or engine is nil.
func Enforce(engine *gin.Engine, g *middleware.Guard, rules scopes.Rules) error {
	adapt.MustGuard("ginauth", g)
	if engine == nil {
		panic("ginauth: nil *gin.Engine")
	}
	rules = adapt.Rules(rules)
	find := func(c *gin.Context) (string, scopes.Requirement) { return lookup(c, rules) }
	if len(engine.Handlers) > 0 {
		engine.Handlers = append(gin.HandlersChain{note}, engine.Handlers...)
		find = func(c *gin.Context) (string, scopes.Requirement) {
			if !asRouted(c) {
				return "", scopes.Requirement{}
			}
			return lookup(c, rules)
		}
	}
	early := routesOf(engine)
	engine.Use(guarded(g, find))
	if len(early) > 0 {
		slices.Sort(early)
		return fmt.Errorf("ginauth: Enforce was called after these routes were registered, and does not guard them: %s",
			strings.Join(early, ", "))
	}
	return nil
}
