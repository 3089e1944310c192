package middleware

import (
	"context"
	"errors"
	"fmt"
)

// identity is what a Guard leaves in the context of a request that it let through.
// It is that context itself, so as to cost one allocation.
type identity struct {
	context.Context
	guard  *Guard
	token  string
	claims *Claims // nil: anonymous
	route  string
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

var errNoClaims = errors.New("no verified claims in this context")

// ClaimsFrom returns the verified claims of the request that ctx belongs to. ok
// is false where nobody was authenticated: on a public route, for an anonymous
// caller of an optional one, and outside of any guard.
func ClaimsFrom(ctx context.Context) (claims *Claims, ok bool) {
	if id := identityFrom(ctx); id != nil && id.claims != nil {
		return id.claims, true
	}
	return nil, false
}

// ClaimsAs decodes the claims of the request that ctx belongs to into a T of
// the user's, by [Claims.Decode]. It is an error if there are none.
func ClaimsAs[T any](ctx context.Context) (T, error) {
	var v T
	claims, ok := ClaimsFrom(ctx)
	if !ok {
		return v, errNoClaims
	}
	err := claims.Decode(&v)
	return v, err
}
