package ginjwt_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/internal/migrate"
	"github.com/bearerguard/bearerguard/internal/migrate/ginjwt"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/gin-gonic/gin"
)

func init() { gin.SetMode(gin.ReleaseMode) }

func before(t *testing.T, secret []byte) http.Handler {
	engine, err := ginjwt.Before(secret)
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

func after(t *testing.T, secret []byte) http.Handler {
	engine, guard, err := ginjwt.After(secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { guard.Close() })
	return engine
}

func TestThePageSaysWhatDiffers(t *testing.T) {
	migrate.Comparison{
		Page: "migrate-gin-jwt.md", Old: "gin-jwt v3.4.1", Target: "/api/orders",
		Issuer: authtest.Config{URL: "https://shop.example", Audience: "https://api.shop.example", Algorithm: "HS256"},
		Claims: map[string]any{"role": "clerk"}, Poor: map[string]any{"role": "guest"},
		Before: func(t *testing.T, issuer *authtest.Issuer) migrate.Server {
			return migrate.Serve(before(t, issuer.Key().Secret()))
		},
		After: func(t *testing.T, issuer *authtest.Issuer) migrate.Server {
			return migrate.Serve(after(t, issuer.Key().Secret()))
		},
	}.Check(t)
}

func TestTheTokenOfTheLoginIsAccepted(t *testing.T) {
	secret := []byte("a secret of at least 32 octets...")
	for name, api := range map[string]http.Handler{"before": before(t, secret), "after": after(t, secret)} {
		login := httptest.NewRequest(http.MethodPost, "/login", strings.NewReader(`{"username":"alice","password":"x"}`))
		login.Header.Set("Content-Type", "application/json")
		migrate.LogIn(t, name, api, login, "/api/orders")
	}
}
