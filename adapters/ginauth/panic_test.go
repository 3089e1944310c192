package ginauth_test

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

// recoveries are middleware that recovers from a panic. Only the first aborts the chain.
var recoveries = map[string]gin.HandlerFunc{
	"gin.Recovery":       gin.RecoveryWithWriter(io.Discard),
	"gin.CustomRecovery": gin.CustomRecoveryWithWriter(io.Discard, func(*gin.Context, any) {}),
	"a recovery of the user": func(c *gin.Context) {
		defer func() { _ = recover() }()
		c.Next()
	},
}

// verifier is a function as a Verifier.
type verifier func(token string) (middleware.Claims, error)

func (v verifier) Verify(_ context.Context, token string) (middleware.Claims, error) { return v(token) }

// panicking is an implementation of Rules that panics.
type panicking struct{ scopes.Rules }

func (panicking) Lookup(string) scopes.Requirement { panic("Lookup") }

// guardOf is a guard with v as its verifier.
func guardOf(t *testing.T, v middleware.Verifier, opts middleware.Options) *middleware.Guard {
	t.Helper()
	g, err := middleware.NewWithVerifier(v, opts)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestAPanicOfTheGuardLeavesTheChainClosed(t *testing.T) {
	open := scopes.Policy{
		Routes:   map[string]scopes.Requirement{"GET /": scopes.Authenticated()},
		Unrouted: scopes.Authenticated(),
	}.MustCompile()
	cfg := issuer.Config()
	cfg.Validate = func(context.Context, middleware.Claims) error { panic("Validate") }
	jwt, err := middleware.NewJWT(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer jwt.Close()
	never := func(where string) func(context.Context, middleware.Event) {
		return func(context.Context, middleware.Event) { panic(where) }
	}
	for _, tt := range []struct {
		name, token string
		guard       *middleware.Guard
		rules       scopes.Rules
	}{
		{"an observer of a pass", "good", newGuard(t, middleware.Options{Observe: never("a pass")}), open},
		{"an observer of a refusal", "bad", newGuard(t, middleware.Options{Observe: never("a refusal")}), open},
		{"a verifier", "good", guardOf(t, verifier(func(string) (middleware.Claims, error) { panic("a verifier") }), middleware.Options{}), open},
		{"a Validate function", issuer.Mint(authtest.Token{}), guardOf(t, jwt, middleware.Options{}), open},
		{"a body", "bad", newGuard(t, middleware.Options{Body: func(context.Context, middleware.Request, *middleware.Error) (string, []byte) { panic("a body") }}), open},
		{"report only", "bad", newGuard(t, middleware.Options{InsecureReportOnly: func(context.Context, middleware.Request) bool { panic("report only") }}), open},
		{"rules", "good", newGuard(t, middleware.Options{}), panicking{open}},
		{"rules that are nil", "good", newGuard(t, middleware.Options{}), (*panicking)(nil)},
	} {
		for recovery, recoverer := range recoveries {
			for guard, build := range map[string]func(*gin.Engine) error{
				"Enforce": func(engine *gin.Engine) error { return ginauth.Enforce(engine, tt.guard, tt.rules) },
				"Require": func(engine *gin.Engine) error {
					engine.Use(ginauth.Require(tt.guard, scopes.Authenticated()))
					return nil
				},
			} {
				if guard == "Require" && strings.HasPrefix(tt.name, "rules") {
					continue
				}
				t.Run(tt.name+", "+guard+", "+recovery, func(t *testing.T) {
					engine := gin.New()
					engine.Use(recoverer)
					if err := build(engine); err != nil {
						t.Fatal(err)
					}
					secret := func(c *gin.Context) {
						t.Error("the handler runs")
						c.String(http.StatusOK, "secret")
					}
					engine.GET("/", func(*gin.Context) { t.Error("middleware behind the guard runs") }, secret)
					if w := do(engine, "GET", "/", tt.token); w.Code != 500 || w.Body.Len() > 0 {
						t.Errorf("%d %q", w.Code, w.Body)
					}
				})
			}
		}
	}
}

func TestAPanicOverARequestThatNoRouteServesLeavesTheChainClosed(t *testing.T) {
	for recovery, recoverer := range recoveries {
		t.Run(recovery, func(t *testing.T) {
			engine := gin.New()
			engine.Use(recoverer)
			// this calls Unrouted of a nil interface
			if err := ginauth.Enforce(engine, newGuard(t, middleware.Options{}), panicking{}); err != nil {
				t.Fatal(err)
			}
			engine.NoRoute(func(*gin.Context) { t.Error("the handler of NoRoute runs") })
			if w := do(engine, "GET", "/nowhere", "good"); w.Code != 500 {
				t.Errorf("status %d", w.Code)
			}
		})
	}
}

func TestAPanicInRefuseLeavesTheChainClosed(t *testing.T) {
	g := newGuard(t,
		middleware.Options{Body: func(context.Context, middleware.Request, *middleware.Error) (string, []byte) {
			panic("a body")
		}})
	for recovery, recoverer := range recoveries {
		t.Run(recovery, func(t *testing.T) {
			engine := gin.New()
			engine.GET("/", recoverer, ginauth.Require(g, scopes.Authenticated()),
				func(c *gin.Context) { ginauth.Refuse(c, g.Authorize(c.Request.Context(), scopes.All("write"))) },
				func(*gin.Context) { t.Error("the chain goes on") })
			if w := do(engine, "GET", "/", "good"); w.Code != 500 {
				t.Errorf("status %d", w.Code)
			}
		})
	}
}

func TestAGoroutineThatEndsInTheGuardLeavesTheChainClosed(t *testing.T) {
	g := newGuard(t, middleware.Options{Observe: func(context.Context, middleware.Event) { runtime.Goexit() }})
	engine := gin.New()
	aborted := false
	engine.GET("/", func(c *gin.Context) {
		defer func() { aborted = c.IsAborted() }()
		c.Next()
	}, ginauth.Require(g, scopes.Authenticated()), func(*gin.Context) { t.Error("the handler runs") })
	done := make(chan struct{})
	go func() {
		defer close(done)
		do(engine, "GET", "/", "good")
	}()
	<-done
	if !aborted {
		t.Error("the chain isn't aborted")
	}
}

func TestAPanicOfTheHandlerStaysUnchanged(t *testing.T) {
	for _, guard := range []string{"Enforce", "Require"} {
		t.Run(guard, func(t *testing.T) {
			var caught any
			engine := gin.New()
			engine.Use(gin.CustomRecoveryWithWriter(io.Discard, func(c *gin.Context, err any) {
				caught = err
				if c.IsAborted() {
					t.Error("the chain is aborted")
				}
				c.AbortWithStatus(http.StatusTeapot)
			}))
			if guard == "Require" {
				engine.Use(ginauth.Require(newGuard(t, middleware.Options{}), scopes.Authenticated()))
			} else if err := ginauth.Enforce(engine, newGuard(t, middleware.Options{}),
				scopes.Policy{Default: scopes.Authenticated()}.MustCompile()); err != nil {
				t.Fatal(err)
			}
			engine.GET("/", func(*gin.Context) { panic("the handler's") })
			if w := do(engine, "GET", "/", "good"); w.Code != http.StatusTeapot || caught != "the handler's" {
				t.Errorf("%d, caught %v", w.Code, caught)
			}
		})
	}
}
