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

// Enforce guards engine as a whole by rules, mostly a [scopes.Table], whose keys are
// spelled "GET /orders/:id". A route without a rule gets the default of the rules,
// which denies unless told otherwise. Requests that no route serves get Unrouted. Nil
// rules deny everything.
//
// Enforce comes before any route or group. It cannot guard routes that engine already has,
// since Gin has given them their middleware; the error names them. Enforce guards all
// other routes even so. Groups without a route can't be seen: those that were made
// before Enforce, and all of their later routes, stay open without an error. It panics
// if g or engine is nil.
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
		return fmt.Errorf("ginauth: Enforce after routes were registered, which it does not guard: %s",
			strings.Join(early, ", "))
	}
	return nil
}
