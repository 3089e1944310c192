package httpauth_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/adapters/internal/harness"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// A page of another origin may send a cookie with a GET. It must not reach the handler of POST
// with a POST that middleware behind the mux has changed into a GET.
func TestACookieIsJudgedByTheMethodOfThePattern(t *testing.T) {
	g := harness.Guard(t, middleware.Options{Cookie: "token"})
	becomes := func(method string, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Method = method
			next.ServeHTTP(w, r)
		})
	}
	require := httpauth.Require(g, scopes.Authenticated())(named("handler"))
	enforce := httpauth.Enforce(g, scopes.Policy{Default: scopes.Authenticated()}.MustCompile(),
		func(r *http.Request) string { return r.Pattern })(named("handler"))
	while := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := httpauth.WhileAuthorized(g, w, r, scopes.Authenticated(), func(context.Context) error { return nil })
		if err != nil {
			httpauth.Refuse(w, err)
		}
	})
	tests := []struct {
		name, pattern, sent, becomes string
		want                         int
	}{
		{"a POST that became a GET", "POST /transfer", "POST", "GET", 403},
		{"a POST that became HEAD", "POST /transfer", "POST", "HEAD", 403},
		{"a POST that stays a POST", "POST /transfer", "POST", "POST", 403},
		{"a GET", "GET /transfer", "GET", "GET", 200},
		{"HEAD by GET's pattern", "GET /transfer", "HEAD", "HEAD", 200},
		{"a pattern without a method", "/transfer", "GET", "GET", 200},
		{"a GET that became a POST", "GET /transfer", "GET", "POST", 403},
		{"HEAD by a pattern of its own that became a POST", "HEAD /transfer", "HEAD", "POST", 403},
		{"a POST that became a GET, by a pattern with a tab", "POST\t/transfer", "POST", "GET", 403},
		{"a pattern without a method that begins with a space", " /transfer", "GET", "GET", 200},
	}
	for _, tt := range tests {
		for kind, handler := range map[string]http.Handler{
			"Require": require, "Enforce": enforce, "WhileAuthorized": while,
		} {
			t.Run(tt.name+", "+kind, func(t *testing.T) {
				mux := http.NewServeMux()
				mux.Handle(tt.pattern, becomes(tt.becomes, handler))
				server := httptest.NewServer(mux)
				defer server.Close()
				r, err := http.NewRequestWithContext(t.Context(), tt.sent, server.URL+"/transfer", http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Cookie", "token=good")
				r.Header.Set("Sec-Fetch-Site", "cross-site")
				resp, err := server.Client().Do(r)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				if resp.StatusCode != tt.want {
					t.Errorf("status %d, want %d", resp.StatusCode, tt.want)
				}
			})
		}
	}
}
