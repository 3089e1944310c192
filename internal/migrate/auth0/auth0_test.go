package auth0_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/internal/migrate"
	"github.com/bearerguard/bearerguard/internal/migrate/auth0"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

func TestThePageSaysWhatDiffers(t *testing.T) {
	migrate.Comparison{
		Page: "migrate-auth0.md", Old: "auth0 v3.3.0", Target: "/orders",
		Issuer: authtest.Config{Addr: "127.0.0.1:0"},
		Before: func(t *testing.T, issuer *authtest.Issuer) migrate.Server {
			handler, err := auth0.Before(issuer.URL(), issuer.Audience())
			if err != nil {
				t.Fatal(err)
			}
			return migrate.Serve(handler)
		},
		After: func(t *testing.T, issuer *authtest.Issuer) migrate.Server {
			handler, guard, err := auth0.After(issuer.URL(), issuer.Audience())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { guard.Close() })
			return migrate.Serve(handler)
		},
	}.Check(t)
}

func TestTheTrialRefusesNothingByItself(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{Addr: "127.0.0.1:0", Algorithm: "RS256"})
	var log bytes.Buffer
	handler, guard, err := auth0.Trial(issuer.URL(), issuer.Audience(), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer guard.Close()
	noExpiry := map[string]any{"exp": nil}
	otherAPI := map[string]any{"aud": "https://other.test"}
	for what, test := range map[string]struct {
		token  authtest.Token
		status string
		line   string // in the log
	}{
		"both accept it":       {authtest.Token{Scope: "orders:read"}, "200", ""},
		"the guard refuses it": {authtest.Token{Scope: "orders:read", Claims: noExpiry}, "200", "exp is missing"},
		"both refuse it":       {authtest.Token{Claims: otherAPI}, "401", ""},
	} {
		log.Reset()
		r := httptest.NewRequest(http.MethodGet, "/orders", http.NoBody)
		r.Header.Set("Authorization", "Bearer "+issuer.Mint(test.token))
		if status := migrate.Serve(handler)(r).Status; status != test.status {
			t.Errorf("%s: %s, want %s", what, status, test.status)
		}
		if test.line == "" != (log.Len() == 0) || !strings.Contains(log.String(), test.line) {
			t.Errorf("%s: the log has %q, want %q", what, &log, test.line)
		}
	}
}
