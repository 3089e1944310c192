// Package routers_test shows httpauth on routers that need no adapter of their own,
// and holds them against the conformance table. It is a module of its own, so that
// nobody else gets their dependencies.
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
	"github.com/go-chi/chi/v5"
	"github.com/gorilla/mux"
)

// onChi spells the route of a request as chi knows it. chi runs the middleware of Use
// before it routes, so it has to be asked.
func onChi(router chi.Routes) func(*http.Request) string {
	return func(r *http.Request) string {
		found := chi.NewRouteContext()
		path := r.URL.RawPath // as chi itself chooses
		if path == "" {
			path = r.URL.Path
		}
		if !router.Match(found, r.Method, path) {
			return ""
		}
		return r.Method + " " + found.RoutePattern()
	}
}

type known struct{}

func (known) Verify(_ context.Context, token string) (middleware.Claims, error) {
	if token != "good" {
		return middleware.Claims{}, middleware.ErrInvalidToken
	}
	return middleware.ParseClaims([]byte(`{"sub":"user","scope":"read"}`))
}

func TestRoutes(t *testing.T) {
	guard, err := middleware.NewGuard(known{}, middleware.Options{})
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

	onChiRouter := chi.NewRouter()
	onChiRouter.Use(httpauth.Enforce(guard, table, onChi(onChiRouter)))
	onChiRouter.Get("/open", ok)
	onChiRouter.Get("/things/{id}", ok)
	onChiRouter.Delete("/things/{id}", ok)
	onChiRouter.Get("/unlisted", ok)
	inner := chi.NewRouter()
	inner.Get("/me", ok)
	onChiRouter.Mount("/api/v1", inner)

	onGorillaRouter := mux.NewRouter()
	onGorillaRouter.Use(mux.MiddlewareFunc(httpauth.Enforce(guard, table, onGorilla)))
	onGorillaRouter.HandleFunc("/open", ok).Methods("GET")
	onGorillaRouter.HandleFunc("/things/{id}", ok).Methods("GET")
	onGorillaRouter.HandleFunc("/things/{id}", ok).Methods("DELETE")
	onGorillaRouter.HandleFunc("/unlisted", ok).Methods("GET")
	onGorillaRouter.PathPrefix("/api/v1").Subrouter().HandleFunc("/me", ok).Methods("GET")

	tests := []struct {
		name, method, target, token string
		chi, gorilla                int
	}{
		{"a public route", "GET", "/open", "", 200, 200},
		{"a wildcard without a token", "GET", "/things/7", "", 401, 401},
		{"a wildcard with one", "GET", "/things/7", "good", 200, 200},
		{"another method, another rule", "DELETE", "/things/7", "good", 403, 403},
		{"a route that nobody listed", "GET", "/unlisted", "good", 403, 403},
		{"a router inside", "GET", "/api/v1/me", "good", 200, 200},
		{"a router inside, without a token", "GET", "/api/v1/me", "", 401, 401},
		{"an unknown path: chi's middleware runs, gorilla's does not", "GET", "/nowhere", "good", 403, 404},
		{"a wrong method, likewise", "PUT", "/open", "good", 403, 405},
		{"HEAD is another method", "HEAD", "/open", "good", 403, 405},
		{"an escaped slash: gorilla takes it for one, and the rule holds", "GET", "/things%2F7", "good", 403, 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for router, want := range map[http.Handler]int{onChiRouter: tt.chi, onGorillaRouter: tt.gorilla} {
				r := httptest.NewRequest(tt.method, tt.target, http.NoBody)
				if tt.token != "" {
					r.Header.Set("Authorization", "Bearer "+tt.token)
				}
				w := httptest.NewRecorder()
				router.ServeHTTP(w, r)
				if w.Code != want {
					t.Errorf("%T: %d, want %d", router, w.Code, want)
				}
			}
		})
	}
}
