package adaptertest

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
)

// verdict is the result of a custom verifier for every token. look is the number of the call,
// counted from 1.
type verdict func(ctx context.Context, look int) (middleware.Claims, error)

// asked is a verifier that returns its verdict.
type asked struct {
	verdict verdict
	looks   atomic.Int32
}

func (a *asked) Verify(ctx context.Context, _ string) (middleware.Claims, error) {
	return a.verdict(ctx, int(a.looks.Add(1)))
}

// says makes v the verifier of a case.
func says(v verdict) func(*middleware.JWT) (middleware.Verifier, error) {
	return func(*middleware.JWT) (middleware.Verifier, error) { return &asked{verdict: v}, nil }
}

// claims is a verdict that always returns c.
func claims(c map[string]any) verdict {
	return func(context.Context, int) (middleware.Claims, error) { return middleware.NewClaims(c) }
}

// confirmedBy returns claims that cnf binds to a sender.
func confirmedBy(cnf map[string]any) map[string]any {
	return map[string]any{"sub": "user-1", "scope": "things:read", "cnf": cnf}
}

// then returns a verdict that is first in the first call and later in all others.
func (first verdict) then(later verdict) verdict {
	return func(ctx context.Context, look int) (middleware.Claims, error) {
		if look == 1 {
			return first(ctx, look)
		}
		return later(ctx, look)
	}
}

// fails is a verdict that is an error.
func fails(err error) verdict {
	return func(context.Context, int) (middleware.Claims, error) {
		return middleware.Claims{}, fmt.Errorf("%w: "+secret, err)
	}
}

// lapsed returns claims that have expired already, as a verifier with a leeway accepts them. So
// the next check asks the verifier again.
func lapsed(subject, scope string) verdict { return claimsUntil(-time.Second, subject, scope) }

// lasting returns the claims of a token that does not expire during the case.
func lasting(subject, scope string) verdict { return claimsUntil(time.Hour, subject, scope) }

func claimsUntil(left time.Duration, subject, scope string) verdict {
	return func(ctx context.Context, look int) (middleware.Claims, error) {
		return claims(map[string]any{"sub": subject, "scope": scope, "exp": time.Now().Add(left)})(ctx, look)
	}
}

// begun is a verifier whose verdict is first until a stream has begun, which is that of a token
// that expires soon if nobody sets another one. A guard may check a token several times before
// that. After that the verdict counts the calls from 1.
type begun struct {
	first   verdict
	begun   atomic.Bool
	looks   atomic.Int32
	verdict verdict
}

func untilBegun(v verdict) *begun {
	return &begun{first: claimsUntil(grace, "user-1", "things:read"), verdict: v}
}

func (b *begun) begin() { b.begun.Store(true) }

func (b *begun) Verify(ctx context.Context, _ string) (middleware.Claims, error) {
	if !b.begun.Load() {
		return b.first(ctx, 0)
	}
	return b.verdict(ctx, int(b.looks.Add(1)))
}

func (b *begun) verifier(*middleware.JWT) (middleware.Verifier, error) { return b, nil }
