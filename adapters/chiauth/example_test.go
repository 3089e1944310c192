package chiauth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/bearerguard/bearerguard/adapters/chiauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/go-chi/chi/v5"
	chimiddleware "github.com/go-chi/chi/v5/middleware"
)

func orders(w http.ResponseWriter, r *http.Request) {
	claims, _ := middleware.ClaimsFrom(r.Context())
	fmt.Fprintf(w, "orders of %s", claims.Subject())
}

// exampleGuard trusts an issuer that lives for the example.
func exampleGuard() (*middleware.Guard, *authtest.Issuer) {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	guard, err := middleware.New(issuer.Config(), middleware.Options{})
	if err != nil {
		log.Fatal(err)
	}
	return guard, issuer
}

// show sends a request to h and prints the status, and the body or the challenge.
func show(h http.Handler, method, target, token string) {
	w := do(h, method, target, token)
	if w.Code == http.StatusOK {
		fmt.Println(w.Code, w.Body)
		return
	}
	fmt.Println(strings.TrimSpace(fmt.Sprint(w.Code, " ", w.Header().Get("WWW-Authenticate"))))
}

// A whole program with an issuer, whose keys are found by discovery, and a policy for all
// routes. It is compiled but not run, because there is no server at issuer.example.
func Example() {
	guard, err := middleware.New(middleware.JWTConfig{
		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
	}, middleware.Options{Logger: slog.Default()})
	if err != nil {
		log.Fatal(err)
	}
	defer guard.Close()
	policy := scopes.Policy{
		Routes: map[string]scopes.Requirement{
			"GET /healthz":          scopes.Public(),
			"GET /api/orders/":      scopes.All("orders:read"),
			"GET /api/orders/{id}":  scopes.All("orders:read"),
			"POST /api/orders/{id}": scopes.All("orders:write"),
		},
		Unrouted: scopes.Authenticated(),
	}.MustCompile()

	r := chi.NewRouter()
	r.Use(chimiddleware.StripSlashes) // what changes the path comes before the guard
	chiauth.Enforce(r, guard, policy)
	r.Use(chimiddleware.GetHead)
	r.Get("/healthz", func(http.ResponseWriter, *http.Request) {})
	r.Route("/api/orders", func(r chi.Router) {
		r.Get("/", orders)
		r.Get("/{id}", orders)
		r.Post("/{id}", orders)
	})
	if err := chiauth.Audit(r, policy); err != nil {
		log.Fatal(err)
	}
	_ = http.ListenAndServe("127.0.0.1:8080", r)
}

// A route that the policy does not list is denied. For an unknown path, a caller with a valid
// token gets chi's own 404.
func ExampleEnforce() {
	guard, issuer := exampleGuard()
	policy := scopes.Policy{
		Routes: map[string]scopes.Requirement{
			"GET /healthz":         scopes.Public(),
			"GET /api/orders/{id}": scopes.All("orders:read"),
		},
		Unrouted: scopes.Authenticated(),
	}.MustCompile()
	r := chi.NewRouter()
	chiauth.Enforce(r, guard, policy)
	r.Get("/healthz", named("ok"))
	r.Route("/api", func(r chi.Router) { r.Get("/orders/{id}", orders) })
	r.Get("/debug", orders) // the policy has no rule for it

	token := issuer.Mint(authtest.Token{Scope: "orders:read"})
	show(r, "GET", "/healthz", "")
	show(r, "GET", "/api/orders/7", token)
	show(r, "GET", "/debug", token)
	show(r, "GET", "/nowhere", token)
	show(r, "GET", "/nowhere", "")
	// Output:
	// 200 ok
	// 200 orders of user-1
	// 403
	// 404
	// 401 Bearer realm="api"
}

// A middleware that changes the path has no effect behind Enforce: "/healthz/" is a path
// that no route serves. It belongs in front.
func ExampleEnforce_incorrect() {
	guard, _ := exampleGuard()
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{"GET /healthz": scopes.Public()}}.MustCompile()

	wrong := chi.NewRouter()
	chiauth.Enforce(wrong, guard, policy)
	wrong.Use(chimiddleware.StripSlashes)
	wrong.Get("/healthz", named("ok"))
	show(wrong, "GET", "/healthz/", "")

	right := chi.NewRouter()
	right.Use(chimiddleware.StripSlashes)
	chiauth.Enforce(right, guard, policy)
	right.Get("/healthz", named("ok"))
	show(right, "GET", "/healthz/", "")
	// Output:
	// 403
	// 200 ok
}

func ExampleRequire() {
	guard, issuer := exampleGuard()
	r := chi.NewRouter()
	r.Get("/healthz", named("ok"))
	r.Group(func(r chi.Router) {
		r.Use(chiauth.Require(guard, scopes.All("orders:read")))
		r.Get("/orders", orders)
	})
	show(r, "GET", "/healthz", "")
	show(r, "GET", "/orders", issuer.Mint(authtest.Token{Scope: "orders:read"}))
	show(r, "GET", "/orders", issuer.Mint(authtest.Token{Scope: "profile"}))
	// Output:
	// 200 ok
	// 200 orders of user-1
	// 403 Bearer realm="api", error="insufficient_scope", scope="orders:read"
}

// Audit compares a policy with the routes at start.
func ExampleAudit() {
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /orders": scopes.All("orders:read"), // Route has a slash at the end
	}}.MustCompile()
	r := chi.NewRouter()
	r.Route("/orders", func(r chi.Router) { r.Get("/", orders) })
	fmt.Println(chiauth.Audit(r, policy))
	// Output:
	// scopes: route "GET /orders/" has no rule
	// scopes: rule "GET /orders" has no route: the router has "GET /orders/"
}

// A handler can judge a request by more than its route.
func ExampleRefuse() {
	guard, issuer := exampleGuard()
	r := chi.NewRouter()
	r.With(chiauth.Require(guard, scopes.Authenticated())).Get("/orders", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("all") != "" {
			if err := guard.Authorize(r.Context(), scopes.All("orders:admin")); err != nil {
				chiauth.Refuse(w, err)
				return
			}
		}
		orders(w, r)
	})
	token := issuer.Mint(authtest.Token{Scope: "orders:read"})
	show(r, "GET", "/orders", token)
	show(r, "GET", "/orders?all=1", token)
	// Output:
	// 200 orders of user-1
	// 403 Bearer realm="api", error="insufficient_scope", scope="orders:admin"
}

// The claim tenant must equal the tenant in the path. A token without the claim is refused,
// too. The log gets the reason, and the caller does not.
func Example_tenant() {
	guard, issuer := exampleGuard()
	listOrders := func(w http.ResponseWriter, r *http.Request) {
		claims, _ := middleware.ClaimsFrom(r.Context())
		tenant, err := middleware.Claim[string](claims, "tenant")
		if err == nil && tenant != chi.URLParam(r, "tenant") {
			err = errors.New("the path names another tenant")
		}
		if err != nil {
			chiauth.Refuse(w, guard.Forbid(r.Context(), err))
			return
		}
		fmt.Fprintf(w, "orders of %s", tenant)
	}
	r := chi.NewRouter()
	r.With(chiauth.Require(guard, scopes.All("orders:read"))).Get("/tenants/{tenant}/orders", listOrders)

	token := issuer.Mint(authtest.Token{Scope: "orders:read", Claims: map[string]any{"tenant": "acme"}})
	show(r, "GET", "/tenants/acme/orders", token)
	show(r, "GET", "/tenants/other/orders", token)
	show(r, "GET", "/tenants/acme/orders", issuer.Mint(authtest.Token{Scope: "orders:read"}))
	// Output:
	// 200 orders of acme
	// 403
	// 403
}

// The stream of server-sent events ends with the token. The example is compiled but not run,
// because the stream runs until the token expires.
func ExampleWhileAuthorized() {
	guard, _ := exampleGuard()
	r := chi.NewRouter()
	r.Get("/events", func(w http.ResponseWriter, r *http.Request) {
		started := false
		err := chiauth.WhileAuthorized(guard, w, r, scopes.All("events:read"), func(ctx context.Context) error {
			started = true
			w.Header().Set("Content-Type", "text/event-stream")
			tick := time.NewTicker(time.Second)
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return ctx.Err()
				case now := <-tick.C:
					if _, err := fmt.Fprintf(w, "data: %s\n\n", now.Format(time.RFC3339)); err != nil {
						return err
					}
					if err := http.NewResponseController(w).Flush(); err != nil {
						return err
					}
				}
			}
		})
		if err != nil && !started {
			chiauth.Refuse(w, err)
		}
	})
	_ = http.ListenAndServe("127.0.0.1:8080", r)
}
