package echoauth

import (
	"context"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
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

// Claims returns the verified claims of the request, as [middleware.ClaimsFrom]
// does.
func Claims(c echo.Context) (middleware.Claims, bool) {
	return middleware.ClaimsFrom(c.Request().Context())
}

// WhileAuthorized checks the request of c as g does for need, and runs f for as long as it
// passes: for server-sent events and other streams, which may outlive their token.
// See [middleware.Guard.WhileAuthorized]. f works with the context that it is given, in which
// [middleware.ClaimsFrom] finds the claims of the last check, and writes to
// c.Response().
//
// f runs in the caller's own goroutine, and c is not touched after WhileAuthorized has
// returned. f must return when its context ends. When a refusal ends the context, a
// write that waits for a client that doesn't read fails after 5 s, and so does a read
// of the request's body. No deadline is set before. If the ResponseWriter can't set a
// write deadline, the error wraps [http.ErrNotSupported], and f is not called.
//
// A refusal is for [Refuse], which adds nothing to a response that has begun.
func WhileAuthorized(
	c echo.Context, g *middleware.Guard, need scopes.Requirement, f func(context.Context) error,
) error {
	adapt.MustGuard("echoauth", g)
	at := new(spots).of(c)
	return nethttp.WhileAuthorized(g, c.Response(), at.asRouted(c.Request()), at.label(c, nil), need, f)
}

// serve passes c, which is for the handler at that spot, on to next, or refuses it.
func serve(
	c echo.Context, g *middleware.Guard, at *spot, route string, need scopes.Requirement, next echo.HandlerFunc,
) error {
	r := c.Request()
	pass, err := g.Check(r.Context(), middleware.FromHTTP(at.asRouted(r), route), need)
	if err != nil {
		return Refuse(c, err)
	}
	lent := nethttp.Lend(pass.Context, r)
	defer nethttp.GiveBack(r, lent)
	c.SetRequest(lent)
	return next(c)
}
