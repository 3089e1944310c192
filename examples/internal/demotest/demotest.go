// Package demotest has the tests that the examples of the things API share. A caller
// must get the same answers from each router.
package demotest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// Things tests the API that routes makes behind a guard. unrouted is the status for a
// request that no route serves. If it is 404, the status for a wrong method is 405.
func Things(t *testing.T, unrouted int, routes func(*middleware.Guard) (http.Handler, error)) {
	issuer := authtest.Start(t, authtest.Config{})
	guard := issuer.Guard(t, middleware.Options{})
	api, err := routes(guard)
	if err != nil {
		t.Fatal(err)
	}

	wrongMethod := unrouted
	if unrouted == http.StatusNotFound {
		wrongMethod = http.StatusMethodNotAllowed
	}
	reader, writer := issuer.Mint(authtest.Token{Scope: "read:things"}), issuer.Mint(authtest.Token{Scope: "write:things"})
	tests := []struct {
		name, method, path, token string
		status                    int
		body                      string
	}{
		{"a caller without a token may see a public route", "GET", "/public", "", 200, "hello"},
		{"a caller without a token has no name", "GET", "/me", "", 401, ""},
		{"a caller with a token sees its name", "GET", "/me", reader, 200, `{"sub":"user-1"}`},
		{"a reader may read", "GET", "/read", reader, 200, "things"},
		{"a writer may not read", "GET", "/read", writer, 403, ""},
		{"a writer may write", "POST", "/write", writer, 200, "written"},
		{"a reader may not write", "POST", "/write", reader, 403, ""},
		{"a wrong method", "GET", "/write", writer, wrongMethod, ""},
		{"an unknown path", "GET", "/nowhere", writer, unrouted, ""},
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

// Run tests the run function of an example. It must serve until ctx ends, and its error
// must name a variable of the environment that is wrong.
func Run(t *testing.T, run func(context.Context) error) {
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
