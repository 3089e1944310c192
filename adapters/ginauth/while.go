package ginauth

import (
	"context"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

// WhileAuthorized checks the request of c for need, and runs f for as long as the request
// passes. It is for server-sent events and other streams, which may outlive their token. See
// [middleware.Guard.WhileAuthorized].
//
// The context of f ends when the token has expired and the second check refuses the request. f
// must return then. WhileAuthorized waits for f, so that f does not touch c when Gin reuses it
// for another caller. While f runs, c.Request has the context of f, so that [Claims] returns
// the claims of the last check. f may use c; no other goroutine may.
//
// The error is what f returned, or the refusal, which is for [Refuse]. The refusal also sets
// the deadlines for writes and for reads of the body to 5 s later, so that a client that does
// not read cannot hold f. No deadline is set before a refusal. If c.Writer has no write
// deadline, the error wraps [net/http.ErrNotSupported], and f is not called.
func WhileAuthorized(
	c *gin.Context, g *middleware.Guard, need scopes.Requirement, f func(context.Context) error,
) error {
	adapt.MustGuard("ginauth", g)
	r := c.Request
	return nethttp.WhileAuthorized(g, c.Writer, r, routeOf(c), need, func(ctx context.Context) error {
		lent := nethttp.Lend(ctx, r)
		defer func() {
			nethttp.GiveBack(r, lent)
			c.Request = r
		}()
		c.Request = lent
		return f(ctx)
	})
}
