package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// A handler asks for another login, because the amount is large. The log gets the reason.
func ExampleError_ACRValues() {
	verifier := middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) {
		return middleware.NewClaims(map[string]any{"sub": "alice", "scope": "pay", "acr": "bronze"})
	})
	guard, err := middleware.NewWithVerifier(verifier, middleware.Options{Logger: plainLog()})
	if err != nil {
		fmt.Println(err)
		return
	}
	pass, err := guard.Check(context.Background(), request("token"), scopes.All("pay"))
	if err != nil {
		fmt.Println(err)
		return
	}
	// In the handler:
	large := scopes.All("pay").And(scopes.ACR("gold", "silver")).And(scopes.MaxAge(5 * time.Minute))
	err = guard.Authorize(pass.Context, large)
	var refusal *middleware.Error
	if errors.As(err, &refusal) {
		fmt.Println(refusal.Status(), refusal)
		fmt.Println(refusal.ACRValues(), refusal.MaxAge(), refusal.Scopes())
		fmt.Println(refusal.Challenges()[0])
	}
	// Output:
	// level=INFO msg="bearer token refused" code=step_up cause="needs pay & acr(gold | silver) & max_age(5m), and acr is \"bronze\", and auth_time is absent" route="" remote_addr="" key_id=""
	// 401 a stronger or more recent login is required
	// [gold silver] 5m0s [pay]
	// Bearer realm="api", error="insufficient_user_authentication", scope="pay", acr_values="gold silver", max_age="300"
}
