package ginauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

// An issuer in memory and a guard that trusts it, for the examples.
var (
	issuer = must(authtest.New(authtest.Config{}))
	guard  = must(middleware.New(issuer.Config(), middleware.Options{}))
)

// leeway is how long the guard accepts a token after its expiry.
const leeway = 30 * time.Second

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// ask sends a request with a token that grants scope, without one for "-", and
// prints the answer.
func ask(h http.Handler, method, target, scope string) {
	token := ""
	if scope != "-" {
		token = issuer.Mint(authtest.Token{Scope: scope})
	}
	askWith(h, method, target, token)
}

// askWith is ask with a token that the example has made.
func askWith(h http.Handler, method, target, token string) {
	r := httptest.NewRequest(method, target, nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	answer := fmt.Sprintln(method, target, w.Code, w.Header().Get("WWW-Authenticate"))
	fmt.Println(strings.TrimSpace(answer))
}

func orders(c *gin.Context) {
	claims, _ := ginauth.Claims(c)
	c.JSON(http.StatusOK, gin.H{"of": claims.Subject()})
}

func ok(c *gin.Context) { c.Status(http.StatusOK) }

// Two statements guard a route. The quickstart is compiled but not run, because it looks for an
// issuer on the network.
func Example() {
	guard, err := middleware.New(middleware.JWTConfig{
		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
	}, middleware.Options{Logger: slog.Default()})
	if err != nil {
		log.Fatal(err)
	}
	defer guard.Close()
	engine := gin.New()
	engine.GET("/orders", ginauth.Require(guard, scopes.All("orders:read")), orders)
	log.Fatal(engine.Run("127.0.0.1:8080"))
}

func ExampleRequire() {
	engine := gin.New()
	engine.GET("/healthz", ok)
	engine.GET("/orders", ginauth.Require(guard, scopes.All("orders:read")), orders)

	admin := engine.Group("/admin", ginauth.Require(guard, scopes.All("admin")))
	admin.GET("/users", ok)

	ask(engine, "GET", "/healthz", "-")
	ask(engine, "GET", "/orders", "-")
	ask(engine, "GET", "/orders", "orders:read")
	ask(engine, "GET", "/admin/users", "orders:read")
	// Output:
	// GET /healthz 200
	// GET /orders 401 Bearer realm="api"
	// GET /orders 200
	// GET /admin/users 403 Bearer realm="api", error="insufficient_scope", scope="admin"
}

// Gin gives a route the middleware that is in use at that moment. A route that is registered
// before Use stays open.
func ExampleRequire_incorrect() {
	engine := gin.New()
	engine.GET("/early", ok)
	engine.Use(ginauth.Require(guard, scopes.All("orders:read")))
	engine.GET("/late", ok)

	ask(engine, "GET", "/early", "-")
	ask(engine, "GET", "/late", "-")
	// Output:
	// GET /early 200
	// GET /late 401 Bearer realm="api"
}

func ExampleEnforce() {
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /healthz":    scopes.Public(),
		"GET /orders/:id": scopes.All("orders:read"),
	}, Unrouted: scopes.Authenticated()}.MustCompile()
	engine := gin.New()
	if err := ginauth.Enforce(engine, guard, policy); err != nil {
		log.Fatal(err)
	}
	engine.GET("/healthz", ok)
	engine.GET("/orders/:id", orders)
	engine.DELETE("/orders/:id", ok) // no rule: closed

	ask(engine, "GET", "/healthz", "-")
	ask(engine, "GET", "/orders/7", "-")
	ask(engine, "GET", "/orders/7", "orders:read")
	ask(engine, "DELETE", "/orders/7", "orders:read")
	ask(engine, "GET", "/nowhere", "orders:read")
	ask(engine, "GET", "/nowhere", "-")
	// Output:
	// GET /healthz 200
	// GET /orders/7 401 Bearer realm="api"
	// GET /orders/7 200
	// DELETE /orders/7 403
	// GET /nowhere 404
	// GET /nowhere 401 Bearer realm="api"
}

// Enforce comes before the first route. It cannot guard routes that exist already, and its error
// names them. A group without a route cannot be seen. If it was made before, it stays open.
func ExampleEnforce_incorrect() {
	engine := gin.New()
	engine.GET("/orders", ok)
	group := engine.Group("/invoices")
	fmt.Println(ginauth.Enforce(engine, guard, nil))
	group.GET("/:id", ok)
	engine.GET("/users", ok)

	ask(engine, "GET", "/orders", "-")
	ask(engine, "GET", "/invoices/7", "-")
	ask(engine, "GET", "/users", "-")
	// Output:
	// ginauth: Enforce was called after these routes were registered, and does not guard them: GET /orders
	// GET /orders 200
	// GET /invoices/7 200
	// GET /users 403
}

// At start, or in a test, Audit finds the routes without a rule.
func ExampleAudit() {
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /orders/:id":   scopes.All("orders:read"),
		"GET /invoices/:id": scopes.All("invoices:read"),
	}}.MustCompile()
	engine := gin.New()
	engine.GET("/orders/:id", orders)
	engine.DELETE("/orders/:id", ok)
	fmt.Println(ginauth.Audit(engine, policy))
	// Output:
	// scopes: route "DELETE /orders/:id" has no rule
	// scopes: rule "GET /invoices/:id" has no route
}

func ExampleClaims() {
	engine := gin.New()
	engine.GET("/me", ginauth.Require(guard, scopes.Authenticated()), func(c *gin.Context) {
		claims, ok := ginauth.Claims(c)
		fmt.Println(claims.Subject(), ok)
	})
	ask(engine, "GET", "/me", "")
	// Output:
	// user-1 true
	// GET /me 200
}

// The handler decides what does not depend on the route alone.
func ExampleRefuse() {
	engine := gin.New()
	engine.GET("/orders/:id", ginauth.Require(guard, scopes.All("orders:read")), func(c *gin.Context) {
		if c.Param("id") == "7" { // the order of another user
			if err := guard.Authorize(c.Request.Context(), scopes.All("orders:all")); err != nil {
				ginauth.Refuse(c, err)
				return
			}
		}
		c.Status(http.StatusOK)
	})
	ask(engine, "GET", "/orders/6", "orders:read")
	ask(engine, "GET", "/orders/7", "orders:read")
	// Output:
	// GET /orders/6 200
	// GET /orders/7 403 Bearer realm="api", error="insufficient_scope", scope="orders:all"
}

// The claim tenant must equal the tenant in the path. A token without the claim is refused,
// too. The log gets the reason, and the caller does not.
func Example_tenant() {
	listOrders := func(c *gin.Context) {
		claims, _ := ginauth.Claims(c)
		tenant, err := middleware.Claim[string](claims, "tenant")
		if err == nil && tenant != c.Param("tenant") {
			err = errors.New("the path names another tenant")
		}
		if err != nil {
			ginauth.Refuse(c, guard.Forbid(c.Request.Context(), err))
			return
		}
		c.String(http.StatusOK, "orders of "+tenant)
	}
	engine := gin.New()
	engine.GET("/tenants/:tenant/orders", ginauth.Require(guard, scopes.All("orders:read")), listOrders)

	acme := issuer.Mint(authtest.Token{Scope: "orders:read", Claims: map[string]any{"tenant": "acme"}})
	askWith(engine, "GET", "/tenants/acme/orders", acme)
	askWith(engine, "GET", "/tenants/other/orders", acme)
	ask(engine, "GET", "/tenants/acme/orders", "orders:read")
	// Output:
	// GET /tenants/acme/orders 200
	// GET /tenants/other/orders 403
	// GET /tenants/acme/orders 403
}

// The stream of server-sent events ends when the token has expired.
func ExampleWhileAuthorized() {
	events := make(chan string, 2)
	events <- "order 7 was paid"
	events <- "order 8 was paid"

	engine := gin.New()
	engine.GET("/events", func(c *gin.Context) {
		err := ginauth.WhileAuthorized(c, guard, scopes.All("orders:read"), func(ctx context.Context) error {
			c.Stream(func(io.Writer) bool {
				select {
				case event := <-events:
					c.SSEvent("order", event)
					return true
				case <-ctx.Done(): // the token has expired, or the caller has left
					return false
				}
			})
			return context.Cause(ctx)
		})
		if err != nil {
			ginauth.Refuse(c, err) // or nothing, if the stream has begun
		}
	})
	server := httptest.NewServer(engine)
	defer server.Close()
	r := must(http.NewRequest(http.MethodGet, server.URL+"/events", http.NoBody))
	r.Header.Set("Authorization", "Bearer "+issuer.Mint(authtest.Token{
		Scope: "orders:read", Claims: map[string]any{"exp": time.Now().Add(2*time.Second - leeway)},
	}))
	resp := must(server.Client().Do(r))
	defer resp.Body.Close()
	mediaType, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	fmt.Println(resp.StatusCode, mediaType)
	fmt.Println(string(must(io.ReadAll(resp.Body))))
	// Output:
	// 200 text/event-stream
	// event:order
	// data:order 7 was paid
	//
	// event:order
	// data:order 8 was paid
}
