package ginauth

import (
	"context"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

// WhileAuthorized checks the request of c for need, and runs f for as long as it passes: for
// server-sent events and other streams, which may outlive their token. See
// [middleware.Guard.WhileAuthorized].
//
// The context of f ends when the token has expired and the second check refuses the
// request. f must return then: WhileAuthorized waits for it, so that nothing of f touches c when
// Gin serves somebody else with it. While f runs, c.Request has this context, so that
// [Claims] finds the claims of the last check. f may use c, and no other goroutine may.
//
// The refusal is the error, for [Refuse]. It also sets the deadline for writes, and for
// reads of the body, to 5 s from then, so that a client that doesn't read doesn't hold
// f. Until then no deadline is touched. Where c.Writer has no deadlines to set, the
// error wraps [net/http.ErrNotSupported], and f is not called.
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
