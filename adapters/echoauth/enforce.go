package echoauth

import (
	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// Enforce returns a middleware that guards an Echo as a whole by rules; see the
// package for how routes are spelled. Routes without a rule get the default of the
// rules, and requests that no route serves get their Unrouted. Both deny unless told
// otherwise, and so do nil rules.
//
// It is for Use, on the Echo itself. Under Pre the route is not known yet. There it
// denies every request that Echo routes later on, whatever the rules say.
func Enforce(g *middleware.Guard, rules scopes.Rules) echo.MiddlewareFunc {
	adapt.MustGuard("echoauth", g)
	rules = adapt.Rules(rules)
	e := &enforcer{guard: g, rules: rules}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error { return e.serve(c, next) }
	}
}

// enforcer guards an Echo as a whole.
type enforcer struct {
	guard *middleware.Guard
	rules scopes.Rules
	known spots
}

func (e *enforcer) serve(c echo.Context, next echo.HandlerFunc) error {
	at := e.known.of(c)
	switch {
	case at == nil || at.answered && contradicted(c): // nothing tells what will serve it
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
