package httpauth_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// recovering is middleware that recovers from a panic and sends no answer, as some do.
func recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { _ = recover() }()
		next.ServeHTTP(w, r)
	})
}

// panicking stands for a bug in a function that the guard calls.
func panicking() { panic("a mistake") }

// panickyRules panic in every method.
type panickyRules struct{ scopes.Rules }

// The test puts a panic into every function that runs between the request and the handler. The
// connection breaks, or a recovery answers. The handler never runs.
func TestNoPanicReachesTheHandler(t *testing.T) {
	anybody := scopes.Policy{Default: scopes.Authenticated(), Unrouted: scopes.Authenticated()}.MustCompile()
	cfg, issuer := exampleConfig()
	cfg.Validate = func(context.Context, middleware.Claims) error { panicking(); return nil }
	ruled, err := middleware.New(cfg, middleware.Options{})
	if err != nil {
		t.Fatal(err)
	}
	token := issuer.Mint(authtest.Token{})
	verifier := verifierFunc(func(context.Context, string) (middleware.Claims, error) {
		panicking()
		return middleware.Claims{}, nil
	})
	once := 0
	tests := []struct {
		name  string
		g     *middleware.Guard
		token string
		rules scopes.Rules
		route func(*http.Request) string
	}{
		{"a Verifier", guardOf(t, verifier, middleware.Options{}), "read", anybody, nil},
		{"Validate", ruled, token, anybody, nil},
		{"an observer of a refusal", guardOf(t, granting(), middleware.Options{Observe: func(context.Context, middleware.Event) { panicking() }}), "read", anybody, nil},
		{"an observer of a request that passes", guardOf(t, granting("read"), middleware.Options{Observe: func(context.Context, middleware.Event) { panicking() }}), "read", anybody, nil},
		{"a body", guardOf(t, granting(), middleware.Options{Body: func(context.Context, middleware.Request, *middleware.Error) (string, []byte) {
			panicking()
			return "", nil
		}}), "read", anybody, nil},
		{"InsecureReportOnly", guardOf(t, granting(), middleware.Options{InsecureReportOnly: func(context.Context, middleware.Request) bool { panicking(); return true }}), "read", anybody, nil},
		{"the rules", guardOf(t, granting("read"), middleware.Options{}), "read", panickyRules{}, nil},
		{"the route", guardOf(t, granting("read"), middleware.Options{}), "read", anybody, func(*http.Request) string { panicking(); return "" }},
		{"the second call of route", guardOf(t, granting("read"), middleware.Options{}), "read", anybody, func(*http.Request) string {
			if once++; once%2 == 0 {
				panicking()
			}
			return "route"
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			reached := false
			handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true })
			mux := http.NewServeMux()
			mux.Handle("/", handler)
			route := tt.route
			if route == nil {
				route = func(*http.Request) string { return "route" }
			}
			guards := map[string]http.Handler{"Enforce": httpauth.Enforce(tt.g, tt.rules, route)(handler)}
			if tt.route == nil {
				guards["Mux"] = httpauth.Mux(tt.g, tt.rules, mux)
				if tt.rules == anybody {
					guards["Require"] = httpauth.Require(tt.g, scopes.Authenticated())(handler)
				}
			}
			for name, h := range guards {
				for _, recovers := range []bool{false, true} {
					outer := h
					if recovers {
						outer = recovering(h)
					}
					server := httptest.NewUnstartedServer(outer)
					server.Config.ErrorLog = log.New(io.Discard, "", 0)
					server.Start()
					r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, http.NoBody)
					if err != nil {
						t.Fatal(err)
					}
					r.Header.Set("Authorization", "Bearer "+tt.token)
					resp, err := server.Client().Do(r)
					if err == nil {
						resp.Body.Close()
					}
					server.Close()
					if reached {
						t.Fatalf("%s lets the request through", name)
					}
					if !recovers && err == nil {
						t.Errorf("%s answers %d, although something panicked", name, resp.StatusCode)
					}
				}
			}
		})
	}
}

// The guard does not change a panic of the handler.
func TestAPanicOfTheHandlerStaysUnchanged(t *testing.T) {
	want := errors.New("the handler's")
	defer func() {
		if got := recover(); got != want {
			t.Errorf("recovered %v", got)
		}
	}()
	do(httpauth.Require(newGuard(t, nil), scopes.Public())(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic(want)
	})), "GET", "/", "")
}

// An observer that reads the claims of a refused request gets no claims, and no panic.
func TestAnObserverMayLookAtTheClaimsOfARefusal(t *testing.T) {
	looked := false
	g := guardOf(t, granting(), middleware.Options{Observe: func(_ context.Context, e middleware.Event) {
		looked = e.Claims.Subject() == "" && e.Claims.IsZero()
	}})
	w := do(httpauth.Require(g, scopes.Authenticated())(named("handler")), "GET", "/", "forged")
	if w.Code != 401 || !looked {
		t.Errorf("%d, looked: %v", w.Code, looked)
	}
}
