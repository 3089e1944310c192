package docs_test

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// issuer and guard are those of the examples.
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

// ask sends a request with a token, or without one if token is "".
func ask(h http.Handler, method, target, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func requestWith(token string) middleware.Request {
	return middleware.Request{Header: http.Header{"Authorization": {"Bearer " + token}}}
}

func getOrder(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "an order") }
func echoOrder(c echo.Context) error                  { return c.String(http.StatusOK, "an order") }
func ginOrder(c *gin.Context)                         { c.String(http.StatusOK, "an order") }

func onNetHTTP() (http.Handler, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", getOrder)

	policy, err := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /orders/{id}": scopes.All("orders:read"),
	}}.Compile()
	if err != nil {
		return nil, err
	}
	return httpauth.Mux(guard, policy, mux), httpauth.Audit(mux, policy)
}

func onEcho() (http.Handler, error) {
	policy, err := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /orders/:id": scopes.All("orders:read"),
	}, Unrouted: scopes.Authenticated()}.Compile()
	if err != nil {
		return nil, err
	}
	e := echo.New()
	e.Use(echoauth.Enforce(guard, policy))
	e.GET("/orders/:id", echoOrder)
	return e, echoauth.Audit(e, policy)
}

func onGin() (http.Handler, error) {
	policy, err := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /orders/:id": scopes.All("orders:read"),
	}, Unrouted: scopes.Authenticated()}.Compile()
	if err != nil {
		return nil, err
	}
	engine := gin.New()
	if err := ginauth.Enforce(engine, guard, policy); err != nil { // before any route or group
		return nil, err
	}
	engine.GET("/orders/:id", ginOrder)
	return engine, ginauth.Audit(engine, policy)
}

func onGRPC() (*grpc.Server, error) {
	policy, err := scopes.Policy{Routes: map[string]scopes.Requirement{
		"/grpc.health.v1.Health/Check": scopes.Public(),
		"/grpc.health.v1.Health/*":     scopes.All("health:read"), // the other methods
	}}.Compile()
	if err != nil {
		return nil, err
	}
	server := grpc.NewServer(grpcauth.ServerOptions(guard, policy)...) // unary calls and streams
	healthpb.RegisterHealthServer(server, health.NewServer())
	return server, grpcauth.Audit(server, policy)
}

func oneRoute() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /orders/{id}", httpauth.Require(guard, scopes.All("orders:read"))(http.HandlerFunc(getOrder)))
	return mux
}

func oneRouteOfEcho() http.Handler {
	e := echo.New()
	e.GET("/orders/:id", echoOrder, echoauth.Require(guard, scopes.All("orders:read")))
	return e
}

func oneRouteOfGin() http.Handler {
	engine := gin.New()
	engine.GET("/orders/:id", ginauth.Require(guard, scopes.All("orders:read")), ginOrder)
	return engine
}

func Example_unrouted() {
	gin.SetMode(gin.ReleaseMode)
	apis := []http.Handler{must(onNetHTTP()), must(onEcho()), must(onGin())}
	token := issuer.Mint(authtest.Token{Scope: "orders:read"})
	fmt.Println("                    without a token         with a good token")
	fmt.Println("request             net/http  Echo  Gin     net/http  Echo  Gin")
	for _, request := range []string{
		"GET /orders/7", "GET /nowhere", "DELETE /orders/7", "HEAD /orders/7", "OPTIONS /orders/7",
	} {
		method, path, _ := strings.Cut(request, " ")
		line := fmt.Sprintf("%-20s", request)
		for _, token := range []string{"", token} {
			for i, api := range apis {
				line += fmt.Sprintf("%-*d", []int{10, 6, 8}[i], ask(api, method, path, token).Code)
			}
		}
		fmt.Println(strings.TrimSpace(line))
	}
	// Output:
	//                     without a token         with a good token
	// request             net/http  Echo  Gin     net/http  Echo  Gin
	// GET /orders/7       401       401   401     200       200   200
	// GET /nowhere        404       401   401     404       404   404
	// DELETE /orders/7    405       401   401     405       405   404
	// HEAD /orders/7      401       401   401     200       405   404
	// OPTIONS /orders/7   405       401   401     405       204   404
}

// The policy of a file, as JSON.
func Example_policyInAFile() {
	file := `
{
	"routes": {
		"GET /orders/{id}":    "orders:read",
		"DELETE /orders/{id}": "orders:write & (admin | support)",
		"GET /healthz":        "public"
	},
	"unrouted": "authenticated"
}
`
	var policy scopes.Policy
	if err := json.Unmarshal([]byte(file), &policy); err != nil {
		log.Fatal(err)
	}
	table, err := policy.Compile()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(table.Lookup("DELETE /orders/{id}"))
	fmt.Println(table.Lookup("PUT /orders/{id}"))
	// Output:
	// orders:write & admin | orders:write & support
	// deny
}

func Example_audit() {
	e := echo.New()
	e.GET("/orders/:id", echoOrder)
	e.DELETE("/orders/:id", echoOrder)
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /orders/:id":    scopes.All("orders:read"),
		"DELETE /orders/:ID": scopes.All("orders:write"),
	}}.MustCompile()
	fmt.Println(echoauth.Audit(e, policy))
	// Output:
	// scopes: route "DELETE /orders/:id" has no rule
	// scopes: rule "DELETE /orders/:ID" has no route: the router has "DELETE /orders/:id"
}

var _ = []any{oneRoute, oneRouteOfEcho, oneRouteOfGin, onGRPC}
