// The program of docs/getting-started.md, and its test.
package main

import (
	"fmt"
	"log"
	"log/slog"
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

func main() {
	guard, err := middleware.New(middleware.JWTConfig{
		Issuer:   "https://issuer.example",        // iss of the tokens, to the letter
		Audience: []string{"https://api.example"}, // aud of the tokens: the name of this API
	}, middleware.Options{Logger: slog.Default()})
	if err != nil {
		log.Fatal(err)
	}
	defer guard.Close()
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", routes(guard)))
}

func routes(guard *middleware.Guard) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /orders", func(w http.ResponseWriter, r *http.Request) {
		claims, _ := middleware.ClaimsFrom(r.Context())
		fmt.Fprintln(w, "orders of", claims.Subject())
	})
	return httpauth.Mux(guard, scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /healthz": scopes.Public(),
		"GET /orders":  scopes.All("orders:read"),
	}}.MustCompile(), mux)
}
