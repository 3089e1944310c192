package docs_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// refuseRevoked makes cfg ask a list of revoked tokens.
func refuseRevoked(cfg *middleware.JWTConfig, isRevoked func(ctx context.Context, id string) (bool, error)) {
	cfg.Validate = func(ctx context.Context, c middleware.Claims) error {
		revoked, err := isRevoked(ctx, c.ID())
		switch {
		case err != nil:
			return err // it is unknown: 503
		case revoked:
			return fmt.Errorf("%w: revoked", middleware.ErrInvalidToken) // 401
		}
		return nil
	}
}

func TestARevokedTokenIsRefused(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	cfg := issuer.Config()
	refuseRevoked(&cfg, func(_ context.Context, id string) (bool, error) {
		if id == "unknown" {
			return false, errors.New("the list does not answer")
		}
		return id == "revoked", nil
	})
	guard, err := middleware.New(cfg, middleware.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer guard.Close()
	api := httpauth.Require(guard, scopes.Authenticated())(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for id, status := range map[string]int{
		"good": http.StatusOK, "revoked": http.StatusUnauthorized, "unknown": http.StatusServiceUnavailable,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.Header.Set("Authorization", "Bearer "+issuer.Mint(authtest.Token{Claims: map[string]any{"jti": id}}))
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		if w.Code != status {
			t.Errorf("%s: %d instead of %d", id, w.Code, status)
		}
	}
}

// twoNames trusts an issuer whose name in the tokens is not the one under which this program reaches it.
func twoNames() (*middleware.Guard, *jwks.Cache, error) {
	keys, err := jwks.New(jwks.Config{
		KeysURL:           "http://keycloak:8080/realms/shop/protocol/openid-connect/certs",
		InsecureAllowHTTP: true, // inside the network of the containers
	})
	if err != nil {
		return nil, nil, err
	}
	guard, err := middleware.New(middleware.JWTConfig{
		Issuer:   "http://localhost:8080/realms/shop",
		Audience: []string{"orders"},
		Keys:     keys, // close it after the guard
	}, middleware.Options{Logger: slog.Default()})
	return guard, keys, err
}

var _ = twoNames // not called, because nobody answers at keycloak:8080
