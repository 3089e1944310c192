package echoauth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
	echomw "github.com/labstack/echo/v4/middleware"
)

const page = "<p>\"no\" & never</p>"

var pages = middleware.Options{Body: func(context.Context, middleware.Request, *middleware.Error) (string, []byte) {
	return "text/html", []byte(page)
}}

// careless are setups that write a second body if they can.
var careless = map[string]func(*echo.Echo) echo.MiddlewareFunc{
	"nothing":       func(*echo.Echo) echo.MiddlewareFunc { return nil },
	"in Debug mode": func(e *echo.Echo) echo.MiddlewareFunc { e.Debug = true; return nil },
	"an error handler that writes without a check": func(e *echo.Echo) echo.MiddlewareFunc {
		e.HTTPErrorHandler = func(err error, c echo.Context) {
			_ = c.JSON(http.StatusInternalServerError, map[string]string{"careless": err.Error()})
		}
		return nil
	},
	"an error handler that writes by the writer": func(e *echo.Echo) echo.MiddlewareFunc {
		e.HTTPErrorHandler = func(_ error, c echo.Context) { _, _ = fmt.Fprint(c.Response().Writer, "careless") }
		return nil
	},
	"a middleware that answers errors": func(*echo.Echo) echo.MiddlewareFunc {
		return func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				if err := next(c); err != nil {
					return c.JSON(http.StatusInternalServerError, "careless")
				}
				return nil
			}
		}
	},
	"a middleware that answers errors by net/http": func(e *echo.Echo) echo.MiddlewareFunc {
		return func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				w := c.Response()
				err := next(c)
				if err != nil {
					_, _ = w.Writer.Write([]byte("careless"))
				}
				return err
			}
		}
	},
	"Gzip and an error handler that writes without a check": func(e *echo.Echo) echo.MiddlewareFunc {
		e.HTTPErrorHandler = func(_ error, c echo.Context) { _ = c.JSON(http.StatusInternalServerError, "careless") }
		return echomw.Gzip()
	},
	"Gzip with a MinLength": func(e *echo.Echo) echo.MiddlewareFunc {
		e.HTTPErrorHandler = func(_ error, c echo.Context) { _ = c.JSON(http.StatusInternalServerError, "careless") }
		return echomw.GzipWithConfig(echomw.GzipConfig{MinLength: 1000})
	},
	"Recover, and a middleware that asks the error handler itself": func(e *echo.Echo) echo.MiddlewareFunc {
		e.HTTPErrorHandler = func(_ error, c echo.Context) { _ = c.JSON(http.StatusInternalServerError, "careless") }
		return func(next echo.HandlerFunc) echo.HandlerFunc {
			return echomw.Recover()(func(c echo.Context) error {
				err := next(c)
				if err != nil {
					c.Error(err) // as a logger does
				}
				return err
			})
		}
	},
	"another content type": func(e *echo.Echo) echo.MiddlewareFunc {
		return change(func(c echo.Context) {
			c.Response().Header().Set("Content-Type", jsonType)
			c.Response().Header().Set("Content-Length", "3")
		})
	},
}

func TestExactlyTheConfiguredBodyArrives(t *testing.T) {
	g := newGuard(t, pages)
	rules := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /enforced": scopes.All("write"), "GET /group/x": scopes.Public(),
		"GET /inside": scopes.Authenticated(), "HEAD /inside": scopes.Authenticated(),
	}}.MustCompile()
	for name, setup := range careless {
		for _, http2 := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, HTTP/2: %v", name, http2), func(t *testing.T) {
				if http2 && has(name, "net/http") {
					t.Skip("the client has the body, and an error")
				}
				e := echo.New()
				mw := setup(e)
				if mw == nil {
					mw = change(func(echo.Context) {})
				}
				deleted := false
				inside := func(c echo.Context) error {
					if err := echoauth.Refuse(c, g.Authorize(c.Request().Context(), scopes.All("write"))); err != nil {
						return err
					}
					deleted = true
					return c.NoContent(http.StatusOK)
				}
				e.Use(mw, echoauth.Enforce(g, rules))
				e.GET("/enforced", inside)
				e.GET("/inside", inside)
				e.HEAD("/inside", inside)
				if has(name, "Gzip") { // once is enough
					mw = change(func(echo.Context) {})
				}
				e.Group("/group", mw).GET("/x", inside, echoauth.Require(g, scopes.All("write")))
				server := httptest.NewUnstartedServer(e)
				server.EnableHTTP2 = http2
				if http2 {
					server.StartTLS()
				} else {
					server.Start()
				}
				defer server.Close()
				for _, path := range []string{"/enforced", "/inside", "/group/x"} {
					status, body, header := send(t, server, "GET", "", path, "good")
					if status != 403 || body != page || header.Get("Content-Type") != "text/html" ||
						header.Get("X-Content-Type-Options") != "nosniff" {
						t.Errorf("%s: %d %q %v", path, status, body, header)
					}
					if !has(header.Get("WWW-Authenticate"), "insufficient_scope") {
						t.Errorf("%s: challenge %q", path, header.Get("WWW-Authenticate"))
					}
				}
				status, body, header := send(t, server, "HEAD", "", "/inside", "good")
				if status != 403 || body != "" || !has(name, "Gzip") && header.Get("Content-Length") != strconv.Itoa(len(page)) {
					t.Errorf("HEAD: %d %q %v", status, body, header)
				}
				if deleted {
					t.Error("the handler went on")
				}
			})
		}
	}
}

func TestARefusalIsAnErrorForMiddlewareWhoeverWroteTheBody(t *testing.T) {
	for name, opts := range map[string]middleware.Options{"Echo's body": {}, "a body of its own": pages} {
		t.Run(name, func(t *testing.T) {
			var seen error
			var status int
			e := echo.New()
			e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
				return func(c echo.Context) error {
					seen = next(c)
					status = c.Response().Status
					return seen
				}
			}, echoauth.Require(newGuard(t, opts), scopes.Authenticated()))
			do(e, "GET", "/", "")
			var refusal *middleware.Error
			var answer *echo.HTTPError
			if !errors.As(seen, &refusal) || refusal.Code() != middleware.CodeMissing || !errors.As(seen, &answer) ||
				answer.Code != 401 {
				t.Errorf("saw %v", seen)
			}
			if name != "Echo's body" && status != 401 {
				t.Errorf("saw the status %d", status)
			}
		})
	}
}

// A refusal adds nothing to a response that the handler has begun, and an error handler cannot
// add anything either.
func TestARefusalAddsNothingToAResponseThatHasBegun(t *testing.T) {
	for name, opts := range map[string]middleware.Options{"Echo's body": {}, "a body of its own": pages} {
		for handler, setup := range careless {
			if has(handler, "writer") || has(handler, "net/http") { // around Echo's response
				continue
			}
			t.Run(name+", "+handler, func(t *testing.T) {
				g := newGuard(t, opts)
				e := echo.New()
				mws := []echo.MiddlewareFunc{echoauth.Require(g, scopes.Authenticated())}
				if mw := setup(e); mw != nil && handler != "another content type" {
					mws = append([]echo.MiddlewareFunc{mw}, mws...)
				}
				e.Use(mws...)
				e.GET("/", func(c echo.Context) error {
					_ = c.String(http.StatusOK, "begun")
					return echoauth.Refuse(c, g.Authorize(c.Request().Context(), scopes.All("write")))
				})
				server := httptest.NewServer(e)
				defer server.Close()
				if status, body, header := send(t, server, "GET", "", "/", "good"); status != 200 || body != "begun" ||
					header.Get("WWW-Authenticate") != "" {
					t.Errorf("%d %q %v", status, body, header)
				}
			})
		}
	}
}

// A context from the pool has a new response after a refusal.
func TestTheNextRequestGetsAResponseOfItsOwn(t *testing.T) {
	g := newGuard(t, pages)
	e := echo.New()
	e.GET("/closed", named("closed"), echoauth.Require(g, scopes.All("write")))
	e.GET("/open", named("open"))
	server := httptest.NewServer(e)
	defer server.Close()
	for range 20 {
		if status, body, _ := send(t, server, "GET", "", "/closed", "good"); status != 403 || body != page {
			t.Errorf("%d %q", status, body)
		}
		if status, body, _ := send(t, server, "GET", "", "/open", ""); status != 200 || body != "open" {
			t.Errorf("%d %q", status, body)
		}
	}
}
