package auth0_test

import (
	"testing"

	"github.com/bearerguard/bearerguard/internal/migrate"
	"github.com/bearerguard/bearerguard/internal/migrate/auth0"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

func TestThePageSaysWhatDiffers(t *testing.T) {
	migrate.Comparison{
		Page: "migrate-auth0.md", Old: "auth0 v3.3.0", Target: "/orders",
		Issuer: authtest.Config{Addr: "127.0.0.1:0", Algorithm: "RS256"},
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
