package jwtauth

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/bearerguard/bearerguard/adapters/chiauth"
	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/jwtauth/v5"
)

// The names of the issuer and of the API, which the login writes into each token.
const (
	issuer   = "https://shop.example"
	audience = "https://api.shop.example"
)

var policy = scopes.Policy{Routes: map[string]scopes.Requirement{
	"POST /login": scopes.Public(),
	"GET /orders": scopes.All("orders:read"),
}, Unrouted: scopes.Authenticated()}.MustCompile()

// After is the API with bearerguard. Close the guard after the server.
func After(secret []byte) (http.Handler, *middleware.Guard, error) {
	guard, err := newGuard(secret)
	if err != nil {
		return nil, nil, err
	}
	tokenAuth := jwtauth.New("HS256", secret, nil)
	r := chi.NewRouter()
	chiauth.Enforce(r, guard, policy)
	r.Post("/login", func(w http.ResponseWriter, _ *http.Request) {
		// ... check the password
		claims := map[string]any{"iss": issuer, "aud": audience, "sub": "alice", "scope": "orders:read"}
		jwtauth.SetExpiryIn(claims, time.Hour)
		_, token, err := tokenAuth.Encode(claims)
		if err != nil {
			http.Error(w, "no token", http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, `{"token":%q}`, token)
	})
	r.Get("/orders", func(w http.ResponseWriter, r *http.Request) {
		claims, _ := middleware.ClaimsFrom(r.Context())
		fmt.Fprintf(w, "Hello, %s", claims.Subject())
	})
	return r, guard, chiauth.Audit(r, policy)
}

func newGuard(secret []byte) (*middleware.Guard, error) {
	key, err := jwks.NewSecret("", "HS256", secret)
	if err != nil {
		return nil, err
	}
	keys, err := jwks.Static(key)
	if err != nil {
		return nil, err
	}
	return middleware.New(middleware.JWTConfig{
		Issuer: issuer, Audience: []string{audience},
		Keys: keys, Algorithms: []string{"HS256"},
	}, middleware.Options{Logger: slog.Default(), Cookie: "jwt"})
}
