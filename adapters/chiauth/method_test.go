package chiauth_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/chiauth"
	"github.com/bearerguard/bearerguard/adapters/internal/harness"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/go-chi/chi/v5"
)

// A page of another origin may send a cookie with a GET. Such a request must not reach the
// handler of POST, and no handler may see a POST that was checked as a GET.
func TestRequireChecksACookieByTheMethodOfTheRoute(t *testing.T) {
	g := harness.Guard(t, middleware.Options{Cookie: "token"})
	need := scopes.Authenticated()
	// becomes changes the method of a request. forChi changes only the method by which chi
	// routes.
	becomes := func(method string) func(http.Handler) http.Handler {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if method != "" {
					r.Method = method
				}
				next.ServeHTTP(w, r)
			})
		}
	}
	forChi := func(method string) func(http.Handler) http.Handler {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				chi.RouteContext(r.Context()).RouteMethod = method
				next.ServeHTTP(w, r)
			})
		}
	}
	guards := map[string]func(chi.Router) chi.Router{
		"Require in a Group": func(r chi.Router) chi.Router { return r.With(chiauth.Require(g, need)) },
		"WhileAuthorized": func(r chi.Router) chi.Router {
			return r.With(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					err := chiauth.WhileAuthorized(g, w, r, need, func(context.Context) error {
						next.ServeHTTP(w, r)
						return nil
					})
					if err != nil {
						chiauth.Refuse(w, err)
					}
				})
			})
		},
	}
	for _, tt := range []struct {
		name, sent, forChi, route, becomes string
		want                               int
	}{
		{"a GET", "GET", "", "GET", "", 200},
		{"a POST", "POST", "", "POST", "", 403},
		{"a GET that becomes a POST for chi alone", "GET", "POST", "POST", "", 403},
		{"a POST that becomes a GET for chi alone", "POST", "GET", "GET", "", 403},
		{"a POST that becomes a GET behind the routing", "POST", "", "POST", "GET", 403},
		{"a GET that becomes a POST behind the routing", "GET", "", "GET", "POST", 403},
		{"HEAD that becomes a GET for chi alone", "HEAD", "GET", "GET", "", 200},
	} {
		for name, guarded := range guards {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				r := chi.NewRouter()
				r.Use(forChi(tt.forChi))
				guarded(r.With(becomes(tt.becomes))).Method(tt.route, "/", named("handler"))
				if got := crossSite(t, r, tt.sent); got != tt.want {
					t.Errorf("status %d, want %d", got, tt.want)
				}
			})
		}
		t.Run(tt.name+", Require under Use", func(t *testing.T) {
			if tt.becomes != "" {
				t.Skip("nothing is behind the routing yet")
			}
			r := chi.NewRouter()
			r.Use(forChi(tt.forChi), chiauth.Require(g, need))
			r.Method(tt.route, "/", named("handler"))
			if got := crossSite(t, r, tt.sent); got != tt.want {
				t.Errorf("status %d, want %d", got, tt.want)
			}
		})
	}
}

// crossSite sends a request with the cookie, as a page of another origin makes a browser
// send it, and returns the status of the answer.
func crossSite(t *testing.T, h http.Handler, method string) int {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL, http.NoBody)
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
	return resp.StatusCode
}
