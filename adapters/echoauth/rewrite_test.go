package echoauth_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
	echomw "github.com/labstack/echo/v4/middleware"
)

// send sends a request over a real socket, with the fields name, value in turn.
func send(
	t *testing.T, server *httptest.Server, method, host, path, token string, fields ...string,
) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body), resp.Header
}

// change is a middleware that changes the request by f.
func change(f func(echo.Context)) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			f(c)
			return next(c)
		}
	}
}

// rewriters are Echo's own, and what users write.
var rewriters = map[string]func() echo.MiddlewareFunc{
	"none":                func() echo.MiddlewareFunc { return change(func(echo.Context) {}) },
	"Rewrite to open":     func() echo.MiddlewareFunc { return echomw.Rewrite(map[string]string{"*": "/open"}) },
	"Rewrite to closed":   func() echo.MiddlewareFunc { return echomw.Rewrite(map[string]string{"*": "/closed"}) },
	"Rewrite to nowhere":  func() echo.MiddlewareFunc { return echomw.Rewrite(map[string]string{"*": "/nowhere"}) },
	"RemoveTrailingSlash": echomw.RemoveTrailingSlash,
	"AddTrailingSlash":    echomw.AddTrailingSlash,
	"MethodOverride":      echomw.MethodOverride,
	"any method": func() echo.MiddlewareFunc {
		return change(func(c echo.Context) {
			if m := c.Request().Header.Get(echo.HeaderXHTTPMethodOverride); m != "" && c.Request().Method != "HEAD" {
				c.Request().Method = m
			}
		})
	},
	"a host by X-Forwarded-Host": func() echo.MiddlewareFunc {
		return change(func(c echo.Context) {
			if h := c.Request().Header.Get("X-Forwarded-Host"); h != "" {
				c.Request().Host = h
			}
		})
	},
	"StripPrefix": func() echo.MiddlewareFunc {
		return echo.WrapMiddleware(func(h http.Handler) http.Handler { return http.StripPrefix("/api", h) })
	},
	"a request of its own": func() echo.MiddlewareFunc {
		return change(func(c echo.Context) {
			r := c.Request().Clone(c.Request().Context())
			r.URL.Path, r.URL.RawPath = "/nowhere", ""
			c.SetRequest(r)
		})
	},
	"SetPath": func() echo.MiddlewareFunc {
		return change(func(c echo.Context) { c.SetPath("/open") })
	},
	"SetHandler": func() echo.MiddlewareFunc {
		return change(func(c echo.Context) { c.SetHandler(echo.MethodNotAllowedHandler) })
	},
	"parameters": func() echo.MiddlewareFunc {
		return change(func(c echo.Context) {
			if len(c.ParamNames()) > 0 {
				c.SetParamValues("x")
			}
		})
	},
	"a context of its own": func() echo.MiddlewareFunc {
		return func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error { return next(ownContext{c}) }
		}
	},
}

type ownContext struct{ echo.Context }

// rewriteRules are the rules of an API. If a request is judged by a wrong rule, the answer
// shows it.
var rewriteRules = map[string]scopes.Requirement{
	"GET /open":                scopes.Public(),
	"POST /open":               scopes.Public(),
	"PUT /open":                scopes.All("write"),
	"DELETE /open":             scopes.All("write"),
	"GET /open/":               scopes.All("write"),
	"GET /closed":              scopes.All("write"),
	"POST /closed":             scopes.All("write"),
	"GET /closed/":             scopes.Public(),
	"GET /things/:id":          scopes.All("write"),
	"POST /things/:id":         scopes.Public(),
	"GET /api/open":            scopes.All("write"),
	"GET /esc\\:aped":          scopes.All("write"),
	"GET /esc\\:aped/:id/*":    scopes.Public(),
	"PURGE /purged":            scopes.Public(),
	"GET admin.example/open":   scopes.All("write"),
	"GET admin.example/closed": scopes.Public(),
}

// answers is an Echo whose handlers answer with the route that they were registered
// for.
func answers() *echo.Echo {
	e := echo.New()
	admin := e.Host("admin.example")
	for route := range rewriteRules {
		var method, path string
		_, _ = fmt.Sscan(route, &method, &path)
		if host := "admin.example"; path[0] != '/' {
			admin.Add(method, path[len(host):], named(route))
			continue
		}
		e.Add(method, path, named(route))
	}
	e.Any("/forgotten", named("forgotten"))
	return e
}

// The rewriters may do anything and may be anywhere. A handler never serves a caller if the
// rule of the handler refuses this caller.
func TestNoRewriterLeadsToAHandlerWhoseRuleRefuses(t *testing.T) {
	places := map[string]func(e *echo.Echo, rewriter, guard echo.MiddlewareFunc){
		"under Pre":                     func(e *echo.Echo, rw, guard echo.MiddlewareFunc) { e.Pre(rw); e.Use(guard) },
		"before Enforce":                func(e *echo.Echo, rw, guard echo.MiddlewareFunc) { e.Use(rw, guard) },
		"behind Enforce":                func(e *echo.Echo, rw, guard echo.MiddlewareFunc) { e.Use(guard, rw) },
		"before Enforce under Pre":      func(e *echo.Echo, rw, guard echo.MiddlewareFunc) { e.Pre(rw, guard) },
		"behind Enforce under Pre":      func(e *echo.Echo, rw, guard echo.MiddlewareFunc) { e.Pre(guard, rw) },
		"under Pre, and before Enforce": func(e *echo.Echo, rw, guard echo.MiddlewareFunc) { e.Pre(rw); e.Use(rw, guard) },
		"behind a Require under Pre": func(e *echo.Echo, rw, guard echo.MiddlewareFunc) {
			e.Pre(anybody(t), rw)
			e.Use(guard)
		},
	}
	rules := scopes.Policy{Routes: rewriteRules, Unrouted: scopes.Public()}.MustCompile()
	refused := scopes.All("write")
	for name, rewriter := range rewriters {
		for place, put := range places {
			t.Run(name+" "+place, func(t *testing.T) {
				e := answers()
				if name == "a context of its own" && has(place, "Pre") {
					t.Skip("Echo's router panics then")
				}
				put(e, rewriter(), echoauth.Enforce(newGuard(t, middleware.Options{}), rules))
				for _, host := range []string{"http://api.example", "http://admin.example"} {
					for _, path := range []string{
						"/open", "/open/", "/closed", "/closed/", "/things/1", "/things/open", "/api/open", "/esc:aped",
						"/forgotten", "/nowhere", "/",
					} {
						for _, method := range []string{"GET", "POST", "PUT", "HEAD", "OPTIONS", "PURGE"} {
							for _, field := range []string{"", "PUT", "GET", "admin.example", "api.example"} {
								r := httptest.NewRequest(method, host+path, http.NoBody)
								r.Header.Set("Authorization", "Bearer good")
								if len(field) == 3 {
									r.Header.Set(echo.HeaderXHTTPMethodOverride, field)
								} else if field != "" {
									r.Header.Set("X-Forwarded-Host", field)
								}
								w := httptest.NewRecorder()
								e.ServeHTTP(w, r)
								need, known := rewriteRules[w.Body.String()]
								if w.Code == 200 && (need.Equal(refused) || !known && w.Body.Len() > 0) {
									t.Errorf("%s %s%s %s is served by %q", method, host, path, field, w.Body)
								}
							}
						}
					}
				}
			})
		}
	}
}

// What each of Echo's rewriters does before and behind the guard.
func TestRewritersBeforeAndBehindTheGuard(t *testing.T) {
	pre := func(rw echo.MiddlewareFunc) func(*echo.Echo, echo.MiddlewareFunc) {
		return func(e *echo.Echo, guard echo.MiddlewareFunc) { e.Pre(rw); e.Use(guard) }
	}
	before := func(rw echo.MiddlewareFunc) func(*echo.Echo, echo.MiddlewareFunc) {
		return func(e *echo.Echo, guard echo.MiddlewareFunc) { e.Use(rw, guard) }
	}
	behind := func(rw echo.MiddlewareFunc) func(*echo.Echo, echo.MiddlewareFunc) {
		return func(e *echo.Echo, guard echo.MiddlewareFunc) { e.Use(guard, rw) }
	}
	early := func(rw echo.MiddlewareFunc) func(*echo.Echo, echo.MiddlewareFunc) {
		return func(e *echo.Echo, guard echo.MiddlewareFunc) { e.Pre(guard, rw) }
	}
	toOpen := echomw.Rewrite(map[string]string{"/old": "/open"})
	toClosed := echomw.Rewrite(map[string]string{"/open": "/closed", "/old": "/closed", "/esc*": "/closed"})
	host := rewriters["a host by X-Forwarded-Host"]()
	override, admin := []string{echo.HeaderXHTTPMethodOverride, "PUT"}, []string{"X-Forwarded-Host", "admin.example"}

	tests := []struct {
		name         string
		put          func(*echo.Echo, echo.MiddlewareFunc)
		method, path string
		fields       []string
		status       int
		body         string
	}{
		{"Rewrite under Pre: the new path's rule", pre(toClosed), "GET", "/open", nil, 403, ""},
		{"Rewrite under Pre: the new path's handler", pre(toOpen), "GET", "/old", nil, 200, "GET /open"},
		{"Rewrite before Enforce changes neither rule nor handler", before(toClosed), "GET", "/open", nil, 200, "GET /open"},
		{"Rewrite before Enforce, to a path that is known", before(toOpen), "GET", "/old", nil, 403, ""},
		{"Rewrite behind Enforce changes neither rule nor handler", behind(toClosed), "GET", "/open", nil, 200, "GET /open"},
		{"Rewrite behind Enforce, of an unknown path", behind(toOpen), "GET", "/old", nil, 404, ""},
		{"Rewrite behind Enforce under Pre is too late to be judged", early(toOpen), "GET", "/old", nil, 403, ""},
		{"an unknown path under Pre", early(toOpen), "GET", "/nowhere", nil, 403, ""},
		{"a known path under Pre", early(toOpen), "GET", "/open", nil, 403, ""},

		{"RemoveTrailingSlash under Pre", pre(echomw.RemoveTrailingSlash()), "GET", "/closed/", nil, 403, ""},
		{"RemoveTrailingSlash before Enforce", before(echomw.RemoveTrailingSlash()), "GET", "/closed/", nil, 200, "GET /closed/"},
		{"RemoveTrailingSlash behind Enforce", behind(echomw.RemoveTrailingSlash()), "GET", "/closed/", nil, 200, "GET /closed/"},
		{"RemoveTrailingSlash behind Enforce under Pre", early(echomw.RemoveTrailingSlash()), "GET", "/things/1/", nil, 403, ""},
		{"AddTrailingSlash under Pre", pre(echomw.AddTrailingSlash()), "GET", "/open", nil, 403, ""},
		{"AddTrailingSlash before Enforce", before(echomw.AddTrailingSlash()), "GET", "/open", nil, 200, "GET /open"},
		{"AddTrailingSlash behind Enforce", behind(echomw.AddTrailingSlash()), "GET", "/open", nil, 200, "GET /open"},

		{"MethodOverride under Pre", pre(echomw.MethodOverride()), "POST", "/open", override, 403, ""},
		{"MethodOverride before Enforce: POST's handler, POST's rule", before(echomw.MethodOverride()), "POST", "/open", override, 200, "POST /open"},
		{"MethodOverride before Enforce cannot find a weaker rule", before(rewriters["any method"]()), "POST", "/closed", []string{echo.HeaderXHTTPMethodOverride, "OPTIONS"}, 403, ""},
		{"MethodOverride before Enforce, on a route with parameters", before(rewriters["any method"]()), "GET", "/things/1", []string{echo.HeaderXHTTPMethodOverride, "POST"}, 403, ""},
		{"MethodOverride behind Enforce: POST's handler, POST's rule", behind(echomw.MethodOverride()), "POST", "/open", override, 200, "POST /open"},
		{"MethodOverride behind Enforce under Pre", early(echomw.MethodOverride()), "POST", "/open", override, 403, ""},

		{"a method of the user's own, before Enforce", before(rewriters["any method"]()), "PURGE", "/purged", []string{echo.HeaderXHTTPMethodOverride, "GET"}, 200, "PURGE /purged"},
		{"Rewrite before Enforce, of a path with parameters, escapes and a wildcard", before(toClosed), "GET", "/esc:aped/1/a/b", nil, 200, "GET /esc\\:aped/:id/*"},
		{"SetPath before Enforce", before(rewriters["SetPath"]()), "GET", "/closed/", nil, 200, "GET /closed/"},
		{"SetPath before Enforce cannot find a weaker rule", before(rewriters["SetPath"]()), "GET", "/closed", nil, 403, ""},
		{"parameters before Enforce", before(rewriters["parameters"]()), "POST", "/things/1", nil, 200, "POST /things/:id"},

		{"a host under Pre: the router of that host", pre(host), "GET", "/open", admin, 403, ""},
		{"a host before Enforce changes neither rule nor handler", before(host), "GET", "/open", admin, 200, "GET /open"},
		{"a host before Enforce cannot find a weaker rule", before(host), "GET", "/closed", admin, 403, ""},
		{"a host behind Enforce changes neither rule nor handler", behind(host), "GET", "/open", admin, 200, "GET /open"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := answers()
			rules := scopes.Policy{Routes: rewriteRules, Unrouted: scopes.Authenticated()}.MustCompile()
			tt.put(e, echoauth.Enforce(newGuard(t, middleware.Options{}), rules))
			server := httptest.NewServer(e)
			defer server.Close()
			for range 2 { // the second time from memory
				status, body, _ := send(t, server, tt.method, "api.example", tt.path, "good", tt.fields...)
				if status != tt.status || status == 200 && body != tt.body {
					t.Errorf("%d %q", status, body)
				}
				if status, _, _ := send(t, server, "POST", "api.example", "/open", ""); status != 200 &&
					!has(tt.name, "under Pre") {
					t.Errorf("a public route: %d", status)
				}
			}
		})
	}
}

// Report-only is set for named routes. So no rewriter may give a request the name of another
// route.
func TestNoRewriterGivesARequestTheNameOfAnotherRoute(t *testing.T) {
	g := newGuard(t, middleware.Options{InsecureReportOnly: func(_ context.Context, r middleware.Request) bool {
		return r.Route == "PUT /things"
	}})
	rules := scopes.Policy{Routes: map[string]scopes.Requirement{
		"POST /things": scopes.All("write"),
		"PUT /things":  scopes.All("write"),
	}}.MustCompile()
	enforced, required, grouped := echo.New(), echo.New(), echo.New()
	enforced.Use(echomw.MethodOverride(), echoauth.Enforce(g, rules))
	required.Use(echomw.MethodOverride(), echoauth.Require(g, scopes.All("write")))
	grouped.Use(echomw.MethodOverride())
	for name, e := range map[string]interface {
		Add(method, path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
	}{
		"Enforce": enforced, "Require": required,
		"Require of a group": grouped.Group("", echoauth.Require(g, scopes.All("write"))),
	} {
		t.Run(name, func(t *testing.T) {
			e.Add("POST", "/things", named("POST"))
			e.Add("PUT", "/things", named("PUT"))
			h, ok := e.(http.Handler)
			if !ok {
				h = grouped
			}
			server := httptest.NewServer(h)
			defer server.Close()
			status, _, _ := send(t, server, "POST", "", "/things", "good", echo.HeaderXHTTPMethodOverride, "PUT")
			if status != 403 {
				t.Errorf("POST as PUT: %d", status)
			}
			if status, body, _ := send(t, server, "PUT", "", "/things", "good"); status != 200 || body != "PUT" {
				t.Errorf("PUT: %d %q", status, body)
			}
		})
	}
}

// Middleware that answers itself is not a route, so rules cannot name what it serves.
func TestProxyAndStatic(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "backend "+r.URL.Path)
	}))
	defer backend.Close()
	target, err := url.Parse(backend.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := func() echo.MiddlewareFunc {
		return echomw.Proxy(echomw.NewRandomBalancer([]*echomw.ProxyTarget{{URL: target}}))
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	exact := map[string]scopes.Requirement{"GET /api/*": scopes.All("write"), "GET /open": scopes.All("write")}
	tests := []struct {
		name        string
		put         func(e *echo.Echo, guard echo.MiddlewareFunc)
		rules       map[string]scopes.Requirement
		path, token string
		status      int
		body        string
	}{
		{"Proxy of a group is Unrouted", func(e *echo.Echo, g echo.MiddlewareFunc) { e.Use(g); e.Group("/api", proxy()) }, nil, "/api/x", "", 401, ""},
		{"Proxy of a group, with a token", func(e *echo.Echo, g echo.MiddlewareFunc) { e.Use(g); e.Group("/api", proxy()) }, nil, "/api/x", "good", 200, "backend /api/x"},
		{"Proxy of a group has a rule by its path", func(e *echo.Echo, g echo.MiddlewareFunc) { e.Use(g); e.Group("/api", proxy()) }, exact, "/api/x", "good", 403, ""},
		{"Proxy behind Enforce is Unrouted", func(e *echo.Echo, g echo.MiddlewareFunc) { e.Use(g, proxy()) }, nil, "/x", "", 401, ""},
		{"Proxy behind Enforce, with a token", func(e *echo.Echo, g echo.MiddlewareFunc) { e.Use(g, proxy()) }, nil, "/x", "good", 200, "backend /x"},
		{"Proxy behind Enforce, on a path with a route", func(e *echo.Echo, g echo.MiddlewareFunc) { e.Use(g, proxy()) }, exact, "/open", "good", 403, ""},
		{"Proxy before Enforce is not guarded", func(e *echo.Echo, g echo.MiddlewareFunc) { e.Use(proxy(), g) }, nil, "/open", "", 200, "backend /open"},
		{"Proxy under Pre is not guarded", func(e *echo.Echo, g echo.MiddlewareFunc) { e.Pre(proxy()); e.Use(g) }, nil, "/open", "", 200, "backend /open"},
		{"Proxy behind Enforce under Pre, on a path with a route", func(e *echo.Echo, g echo.MiddlewareFunc) { e.Pre(g, proxy()) }, nil, "/open", "good", 403, ""},
		{"Static behind Enforce is Unrouted", func(e *echo.Echo, g echo.MiddlewareFunc) { e.Use(g, echomw.Static(dir)) }, nil, "/file", "", 401, ""},
		{"Static behind Enforce, with a token", func(e *echo.Echo, g echo.MiddlewareFunc) { e.Use(g, echomw.Static(dir)) }, nil, "/file", "good", 200, "text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := echo.New()
			rules := scopes.Policy{Routes: tt.rules, Unrouted: scopes.Authenticated()}.MustCompile()
			tt.put(e, echoauth.Enforce(newGuard(t, middleware.Options{}), rules))
			e.GET("/open", named("open"))
			server := httptest.NewServer(e)
			defer server.Close()
			if status, body, _ := send(t, server, "GET", "", tt.path, tt.token); status != tt.status ||
				status == 200 && body != tt.body {
				t.Errorf("%d %q", status, body)
			}
		})
	}
}

// anybody is a guard that admits every caller.
func anybody(t *testing.T) echo.MiddlewareFunc {
	return echoauth.Require(newGuard(t, middleware.Options{}), scopes.Public())
}
