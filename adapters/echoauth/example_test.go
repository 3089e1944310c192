package echoauth_test

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

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// An issuer in memory and a guard that trusts it, for the examples.
var (
	issuer = must(authtest.New(authtest.Config{}))
	guard  = must(middleware.New(issuer.Config(), middleware.Options{}))
)

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

func orders(c echo.Context) error {
	claims, _ := echoauth.Claims(c)
	return c.JSON(http.StatusOK, map[string]string{"of": claims.Subject()})
}

func ok(c echo.Context) error { return c.NoContent(http.StatusOK) }

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
	e := echo.New()
	e.GET("/orders", orders, echoauth.Require(guard, scopes.All("orders:read")))
	log.Fatal(e.Start("127.0.0.1:8080"))
}

func ExampleRequire() {
	e := echo.New()
	e.GET("/healthz", ok)
	e.GET("/orders", orders, echoauth.Require(guard, scopes.All("orders:read")))

	admin := e.Group("/admin")
	admin.Use(echoauth.Require(guard, scopes.All("admin"))) // before the group's routes
	admin.GET("/users", ok)

	ask(e, "GET", "/healthz", "-")
	ask(e, "GET", "/orders", "-")
	ask(e, "GET", "/orders", "orders:read")
	ask(e, "GET", "/admin/users", "orders:read")
	// Output:
	// GET /healthz 200
	// GET /orders 401 Bearer realm="api"
	// GET /orders 200
	// GET /admin/users 403 Bearer realm="api", error="insufficient_scope", scope="admin"
}

func ExampleEnforce() {
	policy := scopes.Policy{
		Routes: map[string]scopes.Requirement{
			"GET /healthz":            scopes.Public(),
			"GET /orders/:id":         scopes.All("orders:read"),
			"GET admin.example/users": scopes.All("users:read"),
		},
		Unrouted: scopes.Authenticated(), // a caller with a valid token may see 404 and 405
	}.MustCompile()
	e := echo.New()
	e.Use(echoauth.Enforce(guard, policy))
	e.GET("/healthz", ok)
	e.GET("/orders/:id", orders)
	e.DELETE("/orders/:id", ok) // no rule: closed
	e.Host("admin.example").GET("/users", ok)

	ask(e, "GET", "/healthz", "-")
	ask(e, "GET", "/orders/7", "orders:read")
	ask(e, "DELETE", "/orders/7", "orders:read")
	ask(e, "GET", "http://admin.example/users", "orders:read")
	ask(e, "GET", "/nowhere", "-")
	ask(e, "GET", "/nowhere", "orders:read")
	// Output:
	// GET /healthz 200
	// GET /orders/7 200
	// DELETE /orders/7 403
	// GET http://admin.example/users 403 Bearer realm="api", error="insufficient_scope", scope="users:read"
	// GET /nowhere 401 Bearer realm="api"
	// GET /nowhere 404
}

// Under Pre, Echo has not routed the request yet, so no rule can be found and every route is
// denied. Pass Enforce to Use.
func ExampleEnforce_incorrect() {
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{"GET /orders": scopes.All("orders:read")}}.MustCompile()

	wrong := echo.New()
	wrong.Pre(echoauth.Enforce(guard, policy))
	wrong.GET("/orders", orders)
	ask(wrong, "GET", "/orders", "orders:read")

	right := echo.New()
	right.Use(echoauth.Enforce(guard, policy))
	right.GET("/orders", orders)
	ask(right, "GET", "/orders", "orders:read")
	// Output:
	// GET /orders 403
	// GET /orders 200
}

// At start, or in a test, Audit finds the routes without a rule.
func ExampleAudit() {
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /orders/:id":   scopes.All("orders:read"),
		"GET /invoices/:id": scopes.All("invoices:read"),
	}}.MustCompile()
	e := echo.New()
	e.GET("/orders/:id", orders)
	e.DELETE("/orders/:id", ok)
	fmt.Println(echoauth.Audit(e, policy))
	// Output:
	// scopes: route "DELETE /orders/:id" has no rule
	// scopes: rule "GET /invoices/:id" has no route
}

func ExampleClaims() {
	e := echo.New()
	e.GET("/me", func(c echo.Context) error {
		claims, ok := echoauth.Claims(c)
		fmt.Println(claims.Subject(), ok)
		return nil
	}, echoauth.Require(guard, scopes.Authenticated()))
	ask(e, "GET", "/me", "")
	// Output:
	// user-1 true
	// GET /me 200
}

// The handler decides what does not depend on the route alone. A refusal is always an error, so
// that the handler stops, even if Options.Body has written the answer.
func ExampleRefuse() {
	e := echo.New()
	e.GET("/orders/:id", func(c echo.Context) error {
		if c.Param("id") == "7" { // the order of another user
			err := guard.Authorize(c.Request().Context(), scopes.All("orders:all"))
			if err := echoauth.Refuse(c, err); err != nil {
				return err
			}
		}
		return c.NoContent(http.StatusOK)
	}, echoauth.Require(guard, scopes.All("orders:read")))
	ask(e, "GET", "/orders/6", "orders:read")
	ask(e, "GET", "/orders/7", "orders:read")
	// Output:
	// GET /orders/6 200
	// GET /orders/7 403 Bearer realm="api", error="insufficient_scope", scope="orders:all"
}

// The claim tenant must equal the tenant in the path. A token without the claim is refused,
// too. The log gets the reason, and the caller does not.
func Example_tenant() {
	listOrders := func(c echo.Context) error {
		claims, _ := echoauth.Claims(c)
		tenant, err := middleware.Claim[string](claims, "tenant")
		if err == nil && tenant != c.Param("tenant") {
			err = errors.New("the path names another tenant")
		}
		if err != nil {
			return echoauth.Refuse(c, guard.Forbid(c.Request().Context(), err))
		}
		return c.String(http.StatusOK, "orders of "+tenant)
	}
	e := echo.New()
	e.GET("/tenants/:tenant/orders", listOrders, echoauth.Require(guard, scopes.All("orders:read")))

	acme := issuer.Mint(authtest.Token{Scope: "orders:read", Claims: map[string]any{"tenant": "acme"}})
	askWith(e, "GET", "/tenants/acme/orders", acme)
	askWith(e, "GET", "/tenants/other/orders", acme)
	ask(e, "GET", "/tenants/acme/orders", "orders:read")
	// Output:
	// GET /tenants/acme/orders 200
	// GET /tenants/other/orders 403
	// GET /tenants/acme/orders 403
}

// The stream of server-sent events ends when the client leaves or the token is no longer valid.
func ExampleWhileAuthorized() {
	ticks := make(chan string, 2)
	ticks <- "one"
	ticks <- "two"
	close(ticks)

	e := echo.New()
	e.GET("/events", func(c echo.Context) error {
		err := echoauth.WhileAuthorized(c, guard, scopes.All("orders:read"), func(ctx context.Context) error {
			c.Response().Header().Set(echo.HeaderContentType, "text/event-stream")
			for {
				select {
				case <-ctx.Done(): // the client has left, or the token was refused
					return ctx.Err()
				case tick, more := <-ticks:
					if !more {
						return nil
					}
					if _, err := fmt.Fprintf(c.Response(), "data: %s\n\n", tick); err != nil {
						return err
					}
					c.Response().Flush()
				}
			}
		})
		return echoauth.Refuse(c, err)
	})
	server := httptest.NewServer(e)
	defer server.Close()

	for _, scope := range []string{"orders:read", "orders:write"} {
		r, err := http.NewRequest(http.MethodGet, server.URL+"/events", http.NoBody)
		if err != nil {
			log.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+issuer.Mint(authtest.Token{Scope: scope}))
		resp, err := server.Client().Do(r)
		if err != nil {
			log.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Printf("%d %q %v\n", resp.StatusCode, body, err)
	}
	// Output:
	// 200 "data: one\n\ndata: two\n\n" <nil>
	// 403 "{\"message\":\"insufficient scope\"}\n" <nil>
}
