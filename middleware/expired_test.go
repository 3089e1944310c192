package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// told is all that a caller gets of a refusal, in one text.
func told(e *middleware.Error) string {
	_, body := e.Body()
	return fmt.Sprintf("%s|%d|%d|%s|%s|%s|%v|%t|%v|%v|%v|%v|%s",
		e.Code(), e.Status(), e.GRPCCode(), e, body, challenge(e), e.Header(), e.Expired(), e.Scopes(), e.RetryAfter(),
		e.ACRValues(), e.MaxAge(), e.ResourceMetadata())
}

const (
	expiredText      = "the token has expired"
	expiredChallenge = `Bearer realm="api", error="invalid_token", error_description="the token has expired"`
)

func wantExpired(t *testing.T, what string, err error) {
	t.Helper()
	var e *middleware.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: not refused: %v", what, err)
		return
	}
	_, body := e.Body()
	if e.Code() != "invalid" || e.Status() != 401 || e.GRPCCode() != 16 || !e.Expired() || e.Error() != expiredText ||
		challenge(e) != expiredChallenge || !strings.Contains(string(body), `"detail":"the token has expired"`) {
		t.Errorf("%s: %s", what, told(e))
	}
}

func TestErrExpiredIsAnInvalidToken(t *testing.T) {
	if !errors.Is(middleware.ErrExpired, middleware.ErrInvalidToken) ||
		errors.Is(middleware.ErrInvalidToken, middleware.ErrExpired) {
		t.Error("ErrExpired is not one kind of ErrInvalidToken")
	}
	var none *middleware.Error
	if none.Expired() || new(middleware.Error).Expired() {
		t.Error("no refusal says that a token has expired")
	}
}

// Each path on which a token is judged tells an expired one.
func TestExpiredIsToldOnEveryPath(t *testing.T) {
	anybody, optional := scopes.Authenticated(), scopes.Optional()
	minute := func(issuer *authtest.Issuer) middleware.Request {
		return marked("Bearer " + issuer.Mint(claims("exp", time.Now().Add(time.Minute).Unix())))
	}
	pass := func(t *testing.T, g *middleware.Guard, r middleware.Request) middleware.Pass {
		t.Helper()
		pass, err := g.Check(t.Context(), r, anybody)
		if err != nil {
			t.Fatal(err)
		}
		return pass
	}
	later := func() { time.Sleep(2 * time.Minute) }
	tests := []struct {
		name string
		do   func(t *testing.T, g *middleware.Guard, r middleware.Request) error
	}{
		{"a first check", func(t *testing.T, g *middleware.Guard, r middleware.Request) error {
			later()
			_, err := g.Check(t.Context(), r, anybody)
			return err
		}},
		{"an optional route", func(t *testing.T, g *middleware.Guard, r middleware.Request) error {
			later()
			_, err := g.Check(t.Context(), r, optional)
			return err
		}},
		{"a remembered token", func(t *testing.T, g *middleware.Guard, r middleware.Request) error {
			pass(t, g, r)
			later()
			_, err := g.Check(t.Context(), r, anybody)
			return err
		}},
		{"a check inside the request", func(t *testing.T, g *middleware.Guard, r middleware.Request) error {
			p := pass(t, g, r)
			later()
			_, err := g.Check(p.Context, r, anybody)
			return err
		}},
		{"Authorize", func(t *testing.T, g *middleware.Guard, r middleware.Request) error {
			p := pass(t, g, r)
			later()
			return g.Authorize(p.Context, optional)
		}},
		{"Renew", func(t *testing.T, g *middleware.Guard, r middleware.Request) error {
			p := pass(t, g, r)
			later()
			_, err := g.Renew(t.Context(), p, r, anybody)
			return err
		}},
		{"WhileAuthorized", func(t *testing.T, g *middleware.Guard, r middleware.Request) error {
			return g.WhileAuthorized(t.Context(), r, anybody, func(ctx context.Context) error {
				<-ctx.Done()
				wantExpired(t, "the cause of the end", context.Cause(ctx))
				return nil
			})
		}},
		{"WhileAuthorized on an optional route", func(t *testing.T, g *middleware.Guard, r middleware.Request) error {
			return g.WhileAuthorized(t.Context(), r, optional, func(ctx context.Context) error {
				<-ctx.Done()
				return nil
			})
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				issuer := newIssuer(t, authtest.Config{})
				jwt := newJWT(t, issuer, nil)
				several, err := middleware.ByIssuer(map[string]middleware.Verifier{issuer.Config().Issuer: jwt})
				if err != nil {
					t.Fatal(err)
				}
				users := middleware.VerifierFunc(func(ctx context.Context, token string) (middleware.Claims, error) {
					c, err := jwt.Verify(ctx, token)
					if err != nil {
						err = fmt.Errorf("users: %w", err)
					}
					return c, err
				})
				for name, v := range map[string]middleware.Verifier{"JWT": jwt, "ByIssuer": several, "VerifierFunc": users} {
					var rec recorder
					g := newGuard(t, v, middleware.Options{Observe: rec.observe})
					wantExpired(t, name, tt.do(t, g, minute(issuer)))
					if e := rec.last(t); !errors.Is(e.Cause, middleware.ErrExpired) || !e.Err.Expired() {
						t.Errorf("%s: the observer is told %v", name, e.Cause)
					}
				}
			})
		})
	}
}

func TestAReportTellsAnExpiredToken(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	var rec recorder
	g := newGuard(t, newJWT(t, issuer, nil), middleware.Options{
		Observe: rec.observe, InsecureReportOnly: func(context.Context, middleware.Request) bool { return true },
	})
	_, err := g.Check(t.Context(), marked("Bearer "+issuer.Mint(claims("exp", 1))), scopes.Authenticated())
	if e := rec.last(t); err != nil || e.Outcome != middleware.OutcomeReported || !e.Err.Expired() {
		t.Errorf("%v; %s, %v", err, e.Outcome, e.Err)
	}
}

// Whatever else is wrong with a token, also with one that has expired, its sender is told
// the same.
func TestNoOtherCauseChangesTheAnswer(t *testing.T) {
	past := func(kv ...any) authtest.Token { return claims(append([]any{"exp", 1}, kv...)...) }
	with := func(t authtest.Token, kv ...any) authtest.Token { t.Header = header(kv...).Header; return t }
	forged := past()
	forged.Tamper = func(s string) string { return s[:len(s)-86] + strings.Repeat("A", 86) }
	tests := []struct {
		name  string
		token authtest.Token
		edit  func(*middleware.JWTConfig)
	}{
		{"no token", tamper(func(string) string { return "garbage" }), nil},
		{"several tokens", tamper(func(s string) string { return s + ", " + s }), nil},
		{"a token that is too long", tamper(func(s string) string { return s + strings.Repeat("A", 16<<10) }), nil},
		{"forged, expired", forged, nil},
		{"an unknown kid, expired", with(past(), "kid", "other"), nil},
		{"another alg, expired", with(past(), "alg", "none"), nil},
		{"another typ, expired", with(past(), "typ", "dpop+jwt"), nil},
		{"crit, expired", with(past(), "crit", []string{"x"}), nil},
		{"another issuer, expired", past("iss", "https://issuer.example"), nil},
		{"another audience, expired", past("aud", "https://other.test"), nil},
		{"bound, expired", past("cnf", map[string]any{"jkt": "x"}), nil},
		{"an ID token, expired", with(past("at_hash", "x"), "typ", "JWT"), nil},
		{"a logout token, expired", with(past("events", map[string]any{}), "typ", "JWT"), nil},
		{"RFC 9068 without jti, expired", past("jti", nil), func(c *middleware.JWTConfig) { c.RequireRFC9068 = true }},
		{"a claim of a wrong type, expired", past("sub", 7), nil},
		{"no exp", claims("exp", nil), nil},
		{"exp of a wrong type", claims("exp", "1"), nil},
		{"not valid yet", claims("nbf", int64(4e9)), nil},
		{"not valid yet, expired", past("nbf", int64(4e9)), nil},
		{"issued in the future, expired", past("iat", int64(4e9)), nil},
		{"good for too long, expired", past("iat", -7200), func(c *middleware.JWTConfig) { c.MaxLifetime = time.Hour }},
		{"refused by Validate", authtest.Token{}, func(c *middleware.JWTConfig) {
			c.Validate = func(context.Context, middleware.Claims) error { return middleware.ErrInvalidToken }
		}},
	}
	plain := newGuard(t, opaque, middleware.Options{})
	want := told(refuse(t, plain, t.Context(), bearer("forged"), scopes.Authenticated()))
	if !strings.Contains(want, "invalid token") || strings.Contains(want, "has expired") {
		t.Fatal(want)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			issuer := newIssuer(t, authtest.Config{})
			v := newJWT(t, issuer, tt.edit)
			token := issuer.Mint(tt.token)
			several, err := middleware.ByIssuer(map[string]middleware.Verifier{issuer.Config().Issuer: v})
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range []middleware.Verifier{v, several} {
				for _, knob := range []bool{false, true} {
					for _, need := range []scopes.Requirement{scopes.Authenticated(), scopes.Optional()} {
						g := newGuard(t, v, middleware.Options{ExpiredIsAnonymous: knob})
						if got := told(refuse(t, g, t.Context(), bearer(token), need)); got != want {
							t.Errorf("%s: told\n%s\nwant\n%s", need, got, want)
						}
					}
				}
			}
		})
	}
}

func TestAConfiguredBodyTellsAnExpiredToken(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	g := newGuard(t, newJWT(t, issuer, nil), middleware.Options{
		Body: func(_ context.Context, _ middleware.Request, e *middleware.Error) (string, []byte) {
			return "text/plain", fmt.Append(nil, e.Expired())
		},
	})
	for token, want := range map[string]string{issuer.Mint(claims("exp", 1)): "true", "garbage": "false"} {
		if _, body := refuse(t, g, t.Context(), bearer(token), scopes.Authenticated()).Body(); string(body) != want {
			t.Errorf("the body of %q is %q", token, body)
		}
	}
}
