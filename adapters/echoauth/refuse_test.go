package echoauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

const jsonType = "application/json"

// guarded is an Echo with one route, "GET /", that asks for need.
func guarded(t *testing.T, opts middleware.Options, need scopes.Requirement) *echo.Echo {
	e := echo.New()
	e.Use(echoauth.Enforce(newGuard(t, opts),
		scopes.Policy{Routes: map[string]scopes.Requirement{"GET /": need, "HEAD /": need}}.MustCompile()))
	e.GET("/", named("handler"))
	e.HEAD("/", named(""))
	return e
}

func TestARefusalHasTheShapeOfEchosErrors(t *testing.T) {
	tests := []struct {
		name, token string
		need        scopes.Requirement
		debug       bool
		status      int
		challenge   string
		body        string
	}{
		{"without a token", "", scopes.Authenticated(), false, 401, `Bearer realm="api"`, `{"message":"authentication required"}`},
		{"an invalid token", "bad", scopes.Authenticated(), false, 401, `Bearer realm="api", error="invalid_token"`, `{"message":"invalid token"}`},
		{"a missing scope", "good", scopes.All("write"), false, 403, `Bearer realm="api", error="insufficient_scope", scope="write"`, `{"message":"insufficient scope"}`},
		{"a closed route", "good", scopes.Requirement{}, false, 403, "", `{"message":"access denied"}`},
		{"Debug adds no cause", "bad", scopes.Authenticated(), true, 401, `Bearer realm="api", error="invalid_token"`, "{\n  \"error\": \"code=401, message=invalid token, internal=invalid token\",\n  \"message\": \"invalid token\"\n}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := guarded(t, middleware.Options{}, tt.need)
			e.Debug = tt.debug
			w := do(e, "GET", "/", tt.token)
			if w.Code != tt.status || w.Header().Get("WWW-Authenticate") != tt.challenge ||
				w.Header().Get("Content-Type") != jsonType {
				t.Errorf("%d %v", w.Code, w.Header())
			}
			if got := w.Body.String(); got != tt.body+"\n" {
				t.Errorf("body %s", got)
			}
		})
	}
}

func TestHEADIsRefusedWithoutABody(t *testing.T) {
	w := do(guarded(t, middleware.Options{}, scopes.Authenticated()), "HEAD", "/", "")
	if w.Code != 401 || w.Body.Len() != 0 || w.Header().Get("WWW-Authenticate") == "" {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
}

func TestTheErrorHandlerRendersRefusalsAndCanTellThemApart(t *testing.T) {
	e := guarded(t, middleware.Options{}, scopes.All("write"))
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		var refusal *middleware.Error
		var he *echo.HTTPError
		if !errors.As(err, &refusal) || !errors.As(err, &he) {
			t.Errorf("neither or one of both: %v", err)
			return
		}
		_ = c.String(he.Code, fmt.Sprint("own: ", refusal.Code(), refusal.Scopes()))
	}
	w := do(e, "GET", "/", "good")
	if w.Code != 403 || w.Body.String() != "own: insufficient_scope[write]" ||
		!has(w.Header().Get("WWW-Authenticate"), "insufficient_scope") {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
}

func TestAnOuterMiddlewareSeesTheRefusal(t *testing.T) {
	var seen error
	e := echo.New()
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error { seen = next(c); return seen }
	}, echoauth.Require(newGuard(t, middleware.Options{}), scopes.Authenticated()))
	do(e, "GET", "/", "")
	var refusal *middleware.Error
	if !errors.As(seen, &refusal) || refusal.Code() != middleware.CodeMissing {
		t.Errorf("saw %v", seen)
	}
}

func TestRefuseInsideOfAHandler(t *testing.T) {
	g := newGuard(t, middleware.Options{})
	for _, tt := range []struct {
		name   string
		err    func(echo.Context) error
		status int
		body   string
	}{
		{"no error at all", func(echo.Context) error { return nil }, 200, ""},
		{"a scope that is granted", func(c echo.Context) error { return g.Authorize(c.Request().Context(), scopes.All("read")) }, 200, ""},
		{"a refusal", func(c echo.Context) error { return g.Authorize(c.Request().Context(), scopes.All("write")) }, 403, "insufficient scope"},
		{"a refusal that was wrapped", func(c echo.Context) error {
			return fmt.Errorf("SECRET resolver: %w", g.Authorize(c.Request().Context(), scopes.All("write")))
		}, 403, "insufficient scope"},
		{"a nil refusal", func(echo.Context) error { return (*middleware.Error)(nil) }, 500, "Internal Server Error"},
		{"an error of Echo's", func(echo.Context) error { return echo.ErrTeapot }, 418, "teapot"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := echo.New()
			e.Debug = true
			e.Use(echoauth.Require(g, scopes.Authenticated()))
			e.GET("/", func(c echo.Context) error { return echoauth.Refuse(c, tt.err(c)) })
			w := do(e, "GET", "/", "good")
			if w.Code != tt.status || !has(w.Body.String(), tt.body) || has(w.Body.String(), "SECRET") {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if (w.Header().Get("WWW-Authenticate") != "") != (tt.status == 403) {
				t.Errorf("challenge %q", w.Header().Get("WWW-Authenticate"))
			}
		})
	}
}

type broken struct{ http.ResponseWriter }

var errBroken = errors.New("broken pipe")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestAnOuterMiddlewareSeesThatABodyCouldNotBeWritten(t *testing.T) {
	g := newGuard(t,
		middleware.Options{Body: func(context.Context, middleware.Request, *middleware.Error) (string, []byte) {
			return "text/html", []byte("no")
		}})
	c := echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/", nil), broken{httptest.NewRecorder()})
	err := echoauth.Refuse(c, g.Authorize(t.Context(), scopes.Authenticated()))
	var refusal *middleware.Error
	if !errors.Is(err, errBroken) || !errors.As(err, &refusal) {
		t.Errorf("got %v", err)
	}
}

// An error handler may look at Internal by its type, as Echo's own does.
func TestTheInternalErrorIsTheRefusalItself(t *testing.T) {
	for name, opts := range map[string]middleware.Options{"Echo's body": {}, "a body of its own": pages} {
		t.Run(name, func(t *testing.T) {
			e := guarded(t, opts, scopes.Authenticated())
			var seen error
			e.HTTPErrorHandler = func(err error, _ echo.Context) { seen = err }
			do(e, "GET", "/", "")
			answer, ok := seen.(*echo.HTTPError)
			if !ok {
				t.Fatalf("saw %v", seen)
			}
			if _, ok := answer.Internal.(*middleware.Error); !ok {
				t.Errorf("Internal is a %T", answer.Internal)
			}
		})
	}
}

// An error handler that reports what it has sent must not report a body that nobody got.
func TestAnErrorHandlerIsToldThatItsBodyIsNotSent(t *testing.T) {
	for name, write := range map[string]func(echo.Context) error{
		"String": func(c echo.Context) error { return c.String(http.StatusInternalServerError, "late") },
		"JSON":   func(c echo.Context) error { return c.JSON(http.StatusInternalServerError, "late") },
		"Write":  func(c echo.Context) error { _, err := c.Response().Write([]byte("late")); return err },
	} {
		t.Run(name, func(t *testing.T) {
			e := guarded(t, pages, scopes.Authenticated())
			e.Logger.SetOutput(io.Discard) // Echo warns that the response has begun
			var told error
			e.HTTPErrorHandler = func(_ error, c echo.Context) { told = write(c) }
			if w := do(e, "GET", "/", ""); w.Body.String() != page || !errors.Is(told, http.ErrContentLength) {
				t.Errorf("body %q, told %v", w.Body, told)
			}
		})
	}
}
