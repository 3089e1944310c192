package chiauth_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/chiauth"
	"github.com/bearerguard/bearerguard/adapters/internal/harness"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/go-chi/chi/v5"
)

func raw(t *testing.T, server *httptest.Server, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

// caught returns the value that f panics with, or "" if f does not panic.
func caught(f func()) (message string) {
	defer func() {
		if value := recover(); value != nil {
			message, _ = value.(string)
			if message == "" {
				message = "something else"
			}
		}
	}()
	f()
	return ""
}

// A request that a handler passes to the router again is judged again, by the route that then
// serves it.
func TestAHandlerMayGiveTheRequestToTheRouterOnceMore(t *testing.T) {
	for _, where := range []string{"the outermost router", "a mounted router", "both"} {
		for _, reset := range []bool{true, false} {
			o := &told{}
			r := chi.NewRouter()
			table := policy(t, map[string]string{"GET /api/*": "public", "GET /api/open": "public", "GET /api/me": "read"})
			again := func(path string) http.HandlerFunc {
				return func(w http.ResponseWriter, req *http.Request) {
					if reset {
						chi.RouteContext(req.Context()).Reset()
					}
					req.URL.Path = path
					r.ServeHTTP(w, req)
				}
			}
			if where != "a mounted router" {
				chiauth.Enforce(r, observed(t, o), table)
			}
			r.Route("/api", func(r chi.Router) {
				if where != "the outermost router" {
					chiauth.Enforce(r, observed(t, o), table)
				}
				r.Get("/*", again("/api/me"))
				r.Get("/open", again("/api/open2"))
				r.Get("/me", named("secret"))
			})
			var w, with *httptest.ResponseRecorder
			panicked := caught(func() { w = do(r, "GET", "/api/x", ""); with = do(r, "GET", "/api/x", "good") })
			switch {
			case !reset && (where != "a mounted router"):
				if !strings.HasPrefix(panicked, "chiauth: ") {
					t.Errorf("%s, not reset: %q", where, panicked)
				}
			case !reset: // chi itself finds nothing then
			case panicked != "" || w.Code != 401 || with.Code != 200 || o.last() != "GET /api/me":
				t.Errorf("%s, reset: %q, %v, %v, judged as %q", where, panicked, w, with, o.last())
			}
		}
	}
}

func TestARequestThatNoRouteServesCannotComeBack(t *testing.T) {
	r := chi.NewRouter()
	chiauth.Enforce(r, newGuard(t), policy(t, map[string]string{"GET /index": "public", "unrouted": "public"}))
	r.NotFound(func(w http.ResponseWriter, req *http.Request) {
		chi.RouteContext(req.Context()).Reset()
		req.URL.Path = "/index"
		r.ServeHTTP(w, req)
	})
	r.Get("/index", named("index"))
	if got := caught(func() { do(r, "GET", "/x", "") }); !strings.Contains(got, "came back") {
		t.Errorf("%q", got)
	}
}

func TestAMiddlewareThatLeavesTheJudgedWayIsRefused(t *testing.T) {
	for name, confuse := range map[string]func(*chi.Context){
		"one that resets the route context":   func(c *chi.Context) { c.Reset() },
		"one that says that a route is found": func(c *chi.Context) { c.RoutePatterns = append(c.RoutePatterns, "/x") },
	} {
		r := chi.NewRouter()
		chiauth.Enforce(r, newGuard(t), policy(t, map[string]string{"GET /api/*": "public", "GET /api/me": "read"}))
		r.Route("/api", func(r chi.Router) {
			r.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					confuse(chi.RouteContext(r.Context()))
					chi.RouteContext(r.Context()).RoutePath = "/me"
					next.ServeHTTP(w, r)
				})
			})
			r.Get("/*", named("any"))
			r.Get("/me", named("secret"))
		})
		if got := caught(func() { do(r, "GET", "/api/x", "") }); !strings.HasPrefix(got, "chiauth: ") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestMistakesPanicAtOnce(t *testing.T) {
	g, table := newGuard(t), scopes.Policy{Default: scopes.Public()}.MustCompile()
	for name, f := range map[string]func(){
		"Require without a guard":  func() { chiauth.Require(nil, scopes.Public()) },
		"Enforce without a guard":  func() { chiauth.Enforce(chi.NewRouter(), nil, table) },
		"Enforce without a router": func() { chiauth.Enforce(nil, g, table) },
		"Enforce after a route": func() {
			r := chi.NewRouter()
			r.Get("/", named("open"))
			chiauth.Enforce(r, g, table)
		},
		"Enforce in a Group": func() {
			chi.NewRouter().Group(func(r chi.Router) {
				chiauth.Enforce(r, g, table)
				r.Get("/", named("open"))
			})
		},
		"Enforce behind With": func() {
			r := chi.NewRouter().With()
			chiauth.Enforce(r, g, table)
			r.Get("/", named("open"))
		},
	} {
		if caught(f) == "" {
			t.Errorf("%s goes on", name)
		}
	}
}

func TestNilRulesDeny(t *testing.T) {
	for name, rules := range map[string]scopes.Rules{"a nil interface": nil, "a nil table": (*scopes.Table)(nil)} {
		r := chi.NewRouter()
		chiauth.Enforce(r, newGuard(t), rules)
		r.Get("/", named("handler"))
		for _, target := range []string{"/", "/nowhere"} {
			if w := do(r, "GET", target, "good"); w.Code != 403 {
				t.Errorf("%s, %s: %d", name, target, w.Code)
			}
		}
	}
}

// A page of another origin can send a GET with a cookie. If middleware changes it into a DELETE
// for chi only, the guard must be told of the DELETE.
func TestACookieIsJudgedByTheMethodThatServes(t *testing.T) {
	for _, tt := range []struct {
		name, sent, routed string
		want               int
	}{
		{"GET that stays GET", "GET", "", 200},
		{"GET that becomes DELETE", "GET", "DELETE", 403},
		{"POST that becomes GET", "POST", "GET", 403},
		{"HEAD that becomes GET", "HEAD", "GET", 200},
	} {
		r := chi.NewRouter()
		r.Use(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				chi.RouteContext(r.Context()).RouteMethod = tt.routed
				next.ServeHTTP(w, r)
			})
		})
		g := harness.Guard(t, middleware.Options{Cookie: "token"})
		chiauth.Enforce(r, g, scopes.Policy{Default: scopes.Authenticated()}.MustCompile())
		r.HandleFunc("/", named("handler"))
		req := httptest.NewRequest(tt.sent, "/", http.NoBody)
		req.Header.Set("Cookie", "token=good")
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		w := httptest.NewRecorder()
		if r.ServeHTTP(w, req); w.Code != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, w.Code, tt.want)
		}
	}
}
