package gooidc_test

import (
	"net/http"
	"testing"

	"github.com/bearerguard/bearerguard/internal/migrate"
	"github.com/bearerguard/bearerguard/internal/migrate/auth0"
	"github.com/bearerguard/bearerguard/internal/migrate/gooidc"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

func TestThePageSaysWhatDiffers(t *testing.T) {
	migrate.Comparison{
		Page: "comparison.md", Old: "go-oidc v3.21.0", Target: "/orders",
		Issuer: authtest.Config{Addr: "127.0.0.1:0"},
		Before: func(t *testing.T, issuer *authtest.Issuer) migrate.Server {
			handler, err := gooidc.Before(t.Context(), issuer.URL(), issuer.Audience())
			if err != nil {
				return func(*http.Request) migrate.Answer { return migrate.Answer{Status: "does not start"} }
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
