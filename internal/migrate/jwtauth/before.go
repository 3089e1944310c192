package jwtauth

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/jwtauth/v5"
)

// Before is the API with jwtauth.
func Before(secret []byte) http.Handler {
	tokenAuth := jwtauth.New("HS256", secret, nil)
	r := chi.NewRouter()
	r.Post("/login", func(w http.ResponseWriter, _ *http.Request) {
		// ... check the password
		claims := map[string]any{"sub": "alice", "scope": "orders:read"}
		jwtauth.SetExpiryIn(claims, time.Hour)
		_, token, err := tokenAuth.Encode(claims)
		if err != nil {
			http.Error(w, "no token", http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, `{"token":%q}`, token)
	})
	r.Group(func(r chi.Router) {
		r.Use(jwtauth.Verifier(tokenAuth))
		r.Use(jwtauth.Authenticator(tokenAuth))
		r.Get("/orders", func(w http.ResponseWriter, r *http.Request) {
			_, claims, _ := jwtauth.FromContext(r.Context())
			scope, _ := claims["scope"].(string)
			if !slices.Contains(strings.Fields(scope), "orders:read") {
				http.Error(w, "forbidden", http.StatusForbidden)
				return
			}
			fmt.Fprintf(w, "Hello, %v", claims["sub"])
		})
	})
	return r
}
