package ginauth_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

// send sends a request to server with the token "good", follows no redirect, and
// returns status and body.
func send(t *testing.T, server *httptest.Server, method, target string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+target, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer good")
	resp, err := server.Client().Transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// rewriter is middleware that changes a request once, and not again if Gin routes it again.
func rewriter(change func(*gin.Context)) gin.HandlerFunc {
	type done struct{}
	return func(c *gin.Context) {
		if c.Request.Context().Value(done{}) == nil {
			c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), done{}, true))
			change(c)
		}
	}
}

func TestARewriterDoesNotChangeTheRuleWithoutARefusal(t *testing.T) {
	method := func(name string) func(*gin.Engine, *gin.Context) {
		return func(_ *gin.Engine, c *gin.Context) { c.Request.Method = name }
	}
	path := func(name string) func(*gin.Engine, *gin.Context) {
		return func(_ *gin.Engine, c *gin.Context) { c.Request.URL.Path = name }
	}
	then := func(changes ...func(*gin.Engine, *gin.Context)) func(*gin.Engine, *gin.Context) {
		return func(engine *gin.Engine, c *gin.Context) {
			for _, change := range changes {
				change(engine, c)
			}
		}
	}
	again := func(engine *gin.Engine, c *gin.Context) { engine.HandleContext(c) }
	abort := func(_ *gin.Engine, c *gin.Context) { c.Abort() }
	onward := "GET /mixedGET /open"
	if !since(11) { // before 1.11, HandleContext leaves its chain with the handlers of the new route
		onward = "GET /mixedGET /mixed"
	}
	// Each route answers with its own name. The token grants the scopes for the open routes,
	// but not those for the closed routes.
	tests := []struct {
		name           string
		method, target string
		before, behind func(*gin.Engine, *gin.Context)
		status         int
		body           string // of all handlers that ran; "": of none
	}{
		{"no rewriter", "GET", "/open", nil, nil, 200, "GET /open"},
		{"no rewriter, a closed route", "GET", "/closed", nil, nil, 403, ""},

		{"a method, before: the other method's rule is weaker", "DELETE", "/mixed", method("GET"), nil, 403, ""},
		{"a method, before: the other method's rule is stricter", "GET", "/mixed", method("DELETE"), nil, 403, ""},
		{"a method, before: one handler serves both", "GET", "/any", method("POST"), nil, 403, ""},
		{"a method, before: one handler serves both, the other way", "POST", "/any", method("GET"), nil, 403, ""},
		{"a method, before: a method without a route", "GET", "/open", method("PUT"), nil, 403, ""},
		{"a method, before: in lower case", "GET", "/open", method("get"), nil, 403, ""},
		{"a method, before: the same one", "GET", "/open", method("GET"), nil, 200, "GET /open"},
		{"a method, before: on a copy of the request", "DELETE", "/mixed", func(_ *gin.Engine, c *gin.Context) {
			r := c.Request.Clone(c.Request.Context())
			r.Method = "GET"
			c.Request = r
		}, nil, 403, ""},
		{"a method, before, and back", "GET", "/open", then(method("PUT"), method("GET")), nil, 200, "GET /open"},
		{"a method, before: no route serves the path", "GET", "/nowhere", method("POST"), nil, 404, "404 page not found"},
		{"a method, behind: the rule is that of the route that serves", "GET", "/mixed", nil, method("DELETE"), 200, "GET /mixed"},
		{"a method, behind: so it is if it is closed", "DELETE", "/mixed", nil, method("GET"), 403, ""},

		{"a path, before: Gin has routed already", "GET", "/closed", path("/open"), nil, 403, ""},
		{"a path, before: the other way", "GET", "/open", path("/closed"), nil, 200, "GET /open"},
		{"a path, behind", "GET", "/open", nil, path("/closed"), 200, "GET /open"},

		{"HandleContext, before: to an open route", "GET", "/closed", then(path("/open"), again, abort), nil, 200, "GET /open"},
		{"HandleContext, before: to a closed route", "GET", "/open", then(path("/closed"), again, abort), nil, 403, ""},
		{"HandleContext, before: to another method", "GET", "/mixed", then(method("DELETE"), again, abort), nil, 403, ""},
		{"HandleContext, before: to another method, the other way", "DELETE", "/mixed", then(method("GET"), again, abort), nil, 200, "GET /mixed"},
		{"HandleContext, before, and the earlier chain goes on", "GET", "/closed", then(path("/open"), again), nil, 200, "GET /open"},
		{"the same, with its path and method back", "GET", "/closed", then(path("/open"), again, path("/closed")), nil, 200, "GET /open"},
		{"the same, by one handler", "GET", "/any", then(method("POST"), again, method("GET")), nil, 200, "any"},
		{"the same, to a path that no route serves", "GET", "/closed", then(path("/nowhere"), again), nil, 404, "404 page not found"},
		{"the same, to a redirect", "GET", "/closed", then(path("/open/"), again), nil, 301, "<a href=\"/open\">Moved Permanently</a>.\n\n"},
		{"the same, to a route without the guard", "GET", "/closed", then(path("/early/thing"), again), nil, 200, "GET /early/thing"},
		{"the same, from a path that no route serves", "GET", "/nowhere", then(path("/open"), again), nil, 200, "GET /open"},
		{"the same, twice", "GET", "/closed", then(path("/open"), again, path("/mixed"), again), nil, 200, "GET /openGET /mixed"},
		{"the same, to the earlier route", "GET", "/open", again, nil, 200, "GET /open"},

		{"HandleContext, behind: to a closed route", "GET", "/open", nil, then(path("/closed"), again, abort), 403, ""},
		{"HandleContext, behind: to an open route", "GET", "/open", nil, then(path("/mixed"), again, abort), 200, "GET /mixed"},
		{"HandleContext, behind, to a closed method", "GET", "/mixed", nil, then(method("DELETE"), again, abort), 403, ""},
		{"HandleContext, behind, and the judged chain goes on", "GET", "/open", nil, then(path("/mixed"), again), 200, onward},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			engine := gin.New()
			early := engine.Group("/early")
			use := func(change func(*gin.Engine, *gin.Context)) {
				if change != nil {
					engine.Use(rewriter(func(c *gin.Context) { change(engine, c) }))
				}
			}
			use(tt.before)
			rules := scopes.Policy{Routes: map[string]scopes.Requirement{
				"GET /open": scopes.All("read"), "GET /closed": scopes.All("write"),
				"GET /mixed": scopes.All("read"), "DELETE /mixed": scopes.All("write"),
				"GET /any": scopes.All("read"), "POST /any": scopes.All("read"),
			}, Unrouted: scopes.Authenticated()}.MustCompile()
			if err := ginauth.Enforce(engine, newGuard(t, middleware.Options{}), rules); err != nil {
				t.Fatal(err)
			}
			use(tt.behind)
			for _, route := range []string{"GET /open", "GET /closed", "GET /mixed", "DELETE /mixed"} {
				method, path, _ := strings.Cut(route, " ")
				engine.Handle(method, path, named(route))
			}
			engine.Any("/any", named("any"))
			early.GET("/thing", named("GET /early/thing"))
			server := httptest.NewServer(engine)
			defer server.Close()
			status, body := send(t, server, tt.method, tt.target)
			if refused := strings.HasPrefix(body, "{"); status != tt.status ||
				!refused && body != tt.body || refused && tt.body != "" {
				t.Errorf("%d %q, want %d %q", status, body, tt.status, tt.body)
			}
		})
	}
}

// A wrapper in front of the engine may change a method, because Gin then routes by the
// changed method.
func TestAMethodThatIsChangedInFrontOfTheEngineHasItsOwnRule(t *testing.T) {
	engine := enforced(newGuard(t, middleware.Options{}), map[string]scopes.Requirement{
		"POST /x": scopes.All("read"), "DELETE /x": scopes.All("write"), "PUT /x": scopes.All("read"),
	})
	for _, method := range []string{"POST", "PUT", "DELETE"} {
		engine.Handle(method, "/x", named(method))
	}
	for method, status := range map[string]int{"": 200, "PUT": 200, "DELETE": 403, "PATCH": 403} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if method != "" {
				r.Method = method
			}
			engine.ServeHTTP(w, r)
		}))
		if got, body := send(t, server, "POST", "/x"); got != status {
			t.Errorf("%s: %d %s", method, got, body)
		}
		server.Close()
	}
}

// settings are those of an engine that change how it routes.
var settings = []struct {
	name string
	set  func(*gin.Engine, bool)
}{
	{"RedirectTrailingSlash", func(e *gin.Engine, on bool) { e.RedirectTrailingSlash = on }},
	{"RedirectFixedPath", func(e *gin.Engine, on bool) { e.RedirectFixedPath = on }},
	{"HandleMethodNotAllowed", func(e *gin.Engine, on bool) { e.HandleMethodNotAllowed = on }},
	{"UseRawPath", func(e *gin.Engine, on bool) { e.UseRawPath = on }},
	{"UseEscapedPath", setUseEscapedPath},
	{"UnescapePathValues", func(e *gin.Engine, on bool) { e.UnescapePathValues = on }},
	{"RemoveExtraSlash", func(e *gin.Engine, on bool) { e.RemoveExtraSlash = on }},
}

// since reports whether Gin is at least 1.minor. Older versions, which we support, differ in a few corners.
func since(minor int) bool {
	var is int
	if _, err := fmt.Sscanf(gin.Version, "v1.%d", &is); err != nil {
		panic(err)
	}
	return is >= minor
}

// setUseEscapedPath sets a field by its name, because Gin has it only since 1.12.
func setUseEscapedPath(e *gin.Engine, on bool) {
	if field := reflect.ValueOf(e).Elem().FieldByName("UseEscapedPath"); field.IsValid() {
		field.SetBool(on)
	}
}

// Whatever the settings of Gin, the handler that runs is that of the route that was judged.
func TestTheRouteThatIsJudgedIsTheOneThatServesWhateverTheSettings(t *testing.T) {
	routes := []string{
		"GET /", "GET /:page", "GET /me", "POST /me", "GET /api/:x", "GET /api/me", "HEAD /api/me", "DELETE /api/:x/me",
		"GET /dir/", "GET /api/files/*path", "GET /Case", "GET /a%2Fb", "GET /with space",
	}
	targets := []string{
		"/", "//", "/me", "/me/", "//me", "/ME", "/api/me", "/api/me/", "//api//me", "/api/../me", "/x/../api/me",
		"/api/./me", "/api%2Fme",
		"/api/%6De", "/api/m%65/me", "/api/a%2Fb", "/api/files/../me", "/api/files/%2e%2e/me", "/api/files//", "/dir",
		"/dir/", "/case", "/CASE",
		"/a%2Fb", "/a%252Fb", "/a/b", "/with%20space", "/api/+", "/api/%zz", "/api/;me", "/me;x=1", "/me?x=1",
		"/nowhere/at/all", "*",
	}
	for bits := range 1 << len(settings) {
		var judged string
		g := newGuard(t, middleware.Options{Observe: func(_ context.Context, e middleware.Event) { judged = e.Route }})
		engine := gin.New()
		engine.Use(func(c *gin.Context) { c.Next() })
		var on []string
		for i, setting := range settings {
			if setting.set(engine, bits>>i&1 == 1); bits>>i&1 == 1 {
				on = append(on, setting.name)
			}
		}
		if err := ginauth.Enforce(engine, g,
			scopes.Policy{Default: scopes.Public(), Unrouted: scopes.Public()}.MustCompile()); err != nil {
			t.Fatal(err)
		}
		var served string
		serve := func(route string) gin.HandlerFunc { return func(*gin.Context) { served = route } }
		for _, route := range routes {
			method, path, _ := strings.Cut(route, " ")
			engine.Handle(method, path, serve(route))
		}
		engine.NoRoute(serve(""))
		engine.NoMethod(serve(""))
		for _, method := range []string{"GET", "POST", "HEAD", "DELETE", "OPTIONS", "EVIL"} {
			for _, target := range targets {
				judged, served = "not at all", "not at all" // as for a redirect
				r := httptest.NewRequest(method, "/", http.NoBody)
				r.RequestURI = target
				u, err := r.URL.Parse("http://example.com" + target)
				if err != nil {
					continue // a server refuses such a target, too
				}
				r.URL.Path, r.URL.RawPath, r.URL.RawQuery = u.Path, u.RawPath, u.RawQuery
				func() {
					defer func() { // before 1.12, Gin panics for some paths with RedirectFixedPath
						if v := recover(); v != nil && (since(12) || v != "invalid node type") {
							panic(v)
						}
					}()
					engine.ServeHTTP(httptest.NewRecorder(), r)
				}()
				if judged != served {
					t.Errorf("%s %s with %v: judged as %q, served by %q", method, target, on, judged, served)
				}
			}
		}
	}
}

// A context that Gin reuses contains no note about the earlier request.
func TestTheNoteAboutOneRequestIsNotTakenForThatOfAnother(t *testing.T) {
	engine := gin.New()
	errs := 0
	engine.Use(func(c *gin.Context) {
		if len(c.Errors) > 0 || c.Errors.String() != "" {
			t.Errorf("c.Errors holds %v", c.Errors)
		}
		for range errs {
			_ = c.Error(io.EOF)
		}
	})
	if err := ginauth.Enforce(engine, newGuard(t, middleware.Options{}),
		scopes.Policy{Default: scopes.Authenticated(), Unrouted: scopes.Authenticated()}.MustCompile()); err != nil {
		t.Fatal(err)
	}
	engine.GET("/x", named("x"))
	for i, tt := range []struct{ errs, status int }{
		{0, 200}, {15, 200}, {16, 403}, {0, 200}, {17, 403}, {40, 403}, {0, 200}, {1, 200},
	} {
		errs = tt.errs
		if w := do(engine, "GET", "/x", "good"); w.Code != tt.status {
			t.Errorf("request %d with %d errors: %d, want %d", i, tt.errs, w.Code, tt.status)
		}
		if w := do(engine, "POST", "/x", "good"); errs < 16 && w.Code != 404 {
			t.Errorf("request %d: %s", i, fmt.Sprint(w.Code, w.Body))
		}
	}
}
