package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// renewable is a verifier. By the first check, a token is good for a minute. second makes
// all later checks.
type renewable struct {
	checks int
	second func(context.Context) (middleware.Claims, error)
}

func (v *renewable) Verify(ctx context.Context, _ string) (middleware.Claims, error) {
	if v.checks++; v.checks == 1 {
		return middleware.NewClaims(map[string]any{"sub": "first", "exp": time.Now().Add(time.Minute)})
	}
	return v.second(ctx)
}

func TestACheckThatNobodyWaitsFor(t *testing.T) {
	refusal := func(context.Context) (middleware.Claims, error) {
		return middleware.Claims{}, middleware.ErrInvalidToken
	}
	tests := []struct {
		name   string
		second func(context.Context) (middleware.Claims, error)
		leave  bool
		code   middleware.Code
		events int
	}{
		{"it passes", func(context.Context) (middleware.Claims, error) {
			return middleware.NewClaims(map[string]any{"sub": "second"})
		}, false, "", 2},
		{"it is refused", refusal, false, middleware.CodeInvalid, 2},
		{"nobody waits for its refusal", refusal, true, middleware.CodeCanceled, 1},
		{"nobody waits for its pass", func(context.Context) (middleware.Claims, error) {
			return middleware.NewClaims(map[string]any{"sub": "second"})
		}, true, middleware.CodeCanceled, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				events := 0
				g, err := middleware.NewWithVerifier(&renewable{second: tt.second}, middleware.Options{
					Observe: func(context.Context, middleware.Event) { events++ },
				})
				if err != nil {
					t.Fatal(err)
				}
				r := middleware.Request{Header: http.Header{"Authorization": {"Bearer any"}}}
				pass, err := g.Check(t.Context(), r, scopes.Authenticated())
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Until(pass.Until))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.leave {
					cancel()
				}
				renewed, err := g.Renew(ctx, pass, r, scopes.Authenticated())
				var refused *middleware.Error
				if tt.code != "" && (!errors.As(err, &refused) || refused.Code() != tt.code) {
					t.Errorf("%v, want %v", err, tt.code)
				}
				if tt.code == "" && (err != nil || renewed.Context != pass.Context || !renewed.Until.IsZero()) {
					t.Errorf("%+v, %v", renewed, err)
				}
				want := "first"
				if tt.code == "" {
					want = "second"
				}
				if claims, _ := middleware.ClaimsFrom(pass.Context); claims.Subject() != want {
					t.Errorf("claims of %q, want %q", claims.Subject(), want)
				}
				if events != tt.events {
					t.Errorf("%d decisions were told, want %d", events, tt.events)
				}
			})
		})
	}
}

type theirKey struct{}

// The caller may put something into the context of a Pass.
func TestRenewFindsItsIdentityBehindOtherContexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		v := middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) {
			n++
			return middleware.NewClaims(map[string]any{
				"sub": fmt.Sprintf("user-%d", n), "scope": fmt.Sprintf("s%d", n), "exp": time.Now().Add(time.Minute),
			})
		})
		g := newGuard(t, v, middleware.Options{})
		r := middleware.Request{Header: bearer("token")}
		pass, err := g.Check(t.Context(), r, scopes.Authenticated())
		if err != nil {
			t.Fatal(err)
		}
		pass.Context = context.WithValue(pass.Context, theirKey{}, 1)
		time.Sleep(time.Minute)
		pass, err = g.Renew(t.Context(), pass, r, scopes.Authenticated())
		if err != nil {
			t.Fatal(err)
		}
		if s := subject(pass.Context); s != "user-2" {
			t.Errorf("claims of %s", s)
		}
	})
}

// A pass belongs to the guard that gave it.
func TestRenewChangesNothingOfAnotherGuard(t *testing.T) {
	mk := func(sub string) *middleware.Guard {
		return newGuard(t, middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) {
			return middleware.NewClaims(map[string]any{"sub": sub, "scope": sub})
		}), middleware.Options{})
	}
	a, b := mk("a"), mk("b")
	r := middleware.Request{Header: bearer("token")}
	pass, _ := a.Check(t.Context(), r, scopes.Authenticated())
	if _, err := b.Renew(t.Context(), pass, r, scopes.Authenticated()); err != nil {
		t.Fatal(err)
	}
	if err := a.Authorize(pass.Context, scopes.All("b")); err == nil {
		t.Error("guard a grants what b's verifier said")
	}
}
