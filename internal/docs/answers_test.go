package docs_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"
)

// A token that has expired, and a forged one.
func Example_expired() {
	api := httpauth.Require(guard, scopes.All("orders:read"))(http.HandlerFunc(getOrder))
	for _, token := range []string{
		issuer.Mint(authtest.Token{Claims: map[string]any{"exp": time.Now().Add(-time.Hour)}}),
		issuer.Mint(authtest.Token{Key: must(authtest.NewKey("ES256"))}),
	} {
		w := ask(api, "GET", "/orders/7", token)
		fmt.Println(w.Code, w.Header().Get("WWW-Authenticate"))
		fmt.Println(w.Body)
	}
	// Output:
	// 401 Bearer realm="api", error="invalid_token", error_description="the token has expired"
	// {"type":"about:blank","title":"Unauthorized","status":401,"detail":"the token has expired"}
	// 401 Bearer realm="api", error="invalid_token"
	// {"type":"about:blank","title":"Unauthorized","status":401,"detail":"invalid token"}
}

// The bodies of the frameworks.
func Example_bodies() {
	gin.SetMode(gin.ReleaseMode)
	e := echo.New()
	e.GET("/", echoOrder, echoauth.Require(guard, scopes.All("orders:read")))
	engine := gin.New()
	engine.GET("/", ginauth.Require(guard, scopes.All("orders:read")), ginOrder)
	for _, api := range []http.Handler{
		httpauth.Require(guard, scopes.All("orders:read"))(http.HandlerFunc(getOrder)), engine, e,
	} {
		fmt.Println(ask(api, "GET", "/", issuer.Mint(authtest.Token{})).Body)
	}
	// Output:
	// {"type":"about:blank","title":"Forbidden","status":403,"detail":"insufficient scope"}
	// {"type":"about:blank","title":"Forbidden","status":403,"detail":"insufficient scope"}
	// {"message":"insufficient scope"}
}

func houseFormat(_ context.Context, r middleware.Request, e *middleware.Error) (contentType string, body []byte) {
	id := ""
	if ids := r.Header.Values("X-Request-Id"); len(ids) > 0 {
		id = ids[0] // the caller chose it: json.Marshal escapes it
	}
	body, _ = json.Marshal(map[string]any{
		"code": e.Code(), "message": e.Error(), "expired": e.Expired(), "request": id,
	})
	return "application/json", body
}

func Example_houseFormat() {
	guard := must(middleware.New(issuer.Config(), middleware.Options{Body: houseFormat}))
	defer guard.Close()
	api := httpauth.Require(guard, scopes.Authenticated())(http.HandlerFunc(getOrder))
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("X-Request-Id", "7f3a")
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)
	// Output:
	// 401 {"code":"missing","expired":false,"message":"authentication required","request":"7f3a"}
}
