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
)

// spelled is an implementation of Rules that compares routes as text.
type spelled map[string]scopes.Requirement

func (s spelled) Lookup(route string) scopes.Requirement { return s[route] }
func (s spelled) Has(route string) bool                  { _, ok := s[route]; return ok }
func (s spelled) Unrouted() scopes.Requirement           { return s["unrouted"] }

// Methods are case-sensitive (RFC 9110 §9.1).
func TestMethodsAreComparedToTheLetter(t *testing.T) {
	var routes []string
	g := newGuard(t, middleware.Options{Observe: func(_ context.Context, e middleware.Event) {
		routes = append(routes, e.Route)
	}})
	e := echo.New()
	e.Use(echoauth.Enforce(g, spelled{
		"GET /upper": scopes.Public(), "HEAD /upper": scopes.Public(), "OPTIONS /upper": scopes.Public(),
		"GET /both": scopes.Public(), "get /both": scopes.All("write"),
		"get /lower":  scopes.Public(),
		"GET /lost/*": scopes.Public(),
		"unrouted":    scopes.Authenticated(),
	}))
	e.GET("/upper", named("GET"))
	e.GET("/both", named("GET"))
	e.Add("get", "/both", named("get"))
	e.Add("get", "/lower", named("get"))
	e.Add("get", "/forgotten", named("get"))
	e.RouteNotFound("/lost/*", named("lost"))
	for _, tt := range []struct {
		name, method, target string
		anonymous, bearer    int
		route                string
	}{
		{"GET", "GET", "/upper", 200, 200, "GET /upper"},
		{"get is not GET", "get", "/upper", 401, 405, ""},
		{"Get is not GET", "Get", "/upper", 401, 405, ""},
		{"head is not HEAD", "head", "/upper", 401, 405, ""},
		{"options is not OPTIONS", "options", "/upper", 401, 405, ""},
		{"GET beside get", "GET", "/both", 200, 200, "GET /both"},
		{"get beside GET", "get", "/both", 401, 403, "get /both"},
		{"a route for get only", "get", "/lower", 200, 200, "get /lower"},
		{"GET is not get", "GET", "/lower", 401, 405, "GET /lower"},
		{"HEAD is not judged by the rule of get", "HEAD", "/lower", 401, 405, "HEAD /lower"},
		{"a route for get without a rule", "get", "/forgotten", 403, 403, "get /forgotten"},
		{"get at a handler for 404", "get", "/lost/x", 401, 200, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			routes = nil
			if w := do(e, tt.method, tt.target, ""); w.Code != tt.anonymous {
				t.Errorf("without a token: %d, want %d", w.Code, tt.anonymous)
			}
			if w := do(e, tt.method, tt.target, "good"); w.Code != tt.bearer {
				t.Errorf("with a token: %d, want %d", w.Code, tt.bearer)
			}
			if want := fmt.Sprintf("%q", []string{tt.route, tt.route}); fmt.Sprintf("%q", routes) != want {
				t.Errorf("routes %q, want %s", routes, want)
			}
		})
	}
}

func TestAuditNamesARouteForAMethodInLowerCase(t *testing.T) {
	e := echo.New()
	e.GET("/things", named("GET"))
	e.Add("get", "/things", named("get"))
	rules := scopes.Policy{Routes: map[string]scopes.Requirement{"GET /things": scopes.Public()}}.MustCompile()
	if err := echoauth.Audit(e, rules); err == nil || err.Error() != `scopes: route "get /things" has no rule` {
		t.Errorf("got %v", err)
	}
}

// Another origin may send a cookie with a GET. A POST that middleware changes into a GET after
// the routing still reaches the handler of POST.
func TestAMethodThatIsChangedDoesNotOpenTheCookieToOtherOrigins(t *testing.T) {
	g := newGuard(t, middleware.Options{Cookie: "token"})
	need := scopes.Authenticated()
	override := change(func(c echo.Context) {
		if method := c.QueryParam("_method"); method != "" {
			c.Request().Method = method
		}
	})
	for name, register := range map[string]func(*echo.Echo){
		"Enforce": func(e *echo.Echo) {
			e.Use(override, echoauth.Enforce(g, scopes.Policy{Default: need}.MustCompile()))
			e.Add("GET", "/", named("got"))
			e.Add("POST", "/", named("posted"))
		},
		"Require": func(e *echo.Echo) {
			e.Use(override)
			e.Add("GET", "/", named("got"), echoauth.Require(g, need))
			e.Add("POST", "/", named("posted"), echoauth.Require(g, need))
		},
		"WhileAuthorized": func(e *echo.Echo) {
			e.Use(override)
			while := func(c echo.Context) error {
				return echoauth.Refuse(c, echoauth.WhileAuthorized(c, g, need, func(context.Context) error {
					return c.String(200, "streamed")
				}))
			}
			e.Add("GET", "/", while)
			e.Add("POST", "/", while)
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := echo.New()
			register(e)
			server := httptest.NewServer(e)
			defer server.Close()
			for _, tt := range []struct {
				method, target, site string
				status               int
			}{
				{"GET", "/", "cross-site", 200},
				{"POST", "/", "cross-site", 403},
				{"POST", "/?_method=GET", "cross-site", 403},
				{"POST", "/?_method=GET", "same-origin", 200},
				{"GET", "/?_method=POST", "cross-site", 403}, // a handler may use that method
			} {
				status, body, _ := send(t, server, tt.method, "", tt.target, "", "Cookie", "token=good", "Sec-Fetch-Site", tt.site)
				if status != tt.status {
					t.Errorf("%s %s, %s: %d %q, want %d", tt.method, tt.target, tt.site, status, body, tt.status)
				}
			}
		})
	}
}

// If no route serves a request, only its own method counts.
func TestACookieForNoRouteIsCheckedByTheMethodOfTheRequest(t *testing.T) {
	g := newGuard(t, middleware.Options{Cookie: "token"})
	e := echo.New()
	e.Use(echoauth.Enforce(g, scopes.Policy{Unrouted: scopes.Authenticated()}.MustCompile()))
	e.RouteNotFound("/*", named("lost"))
	server := httptest.NewServer(e)
	defer server.Close()
	for method, want := range map[string]int{"GET": 200, "POST": 403} {
		status, body, _ := send(t, server, method, "", "/", "", "Cookie", "token=good", "Sec-Fetch-Site", "cross-site")
		if status != want {
			t.Errorf("%s: %d %q, want %d", method, status, body, want)
		}
	}
}
