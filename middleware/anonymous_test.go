package middleware_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

var expiredIsAnonymous = middleware.Options{ExpiredIsAnonymous: true}

// minutely verifies tokens that expire a minute after the start of the bubble.
var minutely = middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) {
	if time.Now().Unix() >= bubbleStart+60 {
		return middleware.Claims{}, fmt.Errorf("minutely: %w", middleware.ErrExpired)
	}
	return middleware.NewClaims(map[string]any{"sub": "user", "exp": bubbleStart + 60})
})

func TestAnExpiredTokenCountsAsNoneOnAnOptionalRoute(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	expired := issuer.Mint(claims("exp", 1))
	cookie := func(o *middleware.Options) { o.Cookie = "session" }
	tests := []struct {
		name string
		edit func(*middleware.Options) // of Options with ExpiredIsAnonymous
		r    middleware.Request
		need scopes.Requirement
		want middleware.Code
	}{
		{"an optional route", nil, marked("Bearer " + expired), scopes.Optional(), ""},
		{"a cookie", cookie, middleware.Request{Header: fields("Cookie", "session="+expired)}, scopes.Optional(), ""},
		{"a cookie that a page of another origin sent", cookie, middleware.Request{
			Method: "POST", Header: fields("Cookie", "session="+expired, "Sec-Fetch-Site", "cross-site"),
		}, scopes.Optional(), "denied"},
		{"a route for anybody with a token", nil, marked("Bearer " + expired), scopes.Authenticated(), "invalid"},
		{"a route that needs a scope", nil, marked("Bearer " + expired), scopes.All("read"), "invalid"},
		{"a forged token", nil, marked("Bearer " + expired + "A"), scopes.Optional(), "invalid"},
		{"by default", func(o *middleware.Options) { o.ExpiredIsAnonymous = false }, marked("Bearer " + expired), scopes.Optional(), "invalid"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var rec recorder
			opts := middleware.Options{ExpiredIsAnonymous: true, Observe: rec.observe}
			if tt.edit != nil {
				tt.edit(&opts)
			}
			g := newGuard(t, newJWT(t, issuer, nil), opts)
			// Around it is a request of another guard with claims of its own.
			outer, err := newGuard(t, opaque, middleware.Options{}).Check(
				t.Context(), middleware.Request{Header: bearer("reader")}, scopes.Authenticated(),
			)
			if err != nil {
				t.Fatal(err)
			}
			pass, err := g.Check(outer.Context, tt.r, tt.need)
			if codeOf(err) != tt.want {
				t.Fatalf("got %v", err)
			}
			e := rec.last(t)
			if err != nil {
				return
			}
			if got := subject(pass.Context); got != "" || !pass.Until.IsZero() || pass.Remembered {
				t.Errorf("the handler sees %q, until %v, remembered %t", got, pass.Until, pass.Remembered)
			}
			if e.Outcome != middleware.OutcomePassed || e.Err != nil || e.Cause != nil || !e.Claims.IsZero() {
				t.Errorf("the observer is told %s, %v, %v", e.Outcome, e.Err, e.Cause)
			}
		})
	}
}

// What a handler asks for beyond the optional route is refused for the expired token, and not
// for a missing one.
func TestAHandlerBehindAnExpiredTokenIsGrantedNothing(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	r := middleware.Request{Header: bearer(issuer.Mint(claims("exp", 1)))}
	g := newGuard(t, newJWT(t, issuer, nil), expiredIsAnonymous)
	pass, err := g.Check(t.Context(), r, scopes.Optional())
	if err != nil {
		t.Fatal(err)
	}
	inside := func(need scopes.Requirement) error { _, err := g.Check(pass.Context, r, need); return err }
	for _, need := range []scopes.Requirement{scopes.Authenticated(), scopes.All("read")} {
		wantExpired(t, "Authorize", g.Authorize(pass.Context, need))
		wantExpired(t, "Check", inside(need))
	}
	for _, need := range []scopes.Requirement{scopes.Optional(), scopes.Public()} {
		if err := g.Authorize(pass.Context, need); err != nil {
			t.Errorf("Authorize %s: %v", need, err)
		}
		if err := inside(need); err != nil {
			t.Errorf("Check %s: %v", need, err)
		}
	}
	if err := g.Authorize(pass.Context, scopes.Deny()); codeOf(err) != "denied" {
		t.Errorf("Authorize deny: %v", err)
	}
	public, err := g.Check(pass.Context, r, scopes.Public())
	if err != nil || public.Context != pass.Context {
		t.Errorf("a public route inside counts as another request: %v", err)
	}
	if got := subject(pass.Context); got != "" {
		t.Errorf("the handler sees %q", got)
	}
}

// An anonymous caller without a token is told the same as ever.
func TestAHandlerOfAnAnonymousCallerStillAsksForAToken(t *testing.T) {
	g := newGuard(t, opaque, expiredIsAnonymous)
	pass, err := g.Check(t.Context(), middleware.Request{}, scopes.Optional())
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Authorize(pass.Context, scopes.Authenticated()); codeOf(err) != "missing" {
		t.Errorf("got %v", err)
	}
}

// A request or stream that began with a good token does not become anonymous.
func TestWhatBeganWithAGoodTokenStillEnds(t *testing.T) {
	optional := scopes.Optional()
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(t, minutely, expiredIsAnonymous)
		r := middleware.Request{Header: bearer("token")}
		pass, err := g.Check(t.Context(), r, optional)
		if err != nil || subject(pass.Context) != "user" {
			t.Fatalf("%v", err)
		}
		wantExpired(t, "WhileAuthorized", g.WhileAuthorized(t.Context(), r, optional, func(ctx context.Context) error {
			<-ctx.Done()
			return nil
		}))
		_, err = g.Renew(t.Context(), pass, r, optional)
		wantExpired(t, "Renew", err)
		wantExpired(t, "Authorize", g.Authorize(pass.Context, optional))
		if got := subject(pass.Context); got != "user" {
			t.Errorf("the claims of the last good check are now those of %q", got)
		}
		// A check of its own inside, as of a message: nobody's claims are found in its context.
		inner, err := g.Check(pass.Context, r, optional)
		if err != nil || subject(inner.Context) != "" {
			t.Errorf("a check inside: %v, %q", err, subject(inner.Context))
		}
	})
}

// A stream that began with an expired token is anonymous, and nothing ends it.
func TestAStreamOfAnAnonymousCallerGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Hour)
		err := newGuard(t, minutely, expiredIsAnonymous).WhileAuthorized(
			t.Context(), withToken(), scopes.Optional(), func(ctx context.Context) error {
				time.Sleep(time.Hour)
				if subject(ctx) != "" {
					t.Error("the stream sees claims")
				}
				return ctx.Err()
			})
		if err != nil {
			t.Error(err)
		}
	})
}

// Only a request that would be refused is reported.
func TestAnExpiredTokenThatCountsAsNoneIsNotReported(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	var rec recorder
	asked := 0
	g := newGuard(t, newJWT(t, issuer, nil), middleware.Options{
		ExpiredIsAnonymous: true, Observe: rec.observe,
		InsecureReportOnly: func(context.Context, middleware.Request) bool { asked++; return true },
	})
	r := middleware.Request{Header: bearer(issuer.Mint(claims("exp", 1)))}
	pass, err := g.Check(t.Context(), r, scopes.Optional())
	if e := rec.last(t); err != nil || asked != 0 || e.Outcome != middleware.OutcomePassed {
		t.Fatalf("%v, asked %d times, %s", err, asked, e.Outcome)
	}
	if err := g.Authorize(pass.Context, scopes.All("read")); err != nil {
		t.Errorf("Authorize: %v", err)
	}
	if e := rec.last(t); e.Outcome != middleware.OutcomeReported || !e.Err.Expired() {
		t.Errorf("Authorize: %s, %v", e.Outcome, e.Err)
	}
}

// Authorize asks the verifier only about a token that has expired.
func TestAuthorizeDoesNotAskAboutATokenTwice(t *testing.T) {
	for _, tt := range []struct {
		name, token string
		options     middleware.Options
		code        middleware.Code
	}{
		{"a good token", "reader", middleware.Options{ExpiredIsAnonymous: true}, ""},
		{"a bad token that was only reported", "forged", middleware.Options{
			InsecureReportOnly: func(_ context.Context, r middleware.Request) bool { return r.Route == "reported" },
		}, middleware.CodeMissing},
	} {
		asked := 0
		counted := middleware.VerifierFunc(func(ctx context.Context, token string) (middleware.Claims, error) {
			asked++
			return opaque.Verify(ctx, token)
		})
		var rec recorder
		tt.options.Observe = rec.observe
		g := newGuard(t, counted, tt.options)
		r := middleware.Request{Route: "reported", Header: bearer(tt.token)}
		pass, err := g.Check(t.Context(), r, scopes.Authenticated())
		if err != nil {
			t.Fatal(err)
		}
		_ = g.Authorize(pass.Context, scopes.Authenticated())
		if code := rec.last(t).Err.Code(); asked != 1 || code != tt.code {
			t.Errorf("%s: asked %d times, code %q", tt.name, asked, code)
		}
	}
}
