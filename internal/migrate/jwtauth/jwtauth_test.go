package jwtauth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/bearerguard/bearerguard/internal/migrate"
	"github.com/bearerguard/bearerguard/internal/migrate/jwtauth"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

func after(t *testing.T, secret []byte) http.Handler {
	handler, guard, err := jwtauth.After(secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { guard.Close() })
	return handler
}

func TestThePageSaysWhatDiffers(t *testing.T) {
	migrate.Comparison{
		Page: "migrate-jwtauth.md", Old: "jwtauth v5.3.3", Target: "/orders",
		Issuer: authtest.Config{URL: "https://shop.example", Audience: "https://api.shop.example", Algorithm: "HS256"},
		Before: func(_ *testing.T, issuer *authtest.Issuer) migrate.Server {
			return migrate.Serve(jwtauth.Before(issuer.Key().Secret()))
		},
		After: func(t *testing.T, issuer *authtest.Issuer) migrate.Server {
			return migrate.Serve(after(t, issuer.Key().Secret()))
		},
	}.Check(t)
}

func TestTheTokenOfTheLoginIsAccepted(t *testing.T) {
	secret := []byte("a secret of at least 32 octets...")
	for name, api := range map[string]http.Handler{"before": jwtauth.Before(secret), "after": after(t, secret)} {
		migrate.LogIn(t, name, api, httptest.NewRequest(http.MethodPost, "/login", http.NoBody), "/orders")
	}
}
