package echoauth

import (
	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// Enforce returns middleware that guards a whole Echo by rules. The package documentation shows
// how routes are spelled. A route without a rule gets the default of the rules. A request that
// no route serves gets their Unrouted. Both deny unless the policy sets them. Nil rules deny
// everything.
//
// Pass it to Use of the Echo itself. Under Pre the route is not known yet, and Enforce denies
// every request that Echo would route, whatever the rules say.
//
// Enforce panics if g is nil.
func Enforce(g *middleware.Guard, rules scopes.Rules) echo.MiddlewareFunc {
	adapt.MustGuard("echoauth", g)
	rules = adapt.Rules(rules)
	e := &enforcer{guard: g, rules: rules}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error { return e.serve(c, next) }
	}
}

// enforcer guards a whole Echo.
type enforcer struct {
	guard *middleware.Guard
	rules scopes.Rules
	known spots
}

func (e *enforcer) serve(c echo.Context, next echo.HandlerFunc) error {
	at := e.known.of(c)
	switch {
	case at == nil || at.answered && contradicted(c): // it is not known what will serve it
		return serve(c, e.guard, nil, "", scopes.Requirement{}, next)
	case at.routed():
		return serve(c, e.guard, at, at.route, e.rules.Lookup(at.route), next)
	}
	route, need := at.unrouted(c, e.rules)
	if at.answered {
		return serve(c, e.guard, at, route, need, afterRouting(e.guard, next))
	}
	return serve(c, e.guard, at, route, need, next)
}
