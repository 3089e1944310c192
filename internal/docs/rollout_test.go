package docs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// switchedOn has the routes whose rules count. Nothing writes to it while the server runs.
var switchedOn = map[string]bool{
	"GET /orders": true,
}

func reportOthers(logger *slog.Logger) middleware.Options {
	return middleware.Options{
		Logger: logger,
		InsecureReportOnly: func(_ context.Context, r middleware.Request) bool {
			return r.Route != "" && !switchedOn[r.Route] // "" is a request without a route
		},
	}
}

// The log says what would have been refused, and why. Only the route that is switched on refuses.
func Example_rollout() {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		panic(err)
	}
	defer issuer.Close()
	options := slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	guard, err := middleware.New(issuer.Config(), reportOthers(slog.New(slog.NewTextHandler(os.Stdout, &options))))
	if err != nil {
		panic(err)
	}
	defer guard.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /invoices", func(http.ResponseWriter, *http.Request) {})
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{"GET /orders": scopes.All("orders:read")}}.MustCompile()
	api := httpauth.Mux(guard, policy, mux)
	for _, path := range []string{"/invoices", "/orders"} {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		fmt.Println(path, w.Code)
	}
	// Output:
	// level=INFO msg="bearer token refused" code=denied cause="no rule lets anybody in" route="GET /invoices" remote_addr=192.0.2.1:1234 report_only=true
	// /invoices 200
	// level=INFO msg="bearer token refused" code=missing cause="no bearer credentials" route="GET /orders" remote_addr=192.0.2.1:1234
	// /orders 401
}

// policyJSON stands for a file, as in: //go:embed policy.json
var policyJSON = []byte(`
{
	"routes": {
		"GET /healthz":     "public",
		"GET /orders":      "orders:read & (eu | us)",
		"POST /orders":     "orders:write | orders:admin"
	},
	"unrouted": "public"
}
`)

func loadPolicy(document []byte) (*scopes.Table, error) {
	var policy scopes.Policy
	if err := json.Unmarshal(document, &policy); err != nil {
		return nil, err
	}
	return policy.Compile()
}

func TestAPolicyWithAFaultIsRefused(t *testing.T) {
	if _, err := loadPolicy(policyJSON); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{`"routes"`, `"route"`},
		{`"public"`, `"Public"`},
		{`"public"`, `null`},
		{`GET /healthz`, `GET /orders`},
		{`orders:write |`, `orders:write`},
		{`GET /healthz`, `get /healthz`},
	} {
		if _, err := loadPolicy(bytes.ReplaceAll(policyJSON, []byte(change[0]), []byte(change[1]))); err == nil {
			t.Errorf("%s for %s: no error", change[1], change[0])
		}
	}
}

// newRouter is the function of your program that makes its router.
func newRouter(guard *middleware.Guard, policy *scopes.Table) *echo.Echo {
	e := echo.New()
	e.Use(echoauth.Enforce(guard, policy))
	for _, route := range [][2]string{{"GET", "/healthz"}, {"GET", "/orders"}, {"POST", "/orders"}} {
		e.Add(route[0], route[1], func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	}
	return e
}

// A route without a rule, and a rule without a route, fail the build.
func TestEveryRouteHasARule(t *testing.T) {
	policy, err := loadPolicy(policyJSON)
	if err != nil {
		t.Fatal(err)
	}
	guard := authtest.Start(t, authtest.Config{}).Guard(t, middleware.Options{})
	if err := echoauth.Audit(newRouter(guard, policy), policy); err != nil {
		t.Error(err)
	}
}
