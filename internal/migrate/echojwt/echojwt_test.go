package echojwt_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/bearerguard/bearerguard/internal/migrate"
	"github.com/bearerguard/bearerguard/internal/migrate/echojwt"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

func after(t *testing.T, secret []byte) http.Handler {
	e, guard, err := echojwt.After(secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { guard.Close() })
	return e
}

func TestThePageSaysWhatDiffers(t *testing.T) {
	migrate.Comparison{
		Page: "migrate-echo-jwt.md", Old: "echo-jwt v4.4.0", Target: "/api/orders",
		Issuer: authtest.Config{URL: "https://shop.example", Audience: "https://api.shop.example", Algorithm: "HS256"},
		Before: func(_ *testing.T, issuer *authtest.Issuer) migrate.Server {
			return migrate.Serve(echojwt.Before(issuer.Key().Secret()))
		},
		After: func(t *testing.T, issuer *authtest.Issuer) migrate.Server {
			return migrate.Serve(after(t, issuer.Key().Secret()))
		},
	}.Check(t)
}

func TestTheTokenOfTheLoginIsAccepted(t *testing.T) {
	secret := []byte("a secret of at least 32 octets...")
	for name, api := range map[string]http.Handler{"before": echojwt.Before(secret), "after": after(t, secret)} {
		migrate.LogIn(t, name, api, httptest.NewRequest(http.MethodPost, "/login", http.NoBody), "/api/orders")
	}
}
