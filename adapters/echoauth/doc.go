// Package echoauth guards Echo with a [middleware.Guard].
//
// Two statements guard a route:
//
//	guard, err := middleware.New(middleware.JWTConfig{
//		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
//	}, middleware.Options{Logger: slog.Default()})
//	// if err ...; defer guard.Close()
//	e := echo.New()
//	e.GET("/orders", orders, echoauth.Require(guard, scopes.All("orders:read")))
//
// [Enforce] guards a whole Echo by one policy. A route that the policy does not list is denied:
//
//	policy := scopes.Policy{
//		Routes: map[string]scopes.Requirement{
//			"GET /healthz":             scopes.Public(),
//			"GET /orders/:id":          scopes.All("orders:read"),
//			"POST admin.example/users": scopes.All("users:write"),
//		},
//		Unrouted: scopes.Authenticated(),
//	}.MustCompile()
//	e.Use(echoauth.Enforce(guard, policy))
//	// ... e.GET, e.POST
//	if err := echoauth.Audit(e, policy); err != nil { ... }
//
// The other functions:
//
//   - [Audit] compares a policy with the routes of an Echo.
//   - [Refuse] turns the errors of [middleware.Guard.Authorize] into answers.
//   - [WhileAuthorized] runs a stream until its token is no longer accepted.
//   - In a handler, [Claims] returns the claims, as does [middleware.ClaimsFrom] with the
//     request's context.
//
// # What is not protected
//
//   - A stream or a hijacked connection is not closed when its token expires. To close it then,
//     run the handler's work inside [WhileAuthorized].
//   - Middleware that answers before Enforce, or under Pre, is not guarded.
//   - Middleware that answers behind Enforce, such as Static and Proxy, is judged by the rule
//     of the route. If no route serves the request, it is judged by the policy's Unrouted. This
//     includes the middleware of a group.
//   - A RouteNotFound handler is judged by Unrouted, unless the policy has a rule for exactly
//     its path. Handlers that you set as [echo.NotFoundHandler] or
//     [echo.MethodNotAllowedHandler] are judged in the same way.
//   - A handler that calls other handlers, such as a mux in [echo.WrapHandler] or the result of
//     [echo.Router.Find], has one rule: that of its own route.
//
// Three things break the guard. Avoid them:
//
//   - Middleware before Enforce that gives the context another handler, by [echo.Router.Find]
//     or SetHandler. The rule is then that of the new handler, but the old handler serves. Use
//     a new context for such calls.
//   - Middleware that returns while the rest of the chain still runs, as Echo's deprecated
//     Timeout does. Echo reuses the context, so one caller's claims would reach the request of
//     another. Use ContextTimeout.
//   - Routes that are registered after the server has started. Enforce reads Echo's list of
//     routes, which has no lock.
//
// # Routes
//
// A route is spelled as a method, a space and the path as it was registered, with the prefix of
// the group: "GET /orders/:id".
//
//   - A route of [echo.Echo.Host] has the name of the host in front of the path: "GET
//     admin.example/users". So two hosts with the same path have two rules.
//   - Echo compares hosts exactly, including the port. Routes without a host serve all hosts
//     that Echo does not know.
//   - Methods are compared exactly, too.
//
// # Requests that no route serves
//
// Echo runs its middleware for these requests, so [Enforce] judges them, by the policy's
// Unrouted. Its zero value denies. With [scopes.Authenticated], a caller with a valid token gets
// Echo's own 404 or 405.
//
//   - An unknown path has no route.
//   - A wrong method has the path of the routes for other methods: "DELETE /orders/:id". A rule
//     for exactly this wins over Unrouted.
//   - OPTIONS is a wrong method unless it is registered. If the request is admitted, Echo
//     answers 204 with Allow.
//   - A RouteNotFound handler, and the 404 of a group that has middleware, have the path of
//     that handler: a rule for "GET /api/*" wins over Unrouted. In such a group, wrong methods
//     and OPTIONS also get this 404.
//   - HEAD without a handler is judged by the rule of GET if the path has a route for GET, or
//     by a rule for HEAD if there is one. Echo then answers 405. In a group with middleware,
//     HEAD gets the 404 of the group, and is judged by Unrouted.
//
// A HEAD handler that is registered is a route like any other. It needs a rule of its own, or
// it gets the default.
//
// # Order
//
// A request is judged by the rule of the handler that serves it. Enforce knows the handler that
// Echo has chosen, so a later change of the request does not change the rule. The table shows
// whose handler serves, and whose rule is judged:
//
//	                      under Pre         before Enforce, by Use   behind Enforce
//	Rewrite               the new path's    the old path's           the old path's
//	RemoveTrailingSlash   the new path's    the old path's           the old path's
//	AddTrailingSlash      the new path's    the old path's           the old path's
//	MethodOverride        the new method's  the old method's         the old method's
//	another Host          the new host's    the old host's           the old host's
//	Proxy                 not guarded       not guarded              the route's, or Unrouted
//
// In particular:
//
//   - A rewriter under Use, such as Rewrite, runs after Echo has routed. If it changes an
//     unknown path into a known one before Enforce, the request is denied.
//   - A request that no route serves is also denied if middleware behind Enforce routes it
//     again, by [echo.Router.Find] with the same context.
//   - Enforce belongs under Use. Under Pre, Echo has not routed the request yet, and Enforce
//     denies every request that Echo would route.
//   - Require also works under Pre. Put rewriters before it, because Echo routes by the
//     original request, and Require passes a copy on.
//   - CORS comes before Enforce, because a preflight request carries no credentials. It must
//     expose WWW-Authenticate and Retry-After, so that the scripts of the page can read them.
//
// # Refusals
//
// A refusal is an [echo.HTTPError] with the status and the fixed text of the answer table (see
// package middleware). The guard first sets WWW-Authenticate and Retry-After on the response,
// and then returns the error to the error handler of the Echo. The handler finds the
// [middleware.Error] in it by [errors.As].
//
// If [middleware.Options].Body is configured, that body is sent at once, and the error is
// returned as well. What an error handler writes after that is dropped.
//
// The response is passed on unchanged, never wrapped, so streaming and hijacking work.
package echoauth
