package httpauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

var orders = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	claims, _ := middleware.ClaimsFrom(r.Context())
	fmt.Fprintf(w, "orders of %s", claims.Subject())
})

// exampleGuard trusts an issuer that lives for the example.
func exampleGuard() (*middleware.Guard, *authtest.Issuer) {
	cfg, issuer := exampleConfig()
	guard, err := middleware.New(cfg, middleware.Options{})
	if err != nil {
		log.Fatal(err)
	}
	return guard, issuer
}

func exampleConfig() (middleware.JWTConfig, *authtest.Issuer) {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	return issuer.Config(), issuer
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

// The quickstart has an issuer, whose keys are found by discovery, and one route. It is
// compiled but not run, because there is no server at issuer.example.
func Example() {
	guard, err := middleware.New(middleware.JWTConfig{
		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
	}, middleware.Options{Logger: slog.Default()})
	if err != nil {
		log.Fatal(err)
	}
	defer guard.Close()
	mux := http.NewServeMux()
	mux.Handle("GET /orders", httpauth.Require(guard, scopes.All("orders:read"))(orders))
	_ = http.ListenAndServe("127.0.0.1:8080", mux)
}

func ExampleRequire() {
	guard, issuer := exampleGuard()
	mux := http.NewServeMux()
	mux.Handle("GET /orders", httpauth.Require(guard, scopes.All("orders:read"))(orders))

	show(mux, "GET", "/orders", issuer.Mint(authtest.Token{Scope: "orders:read"}))
	show(mux, "GET", "/orders", issuer.Mint(authtest.Token{Scope: "profile"}))
	// Output:
	// 200 orders of user-1
	// 403 Bearer realm="api", error="insufficient_scope", scope="orders:read"
}

// Mux guards a whole mux. A route that the policy does not list is denied.
func ExampleMux() {
	guard, issuer := exampleGuard()
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	mux.Handle("GET /orders/{id}", orders)
	mux.Handle("GET /debug", orders) // the policy has no rule for it

	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /healthz":     scopes.Public(),
		"GET /orders/{id}": scopes.All("orders:read"),
	}}.MustCompile()
	api := httpauth.Mux(guard, policy, mux)

	token := issuer.Mint(authtest.Token{Scope: "orders:read"})
	show(api, "GET", "/healthz", "")
	show(api, "GET", "/orders/7", token)
	show(api, "GET", "/debug", token)
	show(api, "GET", "/nowhere", "")
	// Output:
	// 200 ok
	// 200 orders of user-1
	// 403
	// 404
}

// A wrapper in front of the mux does not know which pattern will serve. So it has one
// requirement for all routes, and tells the observer no route. Use Mux, or wrap each handler.
func ExampleRequire_incorrect() {
	guard, issuer := exampleGuard()
	mux := http.NewServeMux()
	mux.Handle("GET /orders", orders)
	mux.Handle("DELETE /orders", orders)

	api := httpauth.Require(guard, scopes.All("orders:read"))(mux)

	show(api, "DELETE", "/orders", issuer.Mint(authtest.Token{Scope: "orders:read"})) // may read, and deletes
	// Output: 200 orders of user-1
}

// Enforce works with any router that can tell the route of a request. This example has no
// router, so the route is the path.
func ExampleEnforce() {
	guard, issuer := exampleGuard()
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
		"/orders": scopes.Any("orders:read", "orders:admin"),
	}}.MustCompile()
	api := httpauth.Enforce(guard, policy, func(r *http.Request) string { return r.URL.Path })(orders)

	token := issuer.Mint(authtest.Token{Scope: "orders:admin"})
	show(api, "GET", "/orders", token)
	show(api, "GET", "/other", token)
	// Output:
	// 200 orders of user-1
	// 403
}

// A handler can judge a request by more than its route.
func ExampleRefuse() {
	guard, issuer := exampleGuard()
	authenticated := httpauth.Require(guard, scopes.Authenticated())
	handler := authenticated(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("all") != "" {
			if err := guard.Authorize(r.Context(), scopes.All("orders:admin")); err != nil {
				httpauth.Refuse(w, err)
				return
			}
		}
		orders(w, r)
	}))
	token := issuer.Mint(authtest.Token{Scope: "orders:read"})
	show(handler, "GET", "/orders", token)
	show(handler, "GET", "/orders?all=1", token)
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
		if err == nil && tenant != r.PathValue("tenant") {
			err = errors.New("the path names another tenant")
		}
		if err != nil {
			httpauth.Refuse(w, guard.Forbid(r.Context(), err))
			return
		}
		fmt.Fprintf(w, "orders of %s", tenant)
	}
	mux := http.NewServeMux()
	authorized := httpauth.Require(guard, scopes.All("orders:read"))
	mux.Handle("GET /tenants/{tenant}/orders", authorized(http.HandlerFunc(listOrders)))

	token := issuer.Mint(authtest.Token{Scope: "orders:read", Claims: map[string]any{"tenant": "acme"}})
	show(mux, "GET", "/tenants/acme/orders", token)
	show(mux, "GET", "/tenants/other/orders", token)
	show(mux, "GET", "/tenants/acme/orders", issuer.Mint(authtest.Token{Scope: "orders:read"}))
	// Output:
	// 200 orders of acme
	// 403
	// 403
}

// cors answers preflight requests and lets scripts of one origin read the answers,
// challenges included.
func cors(origin string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Add("Vary", "Origin")
		if r.Header.Get("Origin") == origin {
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Expose-Headers", "WWW-Authenticate, Retry-After")
			if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
				h.Set("Access-Control-Allow-Headers", "Authorization")
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// CORS comes before the guard, because a browser's preflight request has no token.
func Example_cors() {
	guard, _ := exampleGuard()
	api := cors("https://app.example", httpauth.Require(guard, scopes.Authenticated())(orders))

	r := httptest.NewRequest("OPTIONS", "/orders", nil)
	r.Header.Set("Origin", "https://app.example")
	r.Header.Set("Access-Control-Request-Method", "GET")
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Header().Get("Access-Control-Allow-Headers"))

	r = httptest.NewRequest("GET", "/orders", nil)
	r.Header.Set("Origin", "https://app.example")
	w = httptest.NewRecorder()
	api.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Header().Get("Access-Control-Expose-Headers"))
	// Output:
	// 204 Authorization
	// 401 WWW-Authenticate, Retry-After
}

// A handler's own test needs no guard and no token.
func Example_handlerTest() {
	ctx := authtest.WithClaims(context.Background(), map[string]any{"sub": "alice"})
	w := httptest.NewRecorder()
	orders(w, httptest.NewRequestWithContext(ctx, "GET", "/orders", nil))
	fmt.Println(w.Body)
	// Output: orders of alice
}

// nobody is a verifier that refuses every token.
type nobody struct{}

func (nobody) Verify(context.Context, string) (middleware.Claims, error) {
	return middleware.Claims{}, middleware.ErrInvalidToken
}

// Options.Body replaces the body. The status and the challenge stay the same.
func Example_body() {
	guard, err := middleware.NewWithVerifier(nobody{}, middleware.Options{
		Body: func(_ context.Context, _ middleware.Request, e *middleware.Error) (string, []byte) {
			body, err := json.Marshal(map[string]string{"error": string(e.Code())})
			if err != nil {
				log.Fatal(err)
			}
			return "application/json", body
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(do(httpauth.Require(guard, scopes.Authenticated())(orders), "GET", "/", "").Body)
	// Output: {"error":"missing"}
}

// Shut down the server first, then close the guard.
func Example_shutdown() {
	guard, _ := exampleGuard()
	server := &http.Server{Handler: httpauth.Require(guard, scopes.Authenticated())(orders)}

	err := errors.Join(server.Shutdown(context.Background()), guard.Close())
	fmt.Println(err)
	// Output: <nil>
}
