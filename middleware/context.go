package middleware

import (
	"context"
	"fmt"
	"sync/atomic"
)

// identity is what a Guard leaves in the context of a request that it let through.
// It is that context itself, so as to cost one allocation.
type identity struct {
	context.Context
	guard   *Guard
	token   string
	request Request
	claims  atomic.Pointer[claims] // of the last check; nil: anonymous
}

type identityKey struct{}

func (id *identity) Value(key any) any {
	if key == (identityKey{}) {
		return id
	}
	return id.Context.Value(key)
}

// Format keeps the token out of what is printed, whatever the verb: contexts end up
// in logs.
func (id *identity) Format(s fmt.State, _ rune) { _, _ = fmt.Fprint(s, id.Context, ".bearerguard") }

func identityFrom(ctx context.Context) *identity {
	id, _ := ctx.Value(identityKey{}).(*identity)
	return id
}

// identityOf finds what g has left in ctx, also behind other guards.
func (g *Guard) identityOf(ctx context.Context) *identity {
	for id := identityFrom(ctx); id != nil; id = identityFrom(id.Context) {
		if id.guard == g {
			return id
		}
	}
	return nil
}

// ClaimsFrom returns the verified claims of the request that ctx belongs to. ok
// is false where nobody was authenticated: on a public route, for an anonymous
// caller of an optional one, and outside of any guard.
//
// They are those of the last check of the request: within [Guard.WhileAuthorized] and gRPC
// streams, that is the one after the token's expiry. A connection that carries many
// messages, such as a WebSocket or a session of MCP, is one request, however long it
// lasts. Under a context from [context.WithoutCancel] they stay what they were when
// the handler returned. ClaimsFrom does not look at the clock; [Guard.Authorize] does.
func ClaimsFrom(ctx context.Context) (c Claims, ok bool) {
	if id := identityFrom(ctx); id != nil {
		c.c = id.claims.Load()
	}
	return c, !c.IsZero()
}

// ClaimsAs decodes the claims of the request that ctx belongs to into a T of
// the user's, by [Claims.Decode]. It is an error if there are none.
func ClaimsAs[T any](ctx context.Context) (T, error) {
	var v T
	c, _ := ClaimsFrom(ctx)
	err := c.Decode(&v)
	return v, err
}
