package middleware_test

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// If the key of a known token has gone in an outage, the check waits for the key.
func TestATokenThatWaitedForItsKeyIsNotRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := newIssuer(t, authtest.Config{})
		var down, slow atomic.Bool
		client := &http.Client{Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
			if down.Load() {
				return nil, io.ErrUnexpectedEOF
			}
			if slow.Load() {
				time.Sleep(1500 * time.Millisecond)
			}
			return issuer.Client().Transport.RoundTrip(r)
		})}
		cache, err := jwks.New(jwks.Config{
			Issuer: issuer.URL(), Client: client, MaxRefresh: 10 * time.Second, MaxStale: 10 * time.Second,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer cache.Close()
		v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Keys = cache })
		g := newGuard(t, v, middleware.Options{})
		token := issuer.Mint(authtest.Token{Scope: "read"})
		req := middleware.Request{Header: bearer(token)}
		if _, err := g.Check(t.Context(), req, scopes.Authenticated()); err != nil {
			t.Fatal(err)
		}
		down.Store(true)
		time.Sleep(30 * time.Second)
		if _, err := g.Check(t.Context(), req, scopes.Authenticated()); err == nil {
			t.Fatal("keys did not go")
		}
		down.Store(false)
		slow.Store(true)
		time.Sleep(1600 * time.Millisecond)
		for range 20 {
			start := time.Now()
			pass, err := g.Check(t.Context(), req, scopes.Authenticated())
			took := time.Since(start)
			if err != nil {
				time.Sleep(100 * time.Millisecond)
				continue
			}
			if took == 0 || pass.Remembered {
				t.Errorf("remembered: %v, after %v", pass.Remembered, took)
			}
			if pass, err := g.Check(t.Context(), req, scopes.Authenticated()); err != nil || !pass.Remembered {
				t.Errorf("the next: %v, remembered: %v", err, pass.Remembered)
			}
			return
		}
		t.Error("the keys did not come back")
	})
}

// slowSet is a Set of the user's that takes time.
type slowSet struct{ jwks.Set }

func (s slowSet) Keys(ctx context.Context, q jwks.Query) ([]*jwks.Key, error) {
	time.Sleep(time.Second)
	return s.Set.Keys(ctx, q)
}

func TestNothingIsRememberedWhereASetOfTheUsersIsAsked(t *testing.T) {
	for name, set := range map[string]func(jwks.Set) jwks.Set{
		"a value":   func(s jwks.Set) jwks.Set { return slowSet{s} },
		"a pointer": func(s jwks.Set) jwks.Set { return &slowSet{s} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				issuer := newIssuer(t, authtest.Config{})
				v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Keys = set(c.Keys) })
				g := newGuard(t, v, middleware.Options{})
				req := middleware.Request{Header: bearer(issuer.Mint(authtest.Token{Scope: "read"}))}
				for range 2 {
					start := time.Now()
					pass, err := g.Check(t.Context(), req, scopes.Authenticated())
					if err != nil {
						t.Fatal(err)
					}
					if took := time.Since(start); took == 0 || pass.Remembered {
						t.Errorf("remembered: %t, after %v", pass.Remembered, took)
					}
				}
			})
		})
	}
}
