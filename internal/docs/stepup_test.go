package docs_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

var payments = scopes.Policy{Routes: map[string]scopes.Requirement{
	"GET /payments":    scopes.All("payments:read"),
	"POST /payments":   scopes.All("payments:write").And(scopes.ACR("gold", "silver")).And(scopes.MaxAge(5 * time.Minute)),
	"DELETE /payments": scopes.All("payments:write").And(scopes.ACR("gold")),
}}

// A good token whose login is not enough.
func Example_stepUp() {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /payments", getOrder)
	api := httpauth.Mux(guard, payments.MustCompile(), mux)
	w := ask(api, "POST", "/payments", issuer.Mint(authtest.Token{Scope: "payments:write", ACR: "bronze"}))
	fmt.Println(w.Code, w.Header().Get("WWW-Authenticate"))
	fmt.Println(w.Body)
	w = ask(api, "POST", "/payments", issuer.Mint(authtest.Token{
		Scope: "payments:write", ACR: "silver", AuthTime: time.Now().Add(-time.Minute),
	}))
	fmt.Println(w.Code)
	// Output:
	// 401 Bearer realm="api", error="insufficient_user_authentication", scope="payments:write", acr_values="gold silver", max_age="300"
	// {"type":"about:blank","title":"Unauthorized","status":401,"detail":"a stronger or more recent login is required"}
	// 200
}
