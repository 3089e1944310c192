package authtest_test

import (
	"errors"
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

// status returns the status of a request for a route that needs the scope read.
func status(t *testing.T, guard *middleware.Guard, token string) int {
	t.Helper()
	request := middleware.Request{Header: http.Header{"Authorization": {"Bearer " + token}}}
	_, err := guard.Check(t.Context(), request, scopes.All("read"))
	var refusal *middleware.Error
	if errors.As(err, &refusal) {
		return refusal.Status()
	}
	return http.StatusOK
}

// A guard of the issuer accepts only tokens of this issuer, whatever the algorithm is.
func TestGuard(t *testing.T) {
	for _, cfg := range []authtest.Config{
		{},
		{Addr: "127.0.0.1:0"},
		{URL: "https://issuer.test/realms/shop", Audience: "https://orders.test"},
		{Algorithm: "RS256"},
		{Algorithm: "PS384"},
		{Algorithm: "ES512"},
		{Algorithm: "EdDSA"},
		{Algorithm: "Ed25519"},
		{Algorithm: "HS256"},
		{Algorithm: "HS512"},
	} {
		t.Run(cfg.Addr+cfg.URL+cfg.Algorithm, func(t *testing.T) {
			issuer := authtest.Start(t, cfg)
			guard := issuer.Guard(t, middleware.Options{})
			algorithm := issuer.Key().Algorithm()
			forged := authtest.Token{Scope: "read", Key: mustKey(t, algorithm), Header: map[string]any{"kid": issuer.Key().ID()}}
			for _, c := range []struct {
				name  string
				token authtest.Token
				want  int
			}{
				{"a good token", authtest.Token{Scope: "read"}, 200},
				{"another scope", authtest.Token{Scope: "write"}, 403},
				{"a forged token", forged, 401},
				{"another audience", authtest.Token{Scope: "read", Claims: map[string]any{"aud": "https://other.test"}}, 401},
				{"another issuer", authtest.Token{Scope: "read", Claims: map[string]any{"iss": "https://other.test"}}, 401},
			} {
				if got := status(t, guard, issuer.Mint(c.token)); got != c.want {
					t.Errorf("%s: %d, want %d", c.name, got, c.want)
				}
			}
		})
	}
}

// In a bubble everything ends with the test, or synctest fails it.
func TestGuardInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := authtest.Start(t, authtest.Config{})
		guard := issuer.Guard(t, middleware.Options{})
		if got := status(t, guard, issuer.Mint(authtest.Token{Scope: "read"})); got != 200 {
			t.Errorf("the first key: %d", got)
		}
		issuer.Break(authtest.Fault{Down: true})
		old := issuer.Key()
		issuer.Rotate()
		if got := status(t, guard, issuer.Mint(authtest.Token{Scope: "read"})); got != 503 {
			t.Errorf("a new key of an issuer that is down: %d", got)
		}
		if got := status(t, guard, issuer.Mint(authtest.Token{Scope: "read", Key: old})); got != 200 {
			t.Errorf("a known key of an issuer that is down: %d", got)
		}
		issuer.Heal()
		time.Sleep(time.Minute)
		if got := status(t, guard, issuer.Mint(authtest.Token{Scope: "read"})); got != 200 {
			t.Errorf("a new key of an issuer that has healed: %d", got)
		}
	})
}

func TestConfigIsTheCallersToAdjust(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	cfg := issuer.Config()
	cfg.Audience = append(cfg.Audience, "https://second.test")
	cfg.RequireRFC9068 = true
	guard, err := middleware.New(cfg, middleware.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer guard.Close()
	second := map[string]any{"aud": "https://second.test"}
	if got := status(t, guard, issuer.Mint(authtest.Token{Scope: "read", Claims: second})); got != 200 {
		t.Errorf("an audience that was added: %d", got)
	}
	plain := authtest.Token{Scope: "read", Header: map[string]any{"typ": "JWT"}}
	if got := status(t, guard, issuer.Mint(plain)); got != 401 {
		t.Errorf("a rule that was added: %d", got)
	}
	if again := issuer.Config(); len(again.Audience) != 1 {
		t.Errorf("the next Config has the audience %q", again.Audience)
	}
}

func TestStartClosesTheIssuer(t *testing.T) {
	var issuer *authtest.Issuer
	t.Run("a test", func(t *testing.T) { issuer = authtest.Start(t, authtest.Config{}) })
	if resp, err := issuer.Client().Get(issuer.URL() + "/jwks"); err == nil {
		resp.Body.Close()
		t.Error("the issuer answers when the test has ended")
	}
}

// failing is a testing.TB that records a failure. Fatal ends its goroutine, as Fatal of
// testing does.
type failing struct {
	testing.TB
	failed bool
}

func (f *failing) Helper()      {}
func (f *failing) Fatal(...any) { f.failed = true; panic(f) }

func TestStartAndGuardFailTheTest(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	for name, call := range map[string]func(testing.TB){
		"Start": func(t testing.TB) { authtest.Start(t, authtest.Config{Algorithm: "none"}) },
		"Guard": func(t testing.TB) { issuer.Guard(t, middleware.Options{Realm: "a \"\n"}) },
	} {
		t.Run(name, func(t *testing.T) {
			f := &failing{TB: t}
			defer func() {
				if recover() != f || !f.failed {
					t.Error("the test goes on")
				}
			}()
			call(f)
		})
	}
}

// The outage is on purpose, so the default logger stays silent.
func TestGuardLogsOnlyToALoggerOfTheOptions(t *testing.T) {
	before := slog.Default()
	defer slog.SetDefault(before)
	var byDefault, own strings.Builder
	slog.SetDefault(slog.New(slog.NewTextHandler(&byDefault, nil)))
	synctest.Test(t, func(t *testing.T) {
		issuer := authtest.Start(t, authtest.Config{})
		issuer.Break(authtest.Fault{Status: 500})
		issuer.Guard(t, middleware.Options{})
		issuer.Guard(t, middleware.Options{Logger: slog.New(slog.NewTextHandler(&own, nil))})
		synctest.Wait()
	})
	if byDefault.Len() > 0 || !strings.Contains(own.String(), "keys cannot be fetched") {
		t.Errorf("the default logger has %q, and the other one %q", byDefault.String(), own.String())
	}
}
