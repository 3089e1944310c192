package adaptertest

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
)

// verdict is what a verifier of the case's own says about every token, each time that
// it is asked: look counts from 1.
type verdict func(ctx context.Context, look int) (middleware.Claims, error)

// asked is a verifier that answers by its verdict.
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

// claims are the answer to every look.
func claims(c map[string]any) verdict {
	return func(context.Context, int) (middleware.Claims, error) { return middleware.NewClaims(c) }
}

// confirmedBy are claims that are bound to a sender by cnf.
func confirmedBy(cnf map[string]any) map[string]any {
	return map[string]any{"sub": "user-1", "scope": "things:read", "cnf": cnf}
}

// then answers the first look by first, and each later one by later.
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

// lapsed are the claims of a token whose verifier has a leeway of its own: they have
// expired, so that whoever looks at the clock asks again.
func lapsed(subject, scope string) verdict { return claimsUntil(-time.Second, subject, scope) }

// lasting are the claims of a token that outlives the case.
func lasting(subject, scope string) verdict { return claimsUntil(time.Hour, subject, scope) }

func claimsUntil(left time.Duration, subject, scope string) verdict {
	return func(ctx context.Context, look int) (middleware.Claims, error) {
		return claims(map[string]any{"sub": subject, "scope": scope, "exp": time.Now().Add(left)})(ctx, look)
	}
}

// begun is a verifier of tokens that expire soon, until a stream has begun: one may be
// checked several times before that, by a guard for the whole API, say. Looks are
// counted from there.
type begun struct {
	begun   atomic.Bool
	looks   atomic.Int32
	verdict verdict
}

func untilBegun(v verdict) *begun { return &begun{verdict: v} }

func (b *begun) begin() { b.begun.Store(true) }

func (b *begun) Verify(ctx context.Context, _ string) (middleware.Claims, error) {
	if !b.begun.Load() {
		return claimsUntil(grace, "user-1", "things:read")(ctx, 0)
	}
	return b.verdict(ctx, int(b.looks.Add(1)))
}

func (b *begun) verifier(*middleware.JWT) (middleware.Verifier, error) { return b, nil }
