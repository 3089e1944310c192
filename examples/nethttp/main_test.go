package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

func TestThingsAPI(t *testing.T) {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer issuer.Close()
	keys, err := jwks.New(jwks.Config{Issuer: issuer.URL(), Client: issuer.Client()})
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	guard, err := middleware.New(middleware.JWTConfig{Issuer: issuer.URL(), Audience: []string{issuer.Audience()}, Keys: keys}, middleware.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer guard.Close()
	api := httpauth.Mux(guard, policy.MustCompile(), routes())

	reader, writer := issuer.Mint(authtest.Token{Scope: "read:things"}), issuer.Mint(authtest.Token{Scope: "write:things"})
	tests := []struct {
		name, method, path, token string
		status                    int
		body                      string
	}{
		{"anybody may see what is public", "GET", "/public", "", 200, "hello"},
		{"a caller without a token is nobody", "GET", "/me", "", 401, ""},
		{"a caller with one is told who it is", "GET", "/me", reader, 200, `{"sub":"user-1"}`},
		{"a reader may read", "GET", "/read", reader, 200, "things"},
		{"a writer may not read", "GET", "/read", writer, 403, ""},
		{"a writer may write", "POST", "/write", writer, 200, "written"},
		{"a reader may not write", "POST", "/write", reader, 403, ""},
		{"GET is no method of write", "GET", "/write", writer, 405, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, tt.path, http.NoBody)
			if tt.token != "" {
				r.Header.Set("Authorization", "Bearer "+tt.token)
			}
			w := httptest.NewRecorder()
			api.ServeHTTP(w, r)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.body) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

func TestRunServesUntilItIsToldToStop(t *testing.T) {
	t.Setenv("ISSUER", "")
	t.Setenv("ADDR", "127.0.0.1:0")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx); err != nil {
		t.Error(err)
	}
	t.Setenv("ADDR", "no such address")
	if err := run(t.Context()); err == nil || !strings.Contains(err.Error(), "ADDR") {
		t.Errorf("a bad ADDR: %v", err)
	}
	t.Setenv("ISSUER", "not an issuer")
	if err := run(t.Context()); err == nil || !strings.Contains(err.Error(), "Issuer") {
		t.Errorf("a bad ISSUER: %v", err)
	}
}
