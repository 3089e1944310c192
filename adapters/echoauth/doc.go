// Package echoauth guards Echo with a [middleware.Guard].
//
// One route or group at a time, [Require]:
//
//	guard, err := middleware.New(middleware.JWTConfig{
//		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
//	}, middleware.Options{Observe: middleware.LogDenials(slog.Default())})
//	// if err ...; defer guard.Close()
//	e := echo.New()
//	e.GET("/orders", orders, echoauth.Require(guard, scopes.All("orders:read")))
//
// All of an Echo by one policy, [Enforce]; routes that it doesn't list are
// denied:
//
//	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
//		"GET /healthz":             scopes.Public(),
//		"GET /orders/:id":          scopes.All("orders:read"),
//		"POST admin.example/users": scopes.All("users:write"),
//	}}.MustCompile()
//	e.Use(echoauth.Enforce(guard, policy))
//	// ... e.GET, e.POST
//	if err := echoauth.Audit(e, policy); err != nil { ... }
//
// Inside the handler, [Claims] finds the claims, as does
// [middleware.ClaimsFrom] in the request's context. [Answer] is for the refusals of
// [middleware.Guard.Authorize].
//
// # Routes
//
// A route is spelled as a method, a space and the path as it was registered,
// with the group's prefix: "GET /orders/:id". A route of [echo.Echo.Host] has the
// host's name in front of the path: "GET admin.example/users". Two hosts with one
// path thus have two rules. Echo compares hosts to the letter, port included;
// for a host that it doesn't know, the routes without one serve.
//
// # Requests that no route serves
//
// Echo runs its middleware for them, so [Enforce] judges them:
//
//   - An unknown path has no route; the table's default decides between 404 and
//     a refusal.
//   - The 404 of a group that has middleware, and the handler of RouteNotFound,
//     go by the path of that handler: "GET /api/*".
//   - A wrong method goes by the path of its siblings: "DELETE /orders/:id".
//     Without a rule that is the default, which decides between 405 and a refusal.
//   - HEAD is such a method unless it was registered: Echo does not serve it
//     by GET's handler, and GET's rule does not apply.
//   - OPTIONS is one, too: a rule for "OPTIONS /orders/:id" lets Echo answer with
//     204 and Allow.
//
// Such keys are rules for no route, and [Audit] knows them.
//
// # Order
//
// Middleware that changes the method, the URL or the host of a request belongs
// under Pre, or behind Enforce: Enforce reads the route off the request. CORS
// comes before Enforce, since a preflight request carries no credentials, and
// must expose WWW-Authenticate and Retry-After for the page's scripts to see them.
//
// # Refusals
//
// A refusal is an [echo.HTTPError] with the status and the fixed text of the
// answer table, returned to the error handler of the Echo; WWW-Authenticate and
// Retry-After are set on the response before. An error handler finds the
// [middleware.Error] in it by [errors.As]. Where [middleware.Options].Body is
// configured, that is the answer, and no error handler is asked. The response is
// handed on as it is, never wrapped, so that streaming and hijacking work. Neither
// ends when the token expires; a handler that shall, does its work within
// [middleware.Guard.While].
package echoauth
