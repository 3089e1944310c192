package middleware

import (
	"context"
	"fmt"
	"sync/atomic"
)

// identity is the context of a request that a Guard let through, with what the Guard
// knows about it. It is the context itself, because that costs one allocation.
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

// Format prints the context without the token, whatever the verb is, because programs print
// contexts into logs.
func (id *identity) Format(s fmt.State, _ rune) { _, _ = fmt.Fprint(s, id.Context, ".bearerguard") }

func identityFrom(ctx context.Context) *identity {
	id, _ := ctx.Value(identityKey{}).(*identity)
	return id
}

// identityOf finds the identity of g in ctx, even if other guards have stored theirs later.
func (g *Guard) identityOf(ctx context.Context) *identity {
	for id := identityFrom(ctx); id != nil; id = identityFrom(id.Context) {
		if id.guard == g {
			return id
		}
	}
	return nil
}

// ClaimsFrom returns the verified claims of the request that ctx belongs to. ok is false
// if nobody was authenticated: on a public route, for an anonymous caller of an optional
// route, and outside of any guard.
//
// The claims are those of the last check of the request. Within [Guard.WhileAuthorized]
// and gRPC streams, that may be a check after the token's expiry. A connection that
// carries many messages, such as a WebSocket or a session of MCP, is one request, however
// long it lasts. Under a context from [context.WithoutCancel], the claims stay those that
// the handler had when it returned. ClaimsFrom ignores the clock; [Guard.Authorize]
// does not.
func ClaimsFrom(ctx context.Context) (c Claims, ok bool) {
	if id := identityFrom(ctx); id != nil {
		c.c = id.claims.Load()
	}
	return c, !c.IsZero()
}

// ClaimsAs decodes the claims of the request that ctx belongs to into a T, by
// [Claims.Decode]. It returns an error if there are no claims. A claim that the token does
// not have leaves its field empty: use [Claim] where that must be an error. Use [Strings]
// for a claim that may be a string or an array of strings, such as aud.
func ClaimsAs[T any](ctx context.Context) (T, error) {
	var v T
	c, _ := ClaimsFrom(ctx)
	err := c.Decode(&v)
	return v, err
}
