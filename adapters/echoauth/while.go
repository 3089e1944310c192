package echoauth

import (
	"context"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

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
