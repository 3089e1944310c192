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
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
	echomw "github.com/labstack/echo/v4/middleware"
)

// verifier is a function as a Verifier.
type verifier func(token string) (middleware.Claims, error)

func (v verifier) Verify(_ context.Context, token string) (middleware.Claims, error) { return v(token) }

// panicking are guards in which a function of the user panics.
func panicking(t *testing.T) map[string]*middleware.Guard {
	good := verifier(func(string) (middleware.Claims, error) {
		return middleware.NewClaims(map[string]any{"sub": "user"})
	})
	guard := func(v verifier, opts middleware.Options) *middleware.Guard {
		g, err := middleware.NewWithVerifier(v, opts)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	cfg := issuer.Config()
	cfg.Validate = func(context.Context, middleware.Claims) error { panic("SECRET") }
	ruled, err := middleware.New(cfg, middleware.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ruled.Close() })
	return map[string]*middleware.Guard{
		"the rule":     ruled,
		"the verifier": guard(func(string) (middleware.Claims, error) { panic("SECRET") }, middleware.Options{}),
		"the verifier, with an error": guard(func(string) (middleware.Claims, error) {
			panic(fmt.Errorf("SECRET: %w", middleware.ErrForbidden))
		}, middleware.Options{}),
		"the observer": guard(good, middleware.Options{Observe: func(context.Context, middleware.Event) { panic("SECRET") }}),
		"the body": guard(good,
			middleware.Options{Body: func(context.Context, middleware.Request, *middleware.Error) (string, []byte) {
				panic("SECRET")
			}}),
		"report-only": guard(good, middleware.Options{InsecureReportOnly: func(context.Context, middleware.Request) bool {
			panic("SECRET")
		}}),
	}
}

// If anything panics in a check, the handler does not run, even if middleware recovers.
func TestAPanicInsideOfACheckLeavesTheChainClosed(t *testing.T) {
	recoveries := map[string]echo.MiddlewareFunc{
		"Recover": echomw.RecoverWithConfig(echomw.RecoverConfig{DisablePrintStack: true}),
		"Recover without an error handler": echomw.RecoverWithConfig(echomw.RecoverConfig{
			DisablePrintStack:   true,
			DisableErrorHandler: true,
		}),
		"one that recovers and does nothing": func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				defer func() { _ = recover() }()
				return next(c)
			}
		},
		"one that calls the next handler": func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) (err error) {
				defer func() {
					if recover() != nil {
						err = nil
					}
				}()
				return next(c)
			}
		},
	}
	token := issuer.Mint(authtest.Token{})
	for what, g := range panicking(t) {
		for recovery, mw := range recoveries {
			for _, adapter := range []string{
				"Enforce", "Require", "Require of a group", "Enforce, an unknown path",
				"WhileAuthorized",
			} {
				t.Run(what+", "+recovery+", "+adapter, func(t *testing.T) {
					reached := false
					handler := func(c echo.Context) error {
						reached = true
						return c.NoContent(http.StatusOK)
					}
					// Both a pass and a refusal must be looked at: the observer panics at a pass,
					// too, and the body only at a refusal.
					need := scopes.All("write")
					if what == "the observer" {
						need = scopes.Authenticated()
					}
					e := echo.New()
					e.Use(mw)
					switch adapter {
					case "Enforce":
						e.Use(echoauth.Enforce(g, scopes.Policy{Default: need}.MustCompile()))
						e.GET("/x", handler)
					case "Enforce, an unknown path":
						e.Use(echoauth.Enforce(g, scopes.Policy{Unrouted: need}.MustCompile()), change(func(echo.Context) {
							reached = true
						}))
					case "Require":
						e.GET("/x", handler, echoauth.Require(g, need))
					case "Require of a group":
						e.Group("", echoauth.Require(g, need)).GET("/x", handler)
					case "WhileAuthorized":
						e.GET("/x", func(c echo.Context) error {
							return echoauth.Refuse(c, echoauth.WhileAuthorized(c, g, need, func(context.Context) error {
								return handler(c)
							}))
						})
					}
					server := httptest.NewServer(e)
					defer server.Close()
					_, body, _ := send(t, server, "GET", "", "/x", token)
					if reached || has(body, "SECRET") {
						t.Errorf("reached: %v, body %q", reached, body)
					}
				})
			}
		}
	}
}

func TestAPanicOfTheHandlerStaysUnchanged(t *testing.T) {
	e := echo.New()
	own := errors.New("its own")
	var seen any
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			defer func() { seen = recover() }()
			return next(c)
		}
	}, echoauth.Require(newGuard(t, middleware.Options{}), scopes.Authenticated()))
	e.GET("/", func(echo.Context) error { panic(own) })
	do(e, "GET", "/", "good")
	if seen != own {
		t.Errorf("recovered %v", seen)
	}
}

// An observer that reads the claims of a refused request gets no panic.
func TestAnObserverMayAskForTheClaimsOfARefusedRequest(t *testing.T) {
	asked := 0
	g := newGuard(t, middleware.Options{Observe: func(_ context.Context, e middleware.Event) {
		_, _ = io.WriteString(io.Discard, e.Claims.Subject())
		asked++
	}})
	e := echo.New()
	e.Use(echoauth.Enforce(g, scopes.Policy{Default: scopes.Authenticated()}.MustCompile()))
	e.GET("/", named("handler"))
	if w := do(e, "GET", "/", "bad"); w.Code != 401 || asked != 1 {
		t.Errorf("status %d, asked %d times", w.Code, asked)
	}
}
