package httpauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/adapters/internal/harness"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/google/go-cmp/cmp"
)

// named answers with its own name.
func named(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, name) })
}

func newGuard(t testing.TB, observe func(context.Context, middleware.Event)) *middleware.Guard {
	return harness.Guard(t, middleware.Options{Observe: observe})
}

var do = harness.Do

func TestMuxJudgesByThePatternThatServes(t *testing.T) {
	mux := http.NewServeMux()
	for _, pattern := range []string{
		"GET /things", "POST /things", "GET /things/{id}", "GET other.example/things",
		"GET /unlisted", "/any", "GET /tree/",
	} {
		mux.Handle(pattern, named(pattern))
	}
	inner := http.NewServeMux()
	inner.Handle("GET /api/inner", named("inner"))
	mux.Handle("/api/", inner)
	table := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /things": scopes.Public(), "POST /things": scopes.All("read"), "GET /things/{id}": scopes.All("write"),
		"GET other.example/things": scopes.Authenticated(), "/any": scopes.Authenticated(),
		"GET /tree/": scopes.Authenticated(), "/api/": scopes.Authenticated(),
	}}.MustCompile()
	h := httpauth.Mux(newGuard(t, nil), table, mux)

	tests := []struct {
		name, method, target, token string
		status                      int
		body                        string // of a handler; "" if none is reached
	}{
		{"a public route", "GET", "/things", "", 200, "GET /things"},
		{"HEAD is served by GET's handler, by GET's rule", "HEAD", "/things", "", 200, "GET /things"},
		{"HEAD of a route that needs another scope", "HEAD", "/things/1", "good", 403, ""},
		{"another method, another rule", "POST", "/things", "", 401, ""},
		{"another method, with its scope", "POST", "/things", "good", 200, "POST /things"},
		{"a wildcard", "GET", "/things/1", "good", 403, ""},
		{"another host, another rule", "GET", "http://other.example/things", "", 401, ""},
		{"another host, with a token", "GET", "http://other.example/things", "good", 200, "GET other.example/things"},
		{"a route without a rule", "GET", "/unlisted", "good", 403, ""},
		{"a pattern for any method", "DELETE", "/any", "", 401, ""},
		{"the mux itself answers 404", "GET", "/nowhere", "", 404, ""},
		{"the mux itself answers 405", "DELETE", "/things", "", 405, ""},
		{"OPTIONS of a route without it: the mux itself answers 405", "OPTIONS", "/things", "", 405, ""},
		{"OPTIONS of a pattern for any method is judged", "OPTIONS", "/any", "", 401, ""},
		{"a redirect to the tree is judged as the tree", "GET", "/tree", "", 401, ""},
		{"a path that is cleaned is judged, too", "GET", "/x/../things/1", "", 401, ""},
		{"of an inner mux, the outer pattern is seen", "GET", "/api/inner", "", 401, ""},
		{"of an inner mux, with a token", "GET", "/api/inner", "good", 200, "inner"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := do(h, tt.method, tt.target, tt.token)
			if w.Code != tt.status {
				t.Errorf("status %d, want %d", w.Code, tt.status)
			}
			if reached := w.Code == 200; reached && w.Body.String() != tt.body {
				t.Errorf("answered by %q, want %q", w.Body, tt.body)
			}
			if w.Code == 405 && w.Header().Get("Allow") == "" {
				t.Error("405 without Allow")
			}
		})
	}
}

func TestMuxStillFillsInPathValues(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /things/{id}", func(w http.ResponseWriter, r *http.Request) {
		claims, _ := middleware.ClaimsFrom(r.Context())
		_, _ = fmt.Fprint(w, r.PathValue("id"), r.Pattern, claims.Subject())
	})
	h := httpauth.Mux(newGuard(t, nil), scopes.Policy{Default: scopes.Authenticated()}.MustCompile(), mux)
	if got, want := do(h, "GET", "/things/7", "good").Body.String(), "7"+"GET /things/{id}"+"user"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheObserverIsToldThePatternAndNeverThePath(t *testing.T) {
	var routes []string
	g := newGuard(t, func(_ context.Context, e middleware.Event) { routes = append(routes, e.Route) })
	mux := http.NewServeMux()
	mux.Handle("GET /things/{id}", named("thing"))
	mux.Handle("GET /own/{id}", httpauth.Require(g, scopes.Authenticated())(named("own")))
	do(mux, "GET", "/own/7", "")
	do(httpauth.Mux(g, nil, mux), "GET", "/things/7", "")
	do(httpauth.Require(g, scopes.Authenticated())(mux), "GET", "/things/7", "")
	if want := []string{"GET /own/{id}", "GET /things/{id}", ""}; !cmp.Equal(routes, want) {
		t.Errorf("routes %q, want %q", routes, want)
	}
}

// For these requests ServeMux returns the caller's own path as the pattern.
func TestAPathNeverPassesForAPattern(t *testing.T) {
	var route string
	g := newGuard(t, func(_ context.Context, e middleware.Event) { route = e.Route })
	mux := http.NewServeMux()
	mux.Handle("/files/{name}/", named("files"))
	mux.Handle("CONNECT /tunnel", named("tunnel"))
	table := scopes.Policy{Routes: map[string]scopes.Requirement{"CONNECT /tunnel": scopes.Authenticated()}}.MustCompile()
	h := httpauth.Mux(g, table, mux)
	if w := do(h, "CONNECT", "/files/of-the-caller", "good"); w.Code != 403 || route != "" {
		t.Errorf("%d, route %q", w.Code, route)
	}
	if w := do(h, "CONNECT", "/tunnel", "good"); w.Code != 200 || route != "CONNECT /tunnel" {
		t.Errorf("a listed one: %d, route %q", w.Code, route)
	}
}

func TestTheGuardIsToldAllOfTheRequest(t *testing.T) {
	var event middleware.Event
	g := harness.Guard(t, middleware.Options{Cookie: "token", Observe: func(_ context.Context, e middleware.Event) {
		event = e
	}})
	h := httpauth.Require(g, scopes.Authenticated())(named("handler"))
	r := httptest.NewRequest("POST", "https://api.example/", nil)
	r.Header.Set("Cookie", "token=good")
	r.Header.Set("Origin", "https://api.example") // equal to Host; the guard reads it because of the method
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 200 || event.RemoteAddr != r.RemoteAddr || event.TLS != r.TLS || event.TLS == nil {
		t.Errorf("%d, %+v", w.Code, event)
	}
	r.Header.Set("Origin", "https://evil.example")
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 403 {
		t.Errorf("from another origin: %d", w.Code)
	}
}

// oddContext can't be compared: == panics.
type oddContext struct {
	context.Context
	_ []int
}

func TestAContextThatCannotBeComparedPasses(t *testing.T) {
	h := httpauth.Require(newGuard(t, nil), scopes.Public())(named("handler"))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(oddContext{Context: t.Context()}, "GET", "/", nil))
	if w.Code != 200 {
		t.Errorf("status %d", w.Code)
	}
}

func TestEnforceAsksTheTableForWhatRouteSays(t *testing.T) {
	table := scopes.Policy{Routes: map[string]scopes.Requirement{"open": scopes.Public()}}.MustCompile()
	h := httpauth.Enforce(newGuard(t, nil), table, func(r *http.Request) string {
		return strings.TrimPrefix(r.URL.Path, "/")
	})(named("handler"))
	if w := do(h, "GET", "/open", ""); w.Code != 200 {
		t.Errorf("a listed route: %d", w.Code)
	}
	for _, target := range []string{"/closed", "/"} {
		if w := do(h, "GET", target, "good"); w.Code != 403 {
			t.Errorf("%s, which is not listed: %d", target, w.Code)
		}
	}
}

func TestANilTableDenies(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/", named("handler"))
	if w := do(httpauth.Mux(newGuard(t, nil), nil, mux), "GET", "/", "good"); w.Code != 403 {
		t.Errorf("status %d", w.Code)
	}
}

func TestForgottenArgumentsPanicAtOnce(t *testing.T) {
	g := newGuard(t, nil)
	for name, f := range map[string]func(){
		"Require without a guard": func() { httpauth.Require(nil, scopes.Public()) },
		"Mux without a guard":     func() { httpauth.Mux(nil, nil, http.NewServeMux()) },
		"Mux without a mux":       func() { httpauth.Mux(g, nil, nil) },
		"Enforce without a guard": func() { httpauth.Enforce(nil, nil, func(*http.Request) string { return "" }) },
		"Enforce without a route": func() { httpauth.Enforce(g, nil, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("goes on")
				}
			}()
			f()
		})
	}
}

func TestRefuse(t *testing.T) {
	g := newGuard(t, nil)
	refusal := g.Authorize(t.Context(), scopes.Authenticated())
	const problem, plain = "application/problem+json", "text/plain; charset=utf-8"
	tests := []struct {
		name              string
		err               error
		status            int
		contentType, body string
	}{
		{"a refusal", refusal, 401, problem, "authentication required"},
		{"a refusal that was wrapped", fmt.Errorf("resolver: %w", refusal), 401, problem, "authentication required"},
		{"the text of any other error is not sent", errors.New("SECRET"), 500, plain, "Internal Server Error"},
		{"a nil refusal", (*middleware.Error)(nil), 500, plain, "Internal Server Error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			httpauth.Refuse(w, tt.err)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.body) ||
				strings.Contains(w.Body.String(), "SECRET") {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if (w.Header().Get("WWW-Authenticate") != "") != (tt.status == 401) {
				t.Errorf("challenge %q", w.Header().Get("WWW-Authenticate"))
			}
			if got := w.Header().Get("Content-Type"); got != tt.contentType {
				t.Errorf("content type %q", got)
			}
			// For HEAD, whose answer has no body that the server could count.
			if got := w.Header().Get("Content-Length"); tt.status == 401 && got != strconv.Itoa(w.Body.Len()) {
				t.Errorf("content length %q of %d", got, w.Body.Len())
			}
		})
	}
}

// mount serves a handler behind the guard.
func mount(t *testing.T) harness.Mount {
	return func(serve func(http.ResponseWriter)) http.Handler {
		require := httpauth.Require(newGuard(t, nil), scopes.Authenticated())
		return require(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { serve(w) }))
	}
}

func TestServerSentEventsFlowThroughTheGuard(t *testing.T) { harness.Events(t, mount(t)) }

func TestAConnectionCanBeHijackedBehindTheGuard(t *testing.T) { harness.Hijack(t, mount(t)) }
