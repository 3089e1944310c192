// Package ginauth guards Gin with a [middleware.Guard].
//
// One route or group at a time, [Require]:
//
//	guard, err := middleware.New(middleware.JWTConfig{
//		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
//	}, middleware.Options{Observe: middleware.LogDenials(slog.Default())})
//	// if err ...; defer guard.Close()
//	engine := gin.New()
//	engine.GET("/orders", ginauth.Require(guard, scopes.All("orders:read")), orders)
//
// A whole engine by one policy, [Enforce]; routes that it doesn't list are
// denied:
//
//	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
//		"GET /healthz":     scopes.Public(),
//		"GET /orders/:id":  scopes.All("orders:read"),
//		"POST /orders/:id": scopes.All("orders:write"),
//	}}.MustCompile()
//	engine := gin.New()
//	if err := ginauth.Enforce(engine, guard, policy); err != nil { ... }
//	// ... engine.GET, engine.POST
//	if err := ginauth.Audit(engine, policy); err != nil { ... }
//
// A route is spelled as a method, a space and the path as it was registered,
// with the group's prefix; an escaped colon without its backslash, so that
// `/things\:batch` is "POST /things:batch".
//
// # Claims
//
// Inside the handler, [Claims] finds the claims, as does [middleware.ClaimsFrom]
// in c.Request.Context(). A [gin.Context] that is passed as a context yields
// neither them nor a cancellation unless the engine has ContextWithFallback:
// pass c.Request.Context() on instead. [Answer] is for the refusals of
// [middleware.Guard.Authorize].
//
// # Requests that no route serves
//
// Gin runs its middleware for them, so [Enforce] judges them, by the table's
// default: an unknown path, a wrong method (405 with HandleMethodNotAllowed, else
// 404), and HEAD and OPTIONS, which Gin doesn't answer for other methods' routes.
// The handlers of NoRoute and NoMethod therefore run only if the policy's Default
// says so. There are two exceptions. Redirects that add or take away a slash are
// Gin's own and run no handler, so they aren't judged; what they lead to is. And a
// file that Static doesn't find goes to the handlers of NoRoute under the rule of
// the static route.
//
// # Order
//
// Gin gives a route, and a group, the middleware of the moment at which it is
// made. What is made before Use stays open. Middleware that changes the method
// of a request belongs behind Enforce, which reads the route off the request. CORS
// comes before it, since a preflight request carries no credentials, and must
// expose WWW-Authenticate and Retry-After for the page's scripts to see them.
//
// # Refusals
//
// A refusal aborts the chain and is answered with the status and the challenge
// of RFC 6750 §3, and a body of problem details (RFC 9457) or that of
// [middleware.Options].Body. The writer is handed on as it is, never wrapped, so
// that streaming and hijacking work. Neither ends when the token expires; a handler
// that shall, does its work within [middleware.Guard.While].
package ginauth
