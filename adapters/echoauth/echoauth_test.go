package echoauth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/adapters/internal/harness"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

var (
	newGuard = harness.Guard
	do       = harness.Do
)

// named answers with its own name.
func named(name string) echo.HandlerFunc {
	return func(c echo.Context) error { return c.String(http.StatusOK, name) }
}

func TestRequireGuardsItsRouteAndNoOther(t *testing.T) {
	e := echo.New()
	read := echoauth.Require(newGuard(t, middleware.Options{}), scopes.All("read"))
	e.GET("/closed", named("closed"), read)
	e.GET("/open", named("open"))
	group := e.Group("/group")
	group.GET("/early", named("early"))
	group.Use(read)
	group.GET("/late", named("late"))

	tests := []struct {
		name, method, target, token string
		status                      int
	}{
		{"without a token", "GET", "/closed", "", 401},
		{"with one", "GET", "/closed", "good", 200},
		{"a route without Require is open", "GET", "/open", "", 200},
		{"Echo itself answers 404 for an unknown path", "GET", "/nowhere", "", 404},
		{"Echo answers 405 without the middleware of a route", "POST", "/closed", "", 405},
		{"a group's route from before Use stays open", "GET", "/group/early", "", 200},
		{"a group's route from after Use is guarded", "GET", "/group/late", "", 401},
		{"a group's 404 is guarded", "GET", "/group/nowhere", "", 401},
		{"a group's 404 shows with a token", "GET", "/group/nowhere", "good", 404},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if w := do(e, tt.method, tt.target, tt.token); w.Code != tt.status {
				t.Errorf("status %d, want %d", w.Code, tt.status)
			}
		})
	}
}

func TestClaimsAreFoundInTheContextAndTheRequest(t *testing.T) {
	e := echo.New()
	e.GET("/", func(c echo.Context) error {
		claims, ok := echoauth.Claims(c)
		same, _ := middleware.ClaimsFrom(c.Request().Context())
		if !ok {
			return c.String(http.StatusOK, "nobody")
		}
		return c.String(http.StatusOK, fmt.Sprint(claims.Subject(), claims == same))
	}, echoauth.Require(newGuard(t, middleware.Options{}), scopes.Optional()))
	if got := do(e, "GET", "/", "good").Body.String(); got != "usertrue" {
		t.Errorf("with a token: %q", got)
	}
	if got := do(e, "GET", "/", "").Body.String(); got != "nobody" {
		t.Errorf("anonymous: %q", got)
	}
}

func TestAnswersAndErrorsOfAHandlerStayUnchanged(t *testing.T) {
	e := echo.New()
	own := errors.New("the handler's own")
	var got error
	e.HTTPErrorHandler = func(err error, c echo.Context) { got = err; e.DefaultHTTPErrorHandler(err, c) }
	e.Use(echoauth.Enforce(newGuard(t, middleware.Options{}),
		scopes.Policy{Default: scopes.Authenticated()}.MustCompile()))
	e.GET("/error", func(echo.Context) error { return own })
	e.GET("/teapot", func(c echo.Context) error {
		c.Response().Header().Set("WWW-Authenticate", "Own")
		return c.String(http.StatusTeapot, "short and stout")
	})
	if w := do(e, "GET", "/error", "good"); w.Code != 500 || got != own {
		t.Errorf("status %d, error %v", w.Code, got)
	}
	if w := do(e, "GET", "/teapot", "good"); w.Code != 418 || w.Body.String() != "short and stout" ||
		w.Header().Get("WWW-Authenticate") != "Own" {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
}

func TestForgottenGuardsPanicAtOnce(t *testing.T) {
	for name, f := range map[string]func(){
		"Require": func() { echoauth.Require(nil, scopes.Public()) },
		"Enforce": func() { echoauth.Enforce(nil, nil) },
		"WhileAuthorized": func() {
			c := echo.New().NewContext(httptest.NewRequest("GET", "/", http.NoBody), httptest.NewRecorder())
			_ = echoauth.WhileAuthorized(c, nil, scopes.Public(), nil)
		},
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

func TestManyCallersAtOnceKeepTheirOwnClaims(t *testing.T) {
	e := echo.New()
	g, err := middleware.NewWithVerifier(subjects{}, middleware.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e.Use(echoauth.Enforce(g,
		scopes.Policy{Routes: map[string]scopes.Requirement{"GET /me": scopes.Authenticated()}}.MustCompile()))
	e.GET("/me", func(c echo.Context) error {
		claims, _ := echoauth.Claims(c)
		return c.String(http.StatusOK, claims.Subject())
	})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 50 {
				name := fmt.Sprintf("user%d.%d", i, j)
				if w := do(e, "GET", "/me", name); w.Body.String() != name {
					t.Errorf("%s is taken for %s", name, w.Body)
				}
				if w := do(e, "GET", "/nowhere", name); w.Code != 403 {
					t.Errorf("an unknown path: %d", w.Code)
				}
			}
		})
	}
	all.Wait()
}

// subjects accepts any token as the name of its bearer.
type subjects struct{}

func (subjects) Verify(_ context.Context, token string) (middleware.Claims, error) {
	return middleware.NewClaims(map[string]any{"sub": token})
}

func has(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

func TestTheGuardIsToldAllOfTheRequest(t *testing.T) {
	var event middleware.Event
	e := echo.New()
	e.POST("/", named("handler"), echoauth.Require(newGuard(t, middleware.Options{
		Cookie:  "session",
		Observe: func(_ context.Context, e middleware.Event) { event = e },
	}), scopes.Authenticated()))
	r := httptest.NewRequest("POST", "https://api.example/", nil)
	r.Header.Set("Cookie", "session=good")
	r.Header.Set("Origin", "https://api.example") // the same only if the host is known
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	if w.Code != 200 || event.Route != "POST /" || event.RemoteAddr != r.RemoteAddr || event.TLS != r.TLS {
		t.Errorf("%d, route %q, from %q, TLS %v", w.Code, event.Route, event.RemoteAddr, event.TLS)
	}
}
