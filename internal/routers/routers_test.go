// Package routers_test tests httpauth on gorilla/mux, which needs no adapter of its own.
// It runs the conformance table. It is in its own module, so that no other module depends
// on gorilla/mux.
package routers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gorilla/mux"
)

type known struct{}

func (known) Verify(_ context.Context, token string) (middleware.Claims, error) {
	if token != "good" {
		return middleware.Claims{}, middleware.ErrInvalidToken
	}
	return middleware.NewClaims(map[string]any{"sub": "user", "scope": "read"})
}

func TestRoutes(t *testing.T) {
	guard, err := middleware.NewWithVerifier(known{}, middleware.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ok := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "handler") }
	table := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /open":            scopes.Public(),
		"GET /things/{id}":     scopes.All("read"),
		"DELETE /things/{id}":  scopes.All("write"),
		"GET /api/v1/me":       scopes.Authenticated(),
		"GET /api/v1/users/{}": scopes.Authenticated(), // of nobody
	}}.MustCompile()

	router := mux.NewRouter()
	router.Use(mux.MiddlewareFunc(httpauth.Enforce(guard, table, onGorilla)))
	router.HandleFunc("/open", ok).Methods("GET")
	router.HandleFunc("/things/{id}", ok).Methods("GET")
	router.HandleFunc("/things/{id}", ok).Methods("DELETE")
	router.HandleFunc("/unlisted", ok).Methods("GET")
	router.PathPrefix("/api/v1").Subrouter().HandleFunc("/me", ok).Methods("GET")

	tests := []struct {
		name, method, target, token string
		want                        int
	}{
		{"a public route", "GET", "/open", "", 200},
		{"a wildcard without a token", "GET", "/things/7", "", 401},
		{"a wildcard with one", "GET", "/things/7", "good", 200},
		{"another method, another rule", "DELETE", "/things/7", "good", 403},
		{"a route that nobody listed", "GET", "/unlisted", "good", 403},
		{"a router inside", "GET", "/api/v1/me", "good", 200},
		{"a router inside, without a token", "GET", "/api/v1/me", "", 401},
		{"an unknown path: no middleware runs", "GET", "/nowhere", "good", 404},
		{"a wrong method, likewise", "PUT", "/open", "good", 405},
		{"HEAD is another method", "HEAD", "/open", "good", 405},
		{"an escaped slash: gorilla reads it as a slash, and the rule applies", "GET", "/things%2F7", "good", 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, tt.target, http.NoBody)
			if tt.token != "" {
				r.Header.Set("Authorization", "Bearer "+tt.token)
			}
			w := httptest.NewRecorder()
			router.ServeHTTP(w, r)
			if w.Code != tt.want {
				t.Errorf("%d, want %d", w.Code, tt.want)
			}
		})
	}
}
