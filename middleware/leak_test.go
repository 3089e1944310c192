package middleware_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// TestNoCauseAndNoTokenReachTheCaller looks for the marked texts in everything that may be sent to a caller,
// printed in each way.
func TestNoCauseAndNoTokenReachTheCaller(t *testing.T) {
	secret := errors.New("SECRET cause")
	for _, err := range []error{
		secret, fmt.Errorf("%w: %w", middleware.ErrInvalidToken, secret),
		fmt.Errorf("%w: %w", middleware.ErrForbidden, secret),
	} {
		g := newGuard(
			t,
			middleware.VerifierFunc(
				func(context.Context, string) (middleware.Claims, error) { return middleware.Claims{}, err },
			),
			middleware.Options{Body: fixed},
		)
		e := refuse(t, g, t.Context(), bearer("TOKEN"), scopes.Authenticated())
		_, body := e.Body()
		for _, text := range []string{
			e.Error(), string(body), challenge(e), fmt.Sprint(e.Header()),
			fmt.Sprintf("%v %+v %#v %s", e, e, e, e), fmt.Sprintf("%v %+v %#v", *e, *e, *e),
		} {
			if strings.Contains(text, "SECRET") || strings.Contains(text, "TOKEN") {
				t.Errorf("the caller is told %q", text)
			}
		}
		if errors.Is(e, secret) {
			t.Error("the cause can be unwrapped from what the caller's framework gets")
		}
	}
}

// The issuer signed the marks, so the log says them. The caller still learns none of it.
func TestNoSignedTextReachesTheCaller(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	anybody := scopes.Authenticated()
	for _, tt := range []struct {
		name  string
		token authtest.Token
		need  scopes.Requirement
	}{
		{"aud", claims("aud", "SECRET"), anybody},
		{"iss", claims("iss", "SECRET"), anybody},
		{"scope", claims("scope", "SECRET"), scopes.All("read")},
	} {
		var rec recorder
		v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Audience = []string{"https://api.test", "SECRET-OURS"} })
		g := newGuard(t, v, middleware.Options{Observe: rec.observe})
		e := refuse(t, g, t.Context(), bearer(issuer.Mint(tt.token)), tt.need)
		if got := told(e) + fmt.Sprintf("%v %+v", *e, e); strings.Contains(got, "SECRET") {
			t.Errorf("%s: the caller is told %s", tt.name, got)
		}
		if cause := rec.last(t).Cause.Error(); !strings.Contains(cause, "SECRET") {
			t.Errorf("%s: the operator is told %s", tt.name, cause)
		}
	}
}

// logged returns what the log says of a request with token.
func logged(t *testing.T, v middleware.Verifier, token string, need scopes.Requirement) string {
	t.Helper()
	var out bytes.Buffer
	g := newGuard(t, v, middleware.Options{Logger: slog.New(slog.NewTextHandler(&out, nil))})
	_ = refuse(t, g, t.Context(), bearer(token), need)
	return out.String()
}

func TestTheLogNeverHoldsTextOfATokenThatWasNotVerified(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, nil)
	one, err := middleware.ByIssuer(map[string]middleware.Verifier{"https://issuer.test": v})
	if err != nil {
		t.Fatal(err)
	}
	other, err := middleware.ByIssuer(map[string]middleware.Verifier{"other": opaque})
	if err != nil {
		t.Fatal(err)
	}
	forged := func(token authtest.Token) authtest.Token {
		token.Tamper = func(s string) string { return s[:len(s)-86] + strings.Repeat("A", 86) }
		return token
	}
	list := []authtest.Token{
		{RawHeader: "MARK"},
		{RawHeader: `{"MARK":1,"MARK":2}`},
		{RawHeader: `{"alg":"ES256","MARK":MARK}`},
		{Payload: "MARK"},
		{Payload: `{"MARK":1,"MARK":2}`},
		{Payload: `{"sub":{"MARK":"MARK"}}`},
		{Payload: `{"exp":["MARK"]}`},
		{Payload: `{"iss":"MARK`},
		forged(claims("iss", "MARK", "aud", "MARK", "scope", "MARK", "sub", "MARK", "exp", 1)),
		forged(claims("iss", "https://issuer.test", "aud", "MARK", "MARK", "MARK")),
		tamper(func(s string) string { return "MARK" + s }),
		tamper(func(s string) string { return s + ".MARK" }),
		tamper(func(s string) string { return s + " MARK" }),
		tamper(func(s string) string { return "MARK" }),
	}
	for _, member := range []string{
		"alg", "kid", "typ", "cty", "crit", "b64", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "enc", "zip", "iss", "MARK",
	} {
		for _, value := range []any{"MARK", "MARK\nMARK", []string{"MARK"}, map[string]any{"MARK": "MARK"}} {
			list = append(list, forged(header(member, value)))
		}
	}
	for _, token := range list {
		minted := issuer.Mint(token)
		for name, v := range map[string]middleware.Verifier{"JWT": v, "ByIssuer": one, "ByIssuer of others": other} {
			line := logged(t, v, minted, scopes.Authenticated())
			for _, part := range append(strings.Split(minted, "."), "MARK") {
				if strings.Contains(line, part) {
					t.Errorf("%s: %+v: the log holds %q:\n%s", name, token, part, line)
				}
			}
		}
	}
	// An unknown iss is not verified, although its signature is good.
	line := logged(t, other, issuer.Mint(claims("iss", "MARK")), scopes.Authenticated())
	if strings.Contains(line, "MARK") {
		t.Errorf("the log holds an unknown iss: %s", line)
	}
}

// What the issuer signed is quoted and cut.
func TestTheLogSaysSignedTextOnOneShortLine(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
		c.Grants = []middleware.Grant{{Path: "roles", Prefix: "role:"}}
	})
	long := "MARK\nlevel=ERROR \x1b[31m" + strings.Repeat("x", 10<<10)
	many := strings.Split(strings.Repeat("MARK\n ", 1000), " ")
	for name, token := range map[string]authtest.Token{
		"iss": claims("iss", long), "aud": claims("aud", long), "names in aud": claims("aud", many),
		"empty names in aud": claims("aud", append([]string{"MARK"}, make([]string, 3000)...)),
		"scope":              claims("scope", long), "names in scp": claims("scp", many), "roles": claims("roles", many),
		"a role": claims("roles", long),
	} {
		line := logged(t, v, issuer.Mint(token), scopes.All("role:admin"))
		if len(line) > 1500 || strings.Count(line, "\n") != 1 || strings.Contains(line, "\x1b") ||
			!strings.Contains(line, "MARK") {
			t.Errorf("%s: the log has %d bytes:\n%.3000q", name, len(line), line)
		}
	}
}

func TestTheLogCutsTheNameOfAKey(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	key, err := jwks.NewKey(strings.Repeat("MARK\n", 100_000), "ES256", issuer.Key().Public())
	if err != nil {
		t.Fatal(err)
	}
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
		if c.Keys, err = jwks.Static(key); err != nil {
			t.Fatal(err)
		}
	})
	line := logged(t, v, issuer.Mint(header("kid", nil)), scopes.All("read"))
	if len(line) > 1500 || !strings.Contains(line, "MARK") {
		t.Errorf("the log has %d bytes:\n%.1000q", len(line), line)
	}
}
