package ginauth_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/adapters/internal/harness"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

func init() { gin.SetMode(gin.TestMode) }

var (
	newGuard = harness.Guard
	do       = harness.Do
)

// enforced returns an engine that is guarded by rules.
func enforced(g *middleware.Guard, rules map[string]scopes.Requirement) *gin.Engine {
	engine := gin.New()
	if err := ginauth.Enforce(engine, g, scopes.Policy{Routes: rules}.MustCompile()); err != nil {
		panic(err) // it has no routes
	}
	return engine
}

// named answers with its own name.
func named(name string) gin.HandlerFunc {
	return func(c *gin.Context) { c.String(http.StatusOK, name) }
}

func TestClaimsAreFoundWithAndWithoutContextWithFallback(t *testing.T) {
	for _, fallback := range []bool{false, true} {
		t.Run(fmt.Sprint(fallback), func(t *testing.T) {
			engine := gin.New()
			engine.ContextWithFallback = fallback
			engine.GET("/", ginauth.Require(newGuard(t, middleware.Options{}), scopes.Optional()), func(c *gin.Context) {
				claims, ok := ginauth.Claims(c)
				same, _ := middleware.ClaimsFrom(c.Request.Context())
				if _, direct := middleware.ClaimsFrom(c); direct != (ok && fallback) {
					t.Errorf("a gin.Context, as a context, yields claims: %v", direct)
				}
				if copied, _ := ginauth.Claims(c.Copy()); copied != claims {
					t.Error("a copy of the gin.Context has other claims")
				}
				if !ok {
					c.String(http.StatusOK, "nobody")
					return
				}
				c.String(http.StatusOK, fmt.Sprint(claims.Subject(), claims == same))
			})
			if got := do(engine, "GET", "/", "good").Body.String(); got != "usertrue" {
				t.Errorf("with a token: %q", got)
			}
			if got := do(engine, "GET", "/", "").Body.String(); got != "nobody" {
				t.Errorf("anonymous: %q", got)
			}
		})
	}
}

func TestARefusalAbortsTheChain(t *testing.T) {
	var ran []string
	note := func(name string) gin.HandlerFunc { return func(*gin.Context) { ran = append(ran, name) } }
	engine := gin.New()
	engine.Use(func(c *gin.Context) {
		c.Next()
		ran = append(ran, fmt.Sprintf("outer sees %v %d", c.IsAborted(), c.Writer.Status()))
	})
	engine.GET("/", note("before"), ginauth.Require(newGuard(t, middleware.Options{}), scopes.Authenticated()),
		note("behind"), note("handler"))
	do(engine, "GET", "/", "")
	do(engine, "GET", "/", "good")
	const want = "before,outer sees true 401,before,behind,handler,outer sees false 200"
	if got := strings.Join(ran, ","); got != want {
		t.Errorf("ran %s, want %s", got, want)
	}
}

// In debug mode Gin warns of a status that is set too late.
func TestARefusalIsWrittenOnce(t *testing.T) {
	var printed strings.Builder
	out := gin.DefaultWriter
	gin.DefaultWriter = &printed
	gin.SetMode(gin.DebugMode)
	defer func() {
		gin.SetMode(gin.TestMode)
		gin.DefaultWriter = out
	}()
	engine := enforced(newGuard(t, middleware.Options{}), nil)
	do(engine, "GET", "/", "good")
	if strings.Contains(printed.String(), "Headers were already written") {
		t.Error(printed.String())
	}
}

func TestAnswersOfAHandlerStayUnchanged(t *testing.T) {
	engine := enforced(newGuard(t, middleware.Options{}), map[string]scopes.Requirement{"GET /": scopes.Authenticated()})
	engine.GET("/", func(c *gin.Context) {
		c.Header("WWW-Authenticate", "Own")
		c.String(http.StatusTeapot, "short and stout")
	})
	if w := do(engine, "GET", "/", "good"); w.Code != 418 || w.Body.String() != "short and stout" ||
		w.Header().Get("WWW-Authenticate") != "Own" {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
}

func TestForgottenArgumentsPanicAtOnce(t *testing.T) {
	for name, f := range map[string]func(){
		"Require without a guard": func() { ginauth.Require(nil, scopes.Public()) },
		"Enforce without a guard": func() { _ = ginauth.Enforce(gin.New(), nil, nil) },
		"WhileAuthorized without a guard": func() {
			c, _ := gin.CreateTestContext(httptest.NewRecorder())
			_ = ginauth.WhileAuthorized(c, nil, scopes.Public(), nil)
		},
		"Enforce without an engine": func() { _ = ginauth.Enforce(nil, newGuard(t, middleware.Options{}), nil) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if text, _ := recover().(string); !strings.HasPrefix(text, "ginauth: nil *") {
					t.Errorf("panics with %q", text)
				}
			}()
			f()
		})
	}
}

func TestManyCallersAtOnceKeepTheirOwnClaims(t *testing.T) {
	g, err := middleware.NewWithVerifier(subjects{}, middleware.Options{})
	if err != nil {
		t.Fatal(err)
	}
	engine := enforced(g, map[string]scopes.Requirement{"GET /me": scopes.Authenticated()})
	engine.GET("/me", func(c *gin.Context) {
		claims, _ := ginauth.Claims(c)
		c.String(http.StatusOK, claims.Subject())
	})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 50 {
				name := fmt.Sprintf("user%d.%d", i, j)
				if w := do(engine, "GET", "/me", name); w.Body.String() != name {
					t.Errorf("%s is taken for %s", name, w.Body)
				}
				if w := do(engine, "GET", "/nowhere", name); w.Code != 403 {
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

func TestTheGuardIsToldAllOfTheRequest(t *testing.T) {
	var event middleware.Event
	engine := gin.New()
	engine.POST("/", ginauth.Require(newGuard(t, middleware.Options{
		Cookie:  "session",
		Observe: func(_ context.Context, e middleware.Event) { event = e },
	}), scopes.Authenticated()), named("handler"))
	r := httptest.NewRequest("POST", "https://api.example/", nil)
	r.Header.Set("Cookie", "session=good")
	r.Header.Set("Origin", "https://api.example") // the same only if the host is known
	w := httptest.NewRecorder()
	engine.ServeHTTP(w, r)
	if w.Code != 200 || event.Route != "POST /" || event.RemoteAddr != r.RemoteAddr || event.TLS != r.TLS {
		t.Errorf("%d, route %q, from %q, TLS %v", w.Code, event.Route, event.RemoteAddr, event.TLS)
	}
}
