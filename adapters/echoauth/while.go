package echoauth

import (
	"context"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// WhileAuthorized checks the request of c for need, and runs f for as long as the request
// passes. It is for server-sent events and other streams, which may outlive their token. See
// [middleware.Guard.WhileAuthorized]. In the context of f, [middleware.ClaimsFrom] finds the
// claims of the last check. f writes to c.Response().
//
// f runs in the caller's own goroutine and must return when its context ends. WhileAuthorized
// does not touch c after it has returned. When a refusal ends the context, a write that waits
// for a client that does not read fails after 5 s, and so does a read of the request's body. No
// deadline is set before a refusal.
//
// If the ResponseWriter cannot set a write deadline, the error wraps [http.ErrNotSupported],
// and f is not called. Pass a refusal to [Refuse], which adds nothing to a response that has
// begun.
func WhileAuthorized(
	c echo.Context, g *middleware.Guard, need scopes.Requirement, f func(context.Context) error,
) error {
	adapt.MustGuard("echoauth", g)
	at := new(spots).of(c)
	return nethttp.WhileAuthorized(g, c.Response(), at.asRouted(c.Request()), at.label(c, nil), need, f)
}
