package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type pointer struct{}

func (*pointer) Verify(context.Context, string) (middleware.Claims, error) {
	return middleware.Claims{}, nil
}

func TestByIssuerNamesEveryFault(t *testing.T) {
	jwt := newJWT(t, newIssuer(t, authtest.Config{}), nil) // of https://issuer.test
	tests := []struct {
		name      string
		verifiers map[string]middleware.Verifier
		want      []string
	}{
		{"no map", nil, []string{"no verifier"}},
		{"no verifier", map[string]middleware.Verifier{}, []string{"no verifier"}},
		{"nil verifiers", map[string]middleware.Verifier{
			"a": nil, "b": (*middleware.JWT)(nil), "c": (*pointer)(nil), "d": middleware.VerifierFunc(nil), "e": opaque,
		}, []string{
			`ByIssuer["a"]: no verifier`, `ByIssuer["b"]: no verifier`, `ByIssuer["c"]: no verifier`,
			`ByIssuer["d"]: no verifier`,
		}},
		{"an empty name", map[string]middleware.Verifier{"": opaque}, []string{"an empty name"}},
		{"a JWT under another name", map[string]middleware.Verifier{"https://issuer.test/": jwt, "x": nil}, []string{
			`ByIssuer["https://issuer.test/"]: a JWT whose Issuer is "https://issuer.test"`, `ByIssuer["x"]: no verifier`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := middleware.ByIssuer(tt.verifiers)
			if err == nil || v != nil {
				t.Fatal("accepted")
			}
			if got := strings.Count(err.Error(), "\n") + 1; got != len(tt.want) {
				t.Errorf("%d faults, want %d:\n%v", got, len(tt.want), err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not speak of %s:\n%v", want, err)
				}
			}
		})
	}
}

func TestByIssuerHandsTheTokenToAVerifierOfTheUsers(t *testing.T) {
	issuer, other := newIssuer(t, authtest.Config{}), newIssuer(t, authtest.Config{URL: "https://other.test"})
	var got string
	verifiers := map[string]middleware.Verifier{
		issuer.URL(): newJWT(t, issuer, nil),
		other.URL(): middleware.VerifierFunc(func(_ context.Context, token string) (middleware.Claims, error) {
			got = token
			return middleware.NewClaims(map[string]any{"sub": "by the function", "iss": other.URL()})
		}),
	}
	v, err := middleware.ByIssuer(verifiers)
	if err != nil {
		t.Fatal(err)
	}
	delete(verifiers, other.URL()) // the map stays the caller's
	token := other.Mint(authtest.Token{})
	c, err := v.Verify(t.Context(), token)
	if err != nil || got != token || c.Subject() != "by the function" {
		t.Errorf("%v, %q is given %q", err, c.Subject(), got)
	}
	if c, err := v.Verify(t.Context(), issuer.Mint(authtest.Token{})); err != nil || c.Issuer() != issuer.URL() {
		t.Errorf("%v, %q", err, c.Issuer())
	}
}

func TestNewMultiIssuerNamesEveryFault(t *testing.T) {
	audience := []string{"https://api.test"}
	static := trust(t, newKey(t, "ES256"))
	offline := &http.Client{Transport: roundTripper(
		func(*http.Request) (*http.Response, error) { return nil, errors.New("offline") },
	)}
	tests := []struct {
		name string
		cfgs []middleware.JWTConfig
		opts middleware.Options
		want []string
	}{
		{"no configuration, and a bad option", nil, middleware.Options{Cookie: "a b"}, []string{"no JWTConfig", "Options.Cookie"}},
		{"faults of two", []middleware.JWTConfig{{Issuer: "https://a.test", Audience: audience, Client: offline}, {Audience: audience, Keys: static}, {Issuer: "http://far.test", Client: offline}}, middleware.Options{Cookie: "a b"}, []string{
			"JWTConfig[1].Issuer: required", "JWTConfig[2].Audience: required", "JWTConfig[2].Issuer: ", "Options.Cookie",
		}},
		{"one issuer three times", []middleware.JWTConfig{
			{Issuer: "https://a.test", Audience: audience, Client: offline}, {Issuer: "https://a.test", Audience: audience, Keys: static}, {Issuer: "https://a.test", Audience: audience, Client: offline},
		}, middleware.Options{}, []string{
			`JWTConfig[1].Issuer: "https://a.test" is also that of JWTConfig[0]`,
			`JWTConfig[2].Issuer: "https://a.test" is also that of JWTConfig[0]`,
		}},
		{"one issuer twice, with credentials", []middleware.JWTConfig{
			{Issuer: "https://u:secret@a.test", Audience: audience, Client: offline}, {Issuer: "https://u:secret@a.test", Audience: audience, Client: offline},
		}, middleware.Options{}, []string{
			`JWTConfig[0].Issuer: "https://a.test" has credentials`, `JWTConfig[1].Issuer: "https://a.test" has credentials`,
			`JWTConfig[1].Issuer: "https://a.test" is also that of JWTConfig[0]`,
		}},
		{"two issuers without a name", []middleware.JWTConfig{{Audience: audience, Keys: static}, {Audience: audience, Keys: static}}, middleware.Options{}, []string{
			"JWTConfig[0].Issuer: required", "JWTConfig[1].Issuer: required",
		}},
		{"a Client beside Keys", []middleware.JWTConfig{{Issuer: "https://a.test", Audience: audience, Keys: static, Client: http.DefaultClient}}, middleware.Options{}, []string{
			"JWTConfig[0].Client: has no effect beside Keys",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// A bubble that is left with a goroutine fails its test.
			synctest.Test(t, func(t *testing.T) {
				g, err := middleware.NewMultiIssuer(tt.cfgs, tt.opts)
				if err == nil || g != nil {
					t.Fatal("accepted")
				}
				if got := strings.Count(err.Error(), "\n") + 1; got != len(tt.want) {
					t.Errorf("%d faults, want %d:\n%v", got, len(tt.want), err)
				}
				for _, want := range tt.want {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("the error does not speak of %s:\n%v", want, err)
					}
				}
			})
		})
	}
}

// A bubble that is left with a goroutine fails its test: that is how Close is tested.
func TestAGuardClosesAllThatItMade(t *testing.T) {
	constructors := map[string]func(cfgs []middleware.JWTConfig) (*middleware.Guard, error){
		"New": func(cfgs []middleware.JWTConfig) (*middleware.Guard, error) {
			return middleware.New(cfgs[0], middleware.Options{})
		},
		"NewMultiIssuer": func(cfgs []middleware.JWTConfig) (*middleware.Guard, error) {
			return middleware.NewMultiIssuer(cfgs, middleware.Options{})
		},
	}
	for name, construct := range constructors {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				issuers := []*authtest.Issuer{
					newIssuer(t, authtest.Config{}), newIssuer(t, authtest.Config{URL: "https://other.test"}),
				}
				var cfgs []middleware.JWTConfig
				for _, i := range issuers {
					cfgs = append(cfgs, middleware.JWTConfig{Issuer: i.URL(), Audience: []string{i.Audience()}, Client: i.Client()})
				}
				g, err := construct(cfgs)
				if err != nil {
					t.Fatal(err)
				}
				if err := g.Ready(t.Context()); err != nil {
					t.Fatal(err)
				}
				check := func(i *authtest.Issuer) error {
					pass, err := g.Check(
						t.Context(), middleware.Request{Header: bearer(i.Mint(authtest.Token{}))}, scopes.Authenticated(),
					)
					if c, ok := middleware.ClaimsFrom(pass.Context); err == nil && (!ok || c.Issuer() != i.URL()) {
						t.Errorf("the claims are of %q, want %q", c.Issuer(), i.URL())
					}
					return err
				}
				if name == "NewMultiIssuer" {
					if err := check(issuers[1]); err != nil {
						t.Error(err)
					}
				}
				if err := errors.Join(check(issuers[0]), g.Close(), g.Close(), check(issuers[0])); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestTokensOfSeveralIssuersAreRemembered(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	g, err := middleware.NewMultiIssuer([]middleware.JWTConfig{
		{Issuer: issuer.URL(), Audience: []string{issuer.Audience()}, Keys: trust(t, issuer.Key())},
	}, middleware.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := middleware.Request{Header: bearer(issuer.Mint(authtest.Token{}))}
	for i, want := range []bool{false, true} {
		if pass, err := g.Check(t.Context(), r, scopes.Authenticated()); err != nil || pass.Remembered != want {
			t.Errorf("check %d: remembered %t, %v", i+1, pass.Remembered, err)
		}
	}
}

type hungHandler struct {
	slog.Handler
	until chan struct{}
}

func (h hungHandler) Handle(context.Context, slog.Record) error { <-h.until; return nil }

func TestCloseOfManyIssuersTakesASecondAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		until := make(chan struct{})
		defer close(until)
		offline := &http.Client{Transport: roundTripper(
			func(*http.Request) (*http.Response, error) { return nil, errors.New("offline") },
		)}
		var cfgs []middleware.JWTConfig
		for i := range 20 {
			cfgs = append(cfgs, middleware.JWTConfig{
				Issuer: fmt.Sprintf("https://%d.test", i), Audience: []string{"https://api.test"}, Client: offline,
			})
		}
		g, err := middleware.NewMultiIssuer(cfgs, middleware.Options{
			Logger: slog.New(hungHandler{slog.NewTextHandler(io.Discard, nil), until}),
		})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // each cache has something to tell
		before := time.Now()
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(before); took > time.Second {
			t.Errorf("Close took %v", took)
		}
	})
}
