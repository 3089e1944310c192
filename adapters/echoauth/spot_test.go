package echoauth_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
	echomw "github.com/labstack/echo/v4/middleware"
)

// If one function is registered in several places, the rule is that of the place that Echo has
// chosen.
func TestAFunctionThatWasAddedTwiceHasTheRuleOfEachPlace(t *testing.T) {
	var seen []string
	g := newGuard(t, middleware.Options{Observe: func(_ context.Context, e middleware.Event) {
		seen = append(seen, e.Route)
	}})
	e := echo.New()
	e.Use(echomw.Rewrite(map[string]string{"/b/*": "/a"}),
		echoauth.Enforce(g, scopes.Policy{Routes: map[string]scopes.Requirement{
			"GET /a": scopes.Public(), "POST /a": scopes.All("write"), "GET /b/:id": scopes.All("write"),
			"GET h.example/a": scopes.All("write"),
		}}.MustCompile()))
	h := named("handler")
	e.Host("h.example")
	for _, route := range []struct{ host, method, path string }{
		{"", "GET", "/a"}, {"", "POST", "/a"}, {"", "PURGE", "/a"}, {"", "get", "/a"}, {"", "GET", "/b/:id"}, {"h.example", "GET", "/a"},
	} {
		router := e.Router()
		if route.host != "" {
			router = e.Routers()[route.host]
		}
		router.Add(route.method, route.path, h)
	}
	tests := []struct {
		method, target string
		status         int
		route          string
	}{
		{"GET", "/a", 200, "GET /a"},
		{"POST", "/a", 403, "POST /a"},
		{"PURGE", "/a", 403, "PURGE /a"},
		{"get", "/a", 403, "get /a"},
		{"GET", "/b/1", 403, "GET /b/:id"},
		{"GET", "http://h.example/a", 403, "GET h.example/a"},
		{"GET", "/a", 200, "GET /a"},
	}
	for range 2 {
		seen = nil
		for i, tt := range tests {
			w := do(e, tt.method, tt.target, "good")
			if w.Code != tt.status || seen[i] != tt.route {
				t.Errorf("%s %s: %d by %q, want %d by %q", tt.method, tt.target, w.Code, seen[i], tt.status, tt.route)
			}
		}
	}
}

// One function serves a route and unrouted requests, as in a single-page application.
func TestAFunctionForARouteAndForUnroutedRequestsHasTheRuleOfEach(t *testing.T) {
	for _, first := range []string{"/admin", "/nowhere"} {
		e := echo.New()
		e.Use(echoauth.Enforce(newGuard(t, middleware.Options{}), scopes.Policy{
			Routes: map[string]scopes.Requirement{"GET /admin": scopes.All("write")}, Unrouted: scopes.Public(),
		}.MustCompile()))
		page := named("page")
		e.Router().Add(echo.RouteNotFound, "/*", page)
		e.Router().Add("GET", "/admin", page)
		do(e, "GET", first, "good")
		for target, status := range map[string]int{"/admin": 403, "/nowhere": 200} {
			if w := do(e, "GET", target, "good"); w.Code != status {
				t.Errorf("%s after %s: %d %q, want %d", target, first, w.Code, w.Body, status)
			}
		}
	}
}

// A host has its own handlers, also for requests that no route serves.
func TestAHandlerOfAnotherHostIsFoundWhereverItIs(t *testing.T) {
	var seen []string
	g := newGuard(t, middleware.Options{Observe: func(_ context.Context, e middleware.Event) {
		seen = append(seen, e.Route)
	}})
	e := answers()
	e.Use(rewriters["a host by X-Forwarded-Host"](),
		echoauth.Enforce(g, scopes.Policy{Routes: rewriteRules, Unrouted: scopes.Authenticated()}.MustCompile()))
	own := e.Host("own.example")
	own.GET("/open", named("own"))
	own.RouteNotFound("/*", named("lost"))
	server := httptest.NewServer(e)
	defer server.Close()
	for _, tt := range []struct {
		host, path string
		status     int
		body       string
	}{
		{"admin.example", "/closed", 200, "GET admin.example/closed"},
		{"admin.example", "/open", 403, ""},
		{"own.example", "/nowhere", 200, "lost"},
		{"own.example", "/open", 403, ""}, // without a rule
	} {
		status, body, _ := send(t, server, "GET", tt.host, tt.path, "good", "X-Forwarded-Host", "api.example")
		if status != tt.status || status == 200 && body != tt.body {
			t.Errorf("%s%s: %d %q", tt.host, tt.path, status, body)
		}
	}
	const want = "[GET admin.example/closed GET admin.example/open GET own.example/* GET own.example/open]"
	if fmt.Sprint(seen) != want {
		t.Errorf("routes %v", seen)
	}
}

// A remembered spot is found even if the request does not name it any more.
func TestARouteThatIsKnownIsFoundHoweverTheRequestWasChanged(t *testing.T) {
	e := echo.New()
	e.Use(change(func(c echo.Context) {
		if c.Request().Header.Get("X-Forwarded-Host") != "" {
			c.Request().URL.Path, c.Request().Method = "/open", "GET"
			c.SetPath("/open")
			c.SetParamValues("open")
		}
	}), echoauth.Enforce(newGuard(t, middleware.Options{}), scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /open": scopes.Public(), "POST /a/:id": scopes.Authenticated(), "PUT /b/:id": scopes.All("write"),
	}}.MustCompile()))
	e.GET("/open", named("open"))
	e.POST("/a/:id", named("a"))
	e.PUT("/b/:id", named("b"))
	server := httptest.NewServer(e)
	defer server.Close()
	for i, tt := range []struct {
		method, path string
		changed      bool
		status       int
	}{
		{"POST", "/a/1", true, 403}, // not known yet
		{"PUT", "/b/1", true, 403},
		{"POST", "/a/1", false, 200},
		{"PUT", "/b/1", false, 403},
		{"POST", "/a/1", true, 200},
		{"PUT", "/b/1", true, 403},
	} {
		var fields []string
		if tt.changed {
			fields = []string{"X-Forwarded-Host", "x"}
		}
		if status, _, _ := send(t, server, tt.method, "", tt.path, "good", fields...); status != tt.status {
			t.Errorf("%d: %s %s: %d, want %d", i, tt.method, tt.path, status, tt.status)
		}
	}
}
