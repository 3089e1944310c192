package echoauth_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"
)

func TestEnforceJudgesByTheRouteThatServes(t *testing.T) {
	e := echo.New()
	g := newGuard(t, middleware.Options{})
	e.Use(echoauth.Enforce(g, scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /things":               scopes.Public(),
		"POST /things":              scopes.All("read"),
		"GET /things/:id":           scopes.All("write"),
		"PUT /things/:name":         scopes.Authenticated(),
		"OPTIONS /things":           scopes.Public(),
		"PATCH /things":             scopes.Public(),
		"GET /both":                 scopes.Public(),
		"HEAD /both":                scopes.Authenticated(),
		"HEAD /files*":              scopes.Authenticated(),
		"GET other.example/only":    scopes.Public(),
		"GET /spelt/:id":            scopes.All("write"),
		"HEAD /spelt/:id":           scopes.Public(),
		"GET /api/v1/inner":         scopes.Authenticated(),
		"GET /lost/*":               scopes.Authenticated(),
		"PURGE /cache":              scopes.Authenticated(),
		"GET /files*":               scopes.All("read"),
		"GET other.example/things":  scopes.Authenticated(),
		"POST other.example/things": scopes.Public(),
	}}.MustCompile()))
	for _, route := range []struct{ method, path string }{
		{"GET", "/things"},
		{"POST", "/things"},
		{"GET", "/things/:id"},
		{"PUT", "/things/:name"},
		{"GET", "/unlisted"},
		{"GET", "/both"},
		{"HEAD", "/both"},
		{"PURGE", "/cache"},
		{"GET", "/files*"},
		{"GET", "/spelt/:id"},
		{"PUT", "/spelt/:name"},
	} {
		e.Add(route.method, route.path, named(route.method+" "+route.path))
	}
	pass := func(next echo.HandlerFunc) echo.HandlerFunc { return next }
	e.Group("/api", pass).Group("/v1").GET("/inner", named("inner"))
	e.RouteNotFound("/lost/*", named("lost"))
	other := e.Host("other.example")
	other.GET("/things", named("other"))
	other.GET("/only", named("only"))

	tests := []struct {
		name, method, target, token string
		status                      int
		body                        string // of a handler; "" if none is reached
	}{
		{"a public route", "GET", "/things", "", 200, "GET /things"},
		{"another method, another rule", "POST", "/things", "", 401, ""},
		{"another method, with its scope", "POST", "/things", "good", 200, "POST /things"},
		{"a parameter", "GET", "/things/1", "good", 403, ""},
		{"each method by its own spelling of one path", "PUT", "/things/1", "good", 200, "PUT /things/:name"},
		{"a route without a rule", "GET", "/unlisted", "good", 403, ""},
		{"HEAD without a handler is judged by GET's rule, and Echo answers it", "HEAD", "/things", "", 405, ""},
		{"HEAD is judged by GET's rule on a route with a parameter", "HEAD", "/things/1", "good", 403, ""},
		{"HEAD is judged by GET's rule if the path has several spellings", "HEAD", "/things/1", "", 401, ""},
		{"HEAD of a route without a rule", "HEAD", "/unlisted", "good", 403, ""},
		{"HEAD of a path without GET is a wrong method", "HEAD", "/cache", "good", 403, ""},
		{"HEAD has a rule of its own without a handler, too", "HEAD", "/files/a", "good", 405, ""},
		{"HEAD of another host", "HEAD", "http://other.example/things", "", 401, ""},
		{"HEAD of a path that only another host has", "HEAD", "http://other.example/only", "", 405, ""},
		{"HEAD has a rule by GET's spelling of the path", "HEAD", "/spelt/1", "", 405, ""},
		{"HEAD has a rule of its own", "HEAD", "/both", "", 401, ""},
		{"HEAD with a handler", "HEAD", "/both", "good", 200, "HEAD /both"},
		{"OPTIONS, with a rule, is answered by Echo", "OPTIONS", "/things", "", 204, ""},
		{"OPTIONS without a rule", "OPTIONS", "/things/1", "good", 403, ""},
		{"405 without a rule hides", "DELETE", "/things", "good", 403, ""},
		{"405 with a rule shows", "PATCH", "/things", "", 405, ""},
		{"404 of an unknown path hides", "GET", "/nowhere", "good", 403, ""},
		{"404 of a group hides", "GET", "/api/nowhere", "good", 403, ""},
		{"a group within a group", "GET", "/api/v1/inner", "good", 200, "inner"},
		{"a handler for 404 is guarded", "GET", "/lost/thing", "", 401, ""},
		{"a handler for 404, with a token", "GET", "/lost/thing", "good", 200, "lost"},
		{"a handler for 404 is judged by its method, too", "POST", "/lost/thing", "good", 403, ""},
		{"a method of the user's own", "PURGE", "/cache", "", 401, ""},
		{"a method of the user's own, with a token", "PURGE", "/cache", "good", 200, "PURGE /cache"},
		{"a wildcard", "GET", "/files/a/b", "good", 200, "GET /files*"},
		{"a wildcard without its slash", "GET", "/filesystem", "", 401, ""},
		{"an encoded slash stays within the parameter", "GET", "/things/1%2f2", "good", 403, ""},
		{"a path is not cleaned", "GET", "//things", "good", 403, ""},
		{"another host, another rule", "GET", "http://other.example/things", "", 401, ""},
		{"another host, with a token", "GET", "http://other.example/things", "good", 200, "other"},
		{"a path of one host does not exist on another", "GET", "http://other.example/unlisted", "good", 403, ""},
		{"another host's 405", "POST", "http://other.example/things", "", 405, ""},
		{"another host's 405 without a rule", "PATCH", "http://other.example/things", "good", 403, ""},
		{"a host with a port is not that host", "GET", "http://other.example:8080/things", "", 200, "GET /things"},
		{"an unknown host is served by the routes without one", "GET", "http://unknown.example/things", "", 200, "GET /things"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := do(e, tt.method, tt.target, tt.token)
			if w.Code != tt.status {
				t.Errorf("status %d, want %d", w.Code, tt.status)
			}
			if w.Code == 200 && w.Body.String() != tt.body {
				t.Errorf("answered by %q, want %q", w.Body, tt.body)
			}
			if (w.Code == 405 || w.Code == 204) && w.Header().Get("Allow") == "" {
				t.Errorf("%d without Allow", w.Code)
			}
		})
	}
}

func TestTheDefaultIsForRoutesAndUnroutedForTheRest(t *testing.T) {
	rules := map[string]scopes.Requirement{
		"DELETE /only/get": scopes.Public(), "OPTIONS /api/thing": scopes.Public(), "GET /lost/*": scopes.Public(),
		"PURGE /only/get":   scopes.Public(),
		"GET /api/hidden/*": {},
	}
	app := func(t *testing.T, policy scopes.Policy) *echo.Echo {
		policy.Routes = rules
		e := echo.New()
		e.Use(echoauth.Enforce(newGuard(t, middleware.Options{}), policy.MustCompile()))
		e.Group("/api", func(next echo.HandlerFunc) echo.HandlerFunc { return next }).GET("/thing", named("thing"))
		e.Group("/api/hidden", func(next echo.HandlerFunc) echo.HandlerFunc { return next })
		e.GET("/only/get", named("get"))
		e.RouteNotFound("/lost/*", named("lost"))
		e.RouteNotFound("/found/:id", named("lost"))
		e.Router().Add(echo.RouteNotFound, "/direct", named("lost"))
		return e
	}
	const isDefault, isUnrouted, isRule = "default", "unrouted", "a rule"
	for _, tt := range []struct {
		name, method, target string
		goesBy               string
		status               int
	}{
		{"a route of a group", "GET", "/api/thing", isDefault, 200},
		{"a route", "GET", "/only/get", isDefault, 200},
		{"HEAD by GET's rule", "HEAD", "/only/get", isDefault, 405},
		{"an unknown path", "GET", "/nowhere", isUnrouted, 404},
		{"HEAD of an unknown path", "HEAD", "/nowhere", isUnrouted, 404},
		{"a group's 404", "GET", "/api/nowhere", isUnrouted, 404},
		{"a wrong method in a group gets the group's 404", "POST", "/api/thing", isUnrouted, 404},
		{"HEAD in a group gets the group's 404", "HEAD", "/api/thing", isUnrouted, 404},
		{"a wrong method", "POST", "/only/get", isUnrouted, 405},
		{"a wrong method with a rule", "DELETE", "/only/get", isRule, 405},
		{"a made-up method", "EVIL", "/only/get", isUnrouted, 405},
		{"a made-up method with a rule", "PURGE", "/only/get", isRule, 405},
		{"OPTIONS, which Echo answers", "OPTIONS", "/only/get", isUnrouted, 204},
		{"OPTIONS with a rule, which the group's 404 serves", "OPTIONS", "/api/thing", isUnrouted, 404},
		{"a handler for 404", "POST", "/lost/thing", isUnrouted, 200},
		{"a handler for 404 with a rule", "GET", "/lost/thing", isRule, 200},
		{"a handler for 404 with a parameter", "GET", "/found/1", isUnrouted, 200},
		{"a handler for 404 that was added to the router", "GET", "/direct", isUnrouted, 200},
		{"a group's 404 with a rule that denies", "GET", "/api/hidden/x", "", 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, level := range []string{isDefault, isUnrouted} {
				policy := scopes.Policy{}
				if level == isDefault {
					policy.Default = scopes.Authenticated()
				} else {
					policy.Unrouted = scopes.Authenticated()
				}
				e := app(t, policy)
				anonymous, bearer := 403, 403
				if level == tt.goesBy {
					anonymous, bearer = 401, tt.status
				} else if tt.goesBy == isRule {
					anonymous, bearer = tt.status, tt.status
				}
				for range 2 { // the second time from memory
					if w := do(e, tt.method, tt.target, ""); w.Code != anonymous {
						t.Errorf("%s asks for a token; without one: %d, want %d", level, w.Code, anonymous)
					}
					if w := do(e, tt.method, tt.target, "good"); w.Code != bearer {
						t.Errorf("%s asks for a token; with one: %d, want %d", level, w.Code, bearer)
					}
				}
			}
		})
	}
}

func TestNilRulesDeny(t *testing.T) {
	for name, rules := range map[string]scopes.Rules{"nil": nil, "a nil table": (*scopes.Table)(nil)} {
		t.Run(name, func(t *testing.T) {
			e := echo.New()
			e.Use(echoauth.Enforce(newGuard(t, middleware.Options{}), rules))
			e.GET("/", named("handler"))
			for _, target := range []string{"/", "/nowhere"} {
				if w := do(e, "GET", target, "good"); w.Code != 403 {
					t.Errorf("%s: %d", target, w.Code)
				}
			}
		})
	}
}

func TestUnderPreEveryRequestIsDenied(t *testing.T) {
	e := echo.New()
	e.Pre(echoauth.Enforce(newGuard(t, middleware.Options{}), scopes.Policy{
		Routes:  map[string]scopes.Requirement{"GET /things": scopes.Public(), "GET other.example/hosted": scopes.Public()},
		Default: scopes.Public(), Unrouted: scopes.Public(),
	}.MustCompile()))
	e.GET("/things", named("things"))
	e.Host("other.example").GET("/hosted", named("hosted"))
	for _, tt := range []struct{ name, method, target string }{
		{"a route", "GET", "/things"},
		{"a route of a host", "GET", "http://other.example/hosted"},
		{"a wrong method", "POST", "/things"},
		{"HEAD", "HEAD", "/things"},
		{"an unknown path", "GET", "/nowhere"},
		{"another host's path", "GET", "/hosted"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if w := do(e, tt.method, tt.target, "good"); w.Code != 403 {
				t.Errorf("status %d", w.Code)
			}
		})
	}
}

func TestAPanicOfANotFoundHandlerStaysUnchanged(t *testing.T) {
	e := echo.New()
	e.Use(echoauth.Enforce(newGuard(t, middleware.Options{}), scopes.Policy{Unrouted: scopes.Public()}.MustCompile()),
		change(func(echo.Context) { panic(http.ErrAbortHandler) }))
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("recovered %v", p)
		}
	}()
	do(e, "GET", "/nowhere", "")
}

// A missing context of the user's own type is a bug of the program, so it panics.
func TestAPanicOverTheTypeOfTheContextStaysUnchanged(t *testing.T) {
	type own struct{ echo.Context }
	var seen any
	e := echo.New()
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			defer func() { seen = recover() }()
			return next(c)
		}
	}, echoauth.Enforce(newGuard(t, middleware.Options{}), scopes.Policy{Unrouted: scopes.Public()}.MustCompile()),
		change(func(c echo.Context) { _ = c.(*own) }))
	if w := do(e, "GET", "/nowhere", ""); seen == nil || w.Body.Len() > 0 {
		t.Errorf("recovered %v, body %q", seen, w.Body)
	}
}

func TestAContextOfTheUsersOwnTypeReachesANotFoundHandler(t *testing.T) {
	e := echo.New()
	e.Use(rewriters["a context of its own"](),
		echoauth.Enforce(newGuard(t, middleware.Options{}), scopes.Policy{Unrouted: scopes.Public()}.MustCompile()),
		change(func(c echo.Context) { _ = c.(ownContext) }))
	if w := do(e, "GET", "/nowhere", ""); w.Code != 404 {
		t.Errorf("status %d", w.Code)
	}
}

func TestRequireNeedsNoRouteSoItWorksUnderPre(t *testing.T) {
	e := echo.New()
	e.Pre(echoauth.Require(newGuard(t, middleware.Options{}), scopes.Authenticated()))
	e.GET("/things", named("things"))
	if w := do(e, "GET", "/things", ""); w.Code != 401 {
		t.Errorf("without a token: %d", w.Code)
	}
	if w := do(e, "GET", "/things", "good"); w.Code != 200 {
		t.Errorf("with a token: %d", w.Code)
	}
}

func TestTheObserverIsToldTheRouteAndNothingOfTheCaller(t *testing.T) {
	var routes []string
	g := newGuard(t, middleware.Options{Observe: func(_ context.Context, e middleware.Event) {
		routes = append(routes, e.Route)
	}})
	enforced := echo.New()
	enforced.Use(echoauth.Enforce(g,
		scopes.Policy{Routes: map[string]scopes.Requirement{"PURGE /things/:id": scopes.Public()}}.MustCompile()))
	enforced.GET("/things/:id", named("thing"))
	enforced.Add("PURGE", "/things/:id", named("purge"))
	enforced.Host("other.example").GET("/things/:id", named("other"))
	required := echo.New()
	required.Use(echoauth.Require(g, scopes.Authenticated()))
	required.GET("/things/:id", named("thing"))

	do(enforced, "GET", "/things/7", "")
	do(enforced, "GET", "http://other.example/things/7", "")
	do(enforced, "DELETE", "/things/7", "")
	do(enforced, "PURGE", "/things/7", "")
	do(enforced, "EVIL", "/things/7", "")
	do(enforced, "GET", "/nowhere/7", "")
	do(required, "GET", "/things/7", "")
	do(required, "EVIL", "/things/7", "")
	do(enforced, "HEAD", "/things/7", "")
	want := []string{
		"GET /things/:id", "GET other.example/things/:id", "DELETE /things/:id", "PURGE /things/:id", "", "",
		"GET /things/:id", "", "GET /things/:id",
	}
	if diff := cmp.Diff(want, routes); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
}

func TestAudit(t *testing.T) {
	e := echo.New()
	e.GET("/things", named("things"))
	e.GET("/things/:id", named("thing"))
	e.Add("PURGE", "/purged", named("purged"))
	e.Group("/api", func(next echo.HandlerFunc) echo.HandlerFunc { return next }).GET("/x", named("x"))
	e.Host("other.example").GET("/things", named("other"))
	all := map[string]scopes.Requirement{
		"GET /things": scopes.Public(), "GET /things/:id": scopes.Public(), "GET /api/x": scopes.Public(),
		"GET other.example/things": scopes.Public(),
		"PURGE /purged":            scopes.Public(),
	}
	with := func(routes ...string) *scopes.Table {
		rules := map[string]scopes.Requirement{}
		for route, need := range all {
			rules[route] = need
		}
		for _, route := range routes {
			rules[route] = scopes.Public()
		}
		return scopes.Policy{Routes: rules}.MustCompile()
	}
	few := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /things": scopes.Public(),
		"GET /api/x":  scopes.Public(), "PURGE /purged": scopes.Public(),
	}, Unrouted: scopes.Public()}.MustCompile()

	tests := []struct {
		name  string
		table *scopes.Table
		want  string
	}{
		{"a rule for each route", with(), ""},
		{"rules for requests that Echo answers itself", with("OPTIONS /things", "OPTIONS other.example/things", "GET /api/*", "POST /api"), ""},
		{"rules for HEAD, which is judged by GET's rule", with("HEAD /things", "HEAD other.example/things"), ""},
		{"a rule for HEAD of a path without GET", with("HEAD /purged"), `scopes: rule "HEAD /purged" has no route`},
		{"a rule for a wrong method", with("PATCH /things"), `scopes: rule "PATCH /things" has no route`},
		{"a rule for a misspelled method", with("GETT /things"), `scopes: rule "GETT /things" has no route: no route has the method "GETT"`},
		{"a rule without a method", with("/things"), `scopes: rule "/things" has no route: each route of this router begins with a method`},
		{"a rule for another host's path", with("GET third.example/things"), `scopes: rule "GET third.example/things" has no route`},
		{"a rule for a path with another parameter", with("GET /things/:name"), `scopes: rule "GET /things/:name" has no route`},
		{"routes without a rule, those of hosts, too", few, "scopes: route \"GET /things/:id\" has no rule\nscopes: route \"GET other.example/things\" has no rule"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got string
			if err := echoauth.Audit(e, tt.table); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Audit and Enforce spell each route in the same way.
func TestAuditAndEnforceSpellRoutesAlike(t *testing.T) {
	e := echo.New()
	rules := map[string]scopes.Requirement{}
	table := scopes.Policy{}.MustCompile()
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error { return echoauth.Enforce(newGuard(t, middleware.Options{}), table)(next)(c) }
	})
	requests := map[string]string{
		"GET /": "/", "GET /a/:id/b": "/a/1/b", "GET /esc\\:aped": "/esc:aped", "GET /any/*": "/any/thing",
		"GET /static*": "/static/x", "GET /g": "/g", "GET h.example/": "http://h.example/",
	}
	e.GET("", named(""))
	e.GET("a/:id/b", named(""))
	e.GET("/esc\\:aped", named(""))
	e.GET("/any/*", named(""))
	e.GET("/static*", named(""))
	e.Group("/g").GET("", named(""))
	e.Host("h.example").GET("", named(""))
	for route := range requests {
		rules[route] = scopes.Public()
	}
	table = scopes.Policy{Routes: rules}.MustCompile()
	if err := echoauth.Audit(e, table); err != nil {
		t.Error(err)
	}
	for route, target := range requests {
		if w := do(e, http.MethodGet, target, ""); w.Code != 200 {
			t.Errorf("%s by %q: %d", target, route, w.Code)
		}
	}
}
