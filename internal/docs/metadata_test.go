package docs_test

import (
	"fmt"
	"log/slog"
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"
)

func describedPolicy() *scopes.Table {
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /.well-known/oauth-protected-resource/orders":     scopes.Public(),
		"OPTIONS /.well-known/oauth-protected-resource/orders": scopes.Public(),

		"GET /orders/{id}":    scopes.All("orders:read"),
		"DELETE /orders/{id}": scopes.All("orders:write"),
	}}.MustCompile()
	return policy
}

func describedConfig(policy *scopes.Table) (middleware.JWTConfig, middleware.Options) {
	config := middleware.JWTConfig{
		Issuer: "https://issuer.example", // without an Audience, it is the URL below
	}
	options := middleware.Options{
		Logger: slog.Default(),
		Resource: &middleware.Resource{
			URL:    "https://api.example/orders",
			Scopes: policy.Scopes(),
			Name:   "Orders",
		},
	}
	return config, options
}

func describedAPI(guard *middleware.Guard, policy *scopes.Table) (http.Handler, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", getOrder)
	mux.HandleFunc("DELETE /orders/{id}", getOrder)
	mux.Handle("GET "+guard.MetadataPath(), guard.Metadata())
	mux.Handle("OPTIONS "+guard.MetadataPath(), guard.Metadata()) // for clients in a browser
	return httpauth.Mux(guard, policy, mux), httpauth.Audit(mux, policy)
}

// describedGuard returns a guard with the configuration of the page.
func describedGuard(policy *scopes.Table) (*middleware.Guard, *authtest.Issuer) {
	issuer := must(authtest.New(authtest.Config{URL: "https://issuer.example"}))
	config, options := describedConfig(policy)
	options.Logger = nil
	config.Client = issuer.Client()
	return must(middleware.New(config, options)), issuer
}

func Example_metadata() {
	policy := describedPolicy()
	guard, issuer := describedGuard(policy)
	defer issuer.Close()
	defer guard.Close()
	api := must(describedAPI(guard, policy))

	refused := ask(api, "GET", "/orders/7", "")
	fmt.Println(refused.Code, refused.Header().Get("WWW-Authenticate"))
	fmt.Println(ask(api, "GET", "/.well-known/oauth-protected-resource/orders", "").Body)
	// Output:
	// 401 Bearer realm="api", scope="orders:read", resource_metadata="https://api.example/.well-known/oauth-protected-resource/orders"
	// {"resource":"https://api.example/orders","authorization_servers":["https://issuer.example"],"scopes_supported":["orders:read","orders:write"],"bearer_methods_supported":["header"],"resource_name":"Orders"}
}

// The frameworks wrap an http.Handler.
func Example_metadataOfFrameworks() {
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /.well-known/oauth-protected-resource/orders":     scopes.Public(),
		"OPTIONS /.well-known/oauth-protected-resource/orders": scopes.Public(),
	}}.MustCompile()
	guard, issuer := describedGuard(policy)
	defer issuer.Close()
	defer guard.Close()

	e := echo.New()
	e.Use(echoauth.Enforce(guard, policy))
	e.GET(guard.MetadataPath(), echo.WrapHandler(guard.Metadata()))
	e.OPTIONS(guard.MetadataPath(), echo.WrapHandler(guard.Metadata()))

	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	if err := ginauth.Enforce(engine, guard, policy); err != nil {
		fmt.Println(err)
	}
	engine.GET(guard.MetadataPath(), gin.WrapH(guard.Metadata()))
	engine.OPTIONS(guard.MetadataPath(), gin.WrapH(guard.Metadata()))

	for _, api := range []http.Handler{e, engine} {
		fmt.Println(
			ask(api, "GET", guard.MetadataPath(), "").Code,
			ask(api, "OPTIONS", guard.MetadataPath(), "").Code,
		)
	}
	fmt.Println(echoauth.Audit(e, policy), ginauth.Audit(engine, policy))
	// Output:
	// 200 204
	// 200 204
	// <nil> <nil>
}
