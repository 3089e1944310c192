package httpauth_test

import (
	"net/http"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// "*" is no path. The mux answers 400 by itself, so nobody is asked for a token.
func TestAStarIsABadRequestWhateverIsRegistered(t *testing.T) {
	g := guardOf(t, granting("read"), middleware.Options{})
	for _, patterns := range [][]string{nil, {"/"}, {"/{x}"}, {"GET /"}} {
		mux := http.NewServeMux()
		for _, pattern := range patterns {
			mux.Handle(pattern, named("handler"))
		}
		server := serving(t, false, httpauth.Mux(g, scopes.Policy{Default: scopes.All("admin")}.MustCompile(), mux))
		for _, token := range []string{"", "read"} {
			if status, body := raw(t, server, "GET *", token); status != 400 || body == "handler" {
				t.Errorf("patterns %q, token %q: %d %q", patterns, token, status, body)
			}
		}
	}
}

// Middleware in front reads from the request which pattern has served it. That of the mux
// outside is none that the mux inside has.
func TestARequestThatNoPatternMatchesHasNone(t *testing.T) {
	inner := http.NewServeMux()
	inner.Handle("GET /api/things", named("things"))
	guarded := httpauth.Mux(newGuard(t, nil), scopes.Policy{Default: scopes.Authenticated()}.MustCompile(), inner)
	for _, tt := range []struct {
		name, method, target, want string
		status                     int
	}{
		{"a pattern", "GET", "/api/things", "GET /api/things", 200},
		{"no pattern for the path", "GET", "/api/other", "", 404},
		{"no pattern for the method", "POST", "/api/things", "", 405},
	} {
		for kind, h := range map[string]http.Handler{"guarded": guarded, "not guarded": inner} {
			outer, pattern := http.NewServeMux(), "unset"
			outer.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
				h.ServeHTTP(w, r)
				pattern = r.Pattern
			})
			if w := do(outer, tt.method, tt.target, "good"); w.Code != tt.status || pattern != tt.want {
				t.Errorf("%s, %s: %d, pattern %q; want %d, %q", tt.name, kind, w.Code, pattern, tt.status, tt.want)
			}
		}
	}
}
