package echoauth_test

import (
	"context"
	"net/http/httptest"
	"runtime"
	"slices"
	"testing"
	"weak"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// observed is a guard that appends the routes it is asked about to routes.
func observed(t *testing.T, routes *[]string) *middleware.Guard {
	return newGuard(t, middleware.Options{
		Observe: func(_ context.Context, e middleware.Event) { *routes = append(*routes, e.Route) },
	})
}

// One function may serve all users by a parameter, and one user by a path of its own.
// Middleware that replaces an alias changes the parameters and the URL, but not the
// place that Echo has chosen.
func TestAKnownPlaceKeepsItsRuleWhenParametersAndURLNameAnother(t *testing.T) {
	var routes []string
	e := echo.New()
	e.Use(change(func(c echo.Context) {
		if path := c.QueryParam("as"); path != "" {
			c.SetParamValues("me")
			c.Request().URL.Path = path
		}
	}), echoauth.Enforce(observed(t, &routes), scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /users/:id": scopes.All("write"), "GET /users/me": scopes.Public(),
		"GET /lost/:id": scopes.All("write"), "GET /lost/me": scopes.Public(),
	}}.MustCompile()))
	users, lost := named("users"), named("lost")
	for _, name := range []string{":id", "me"} {
		e.Router().Add("GET", "/users/"+name, users)
		e.Router().Add(echo.RouteNotFound, "/lost/"+name, lost)
	}
	for _, tt := range []struct {
		target, route string
		status        int
	}{
		{"/users/1", "GET /users/:id", 403},
		{"/users/1?as=/users/me", "GET /users/:id", 403},
		{"/users/me", "GET /users/me", 200},
		{"/lost/1", "GET /lost/:id", 403},
		{"/lost/1?as=/lost/me", "GET /lost/:id", 403},
		{"/lost/me", "GET /lost/me", 200},
	} {
		routes = nil
		if w := do(e, "GET", tt.target, "good"); w.Code != tt.status || !slices.Equal(routes, []string{tt.route}) {
			t.Errorf("%s: %d by %q, want %d by %q", tt.target, w.Code, routes, tt.status, tt.route)
		}
	}
}

// A place is found by the URL that Echo has routed by, which the path and the
// parameters tell.
func TestAPlaceIsFoundWhenTheURLIsReplaced(t *testing.T) {
	routes := []string{"GET /a/:id", "GET /a/*", "GET /b/:id/:part", "GET /b/:id/*", "GET /static"}
	replace := func(c echo.Context) { c.Request().URL.Path = "/x" }
	for _, tt := range []struct {
		name, target string
		change       func(echo.Context)
		route        string
	}{
		{"a parameter beside a wildcard", "/a/1", replace, "GET /a/:id"},
		{"an empty wildcard beside a parameter", "/a/", replace, "GET /a/*"},
		{"an empty wildcard behind a parameter", "/b/1/", replace, "GET /b/:id/*"},
		{"a path with more parameters than values", "/static", func(c echo.Context) { c.SetPath("/x/:id/*") }, "GET /static"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := echo.New()
			e.Use(change(tt.change), echoauth.Enforce(newGuard(t, middleware.Options{}), scopes.Policy{
				Routes: map[string]scopes.Requirement{tt.route: scopes.Public()},
			}.MustCompile()))
			for _, route := range routes {
				e.GET(route[len("GET "):], named(route))
			}
			if w := do(e, "GET", tt.target, "good"); w.Code != 200 || w.Body.String() != tt.route {
				t.Errorf("%d %q", w.Code, w.Body)
			}
		})
	}
}

// If Echo has no name for a method, the guard tries the method only for the path of the
// request.
func TestAMethodOfTheUsersOwnWhosePathIsReplacedIsDeniedUntilItIsKnown(t *testing.T) {
	var routes []string
	e := echo.New()
	e.Use(change(func(c echo.Context) {
		if c.QueryParam("changed") != "" {
			c.Request().Method = "GET"
			c.SetPath("/open")
		}
	}), echoauth.Enforce(observed(t, &routes), scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /open": scopes.Public(), "PURGE /purged": scopes.Authenticated(),
	}}.MustCompile()))
	e.GET("/open", named("open"))
	e.Add("PURGE", "/purged", named("purged"))
	for _, tt := range []struct {
		target, route string
		status        int
	}{
		{"/purged?changed=1", "", 403},
		{"/purged", "PURGE /purged", 200},
		{"/purged?changed=1", "PURGE /purged", 200},
	} {
		routes = nil
		if w := do(e, "PURGE", tt.target, "good"); w.Code != tt.status || !slices.Equal(routes, []string{tt.route}) {
			t.Errorf("%s: %d by %q, want %d by %q", tt.target, w.Code, routes, tt.status, tt.route)
		}
	}
}

// The default of the rules is for routes. It must not open what no route serves.
func TestAHandlerForWhatNoRouteServesIsNoRouteWhateverPathIsSet(t *testing.T) {
	e := echo.New()
	rules := scopes.Policy{Default: scopes.Public(), Unrouted: scopes.All("write")}.MustCompile()
	e.Use(change(func(c echo.Context) { c.SetPath("/open") }), echoauth.Enforce(newGuard(t, middleware.Options{}), rules))
	e.GET("/open", named("open"))
	e.RouteNotFound("/*", named("page"))
	for range 2 { // what is remembered changes nothing
		if w := do(e, "GET", "/nowhere", "good"); w.Code != 403 {
			t.Errorf("%d %q", w.Code, w.Body)
		}
	}
}

// Only a request that Echo answers itself may not have been routed yet.
func TestAHandlerForWhatNoRouteServesGetsTheContextOfEcho(t *testing.T) {
	var given, got echo.Context
	e := echo.New()
	e.Use(change(func(c echo.Context) { given = c }), echoauth.Enforce(newGuard(t, middleware.Options{}), scopes.Policy{
		Unrouted: scopes.Public(),
	}.MustCompile()))
	e.RouteNotFound("/*", func(c echo.Context) error { got = c; return nil })
	if w := do(e, "GET", "/nowhere", ""); w.Code != 200 || got != given {
		t.Errorf("%d with a %T", w.Code, got)
	}
}

// A link from another site sends the cookie with a GET, to a page for unknown paths as
// to any other.
func TestALinkFromAnotherSiteReachesWhatNoRouteServes(t *testing.T) {
	e := echo.New()
	e.Use(echoauth.Enforce(newGuard(t, middleware.Options{Cookie: "token"}), scopes.Policy{
		Unrouted: scopes.Authenticated(),
	}.MustCompile()))
	e.RouteNotFound("/pages/*", named("page"))
	server := httptest.NewServer(e)
	defer server.Close()
	for _, tt := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/pages/x", 200},
		{"POST", "/pages/x", 403},
		{"GET", "/nowhere", 404},
		{"POST", "/nowhere", 403},
	} {
		status, body, _ := send(t, server, tt.method, "", tt.path, "", "Cookie", "token=good", "Sec-Fetch-Site", "cross-site")
		if status != tt.status {
			t.Errorf("%s %s: %d %q, want %d", tt.method, tt.path, status, body, tt.status)
		}
	}
}

// A request whose route has no name is not judged by a rule for "".
func TestARuleForTheEmptyRouteOpensNothing(t *testing.T) {
	e := echo.New()
	rules := spelled{"": scopes.Public(), "unrouted": scopes.Authenticated()}
	e.Use(echoauth.Enforce(newGuard(t, middleware.Options{}), rules))
	e.GET("/things", named("things"))
	for _, tt := range []struct{ method, target string }{{"GET", "/nowhere"}, {"EVIL", "/things"}} {
		if w := do(e, tt.method, tt.target, ""); w.Code != 401 {
			t.Errorf("%s %s: %d", tt.method, tt.target, w.Code)
		}
	}
}

func TestRequireGuardsAHandlerThatNoRouterHas(t *testing.T) {
	var routes []string
	e := echo.New()
	own := change(func(c echo.Context) { c.SetHandler(named("own")) })
	e.Use(own, echoauth.Require(observed(t, &routes), scopes.Authenticated()))
	e.GET("/", named("handler"))
	if w := do(e, "GET", "/", ""); w.Code != 401 {
		t.Errorf("without a token: %d", w.Code)
	}
	if w := do(e, "GET", "/", "good"); w.Code != 200 {
		t.Errorf("with a token: %d", w.Code)
	}
	if !slices.Equal(routes, []string{"", ""}) {
		t.Errorf("routes %q", routes)
	}
}

// Middleware may make a handler for each request. If the guard remembered these handlers,
// callers could fill the memory.
func TestHandlersThatNoRouterHasAreNotRemembered(t *testing.T) {
	const requests = 100
	var made []weak.Pointer[[1 << 10]byte]
	e := echo.New()
	e.Use(change(func(c echo.Context) {
		own := new([1 << 10]byte)
		made = append(made, weak.Make(own))
		c.SetHandler(func(echo.Context) error { own[0]++; return nil })
	}), echoauth.Enforce(newGuard(t, middleware.Options{}), scopes.Policy{Default: scopes.Public()}.MustCompile()))
	e.GET("/", named("handler"))
	for range requests {
		if w := do(e, "GET", "/", "good"); w.Code != 403 {
			t.Fatalf("status %d", w.Code)
		}
	}
	runtime.GC()
	kept := 0
	for _, own := range made {
		if own.Value() != nil {
			kept++
		}
	}
	if kept > requests/2 { // Echo's pool keeps the contexts of a few
		t.Errorf("%d of %d are kept", kept, len(made))
	}
	runtime.KeepAlive(e)
}

// HEAD is judged by the rule of GET if Echo has found a route for the path. If middleware
// sets the path later, Echo has not found a route for it.
func TestHEADOfAnUnknownPathIsUnroutedWhateverPathIsPutIn(t *testing.T) {
	e := echo.New()
	rules := scopes.Policy{Routes: map[string]scopes.Requirement{"GET /open": scopes.Public()}}.MustCompile()
	e.Use(change(func(c echo.Context) { c.Request().URL.Path = "/open" }),
		echoauth.Enforce(newGuard(t, middleware.Options{}), rules))
	e.GET("/open", named("open"))
	if w := do(e, "HEAD", "/nowhere", "good"); w.Code != 403 {
		t.Errorf("an unknown path: %d", w.Code)
	}
	if w := do(e, "HEAD", "/open", "good"); w.Code != 405 {
		t.Errorf("a route's path: %d", w.Code)
	}
}
