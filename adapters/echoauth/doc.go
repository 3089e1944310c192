// Package echoauth guards Echo with a [middleware.Guard].
//
// One route or group at a time, [Require]:
//
//	guard, err := middleware.New(middleware.JWTConfig{
//		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
//	}, middleware.Options{Observe: middleware.LogRefusals(slog.Default())})
//	// if err ...; defer guard.Close()
//	e := echo.New()
//	e.GET("/orders", orders, echoauth.Require(guard, scopes.All("orders:read")))
//
// All of an Echo by one policy, [Enforce]; routes that it doesn't list are
// denied:
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
// Four things are outside of what Enforce can judge by a route:
//
//   - A RouteNotFound handler runs under the policy's Unrouted, as do
//     [echo.NotFoundHandler] and [echo.MethodNotAllowedHandler] if you replace them. An
//     exact rule wins.
//   - So does middleware that answers by itself behind Enforce, such as Static and
//     Proxy, also as a group's middleware, where no route serves the request.
//   - Middleware that answers by itself before Enforce, or under Pre, is not guarded.
//   - A handler that calls other handlers, such as a mux in [echo.WrapHandler] or by
//     [echo.Router.Find], has one rule: that of its own route.
//
// And two things break what it knows. Middleware before Enforce that gives the context
// another handler, by [echo.Router.Find] or SetHandler, changes the rule and not the
// handler: give those a context of their own. Middleware that returns while the rest of
// the chain still runs, as Echo's deprecated Timeout does, in front of the guard or
// behind it, lets one caller's claims into another's request, since Echo uses the
// context again: use ContextTimeout. Register all routes before the server starts:
// Enforce reads Echo's list of routes, which has no lock.
//
// Inside the handler, [Claims] finds the claims, as does
// [middleware.ClaimsFrom] in the request's context. [Refuse] is for the refusals of
// [middleware.Guard.Authorize], and [WhileAuthorized] for streams.
//
// # Routes
//
// A route is spelled as a method, a space and the path as it was registered,
// with the group's prefix: "GET /orders/:id". A route of [echo.Echo.Host] has the
// host's name in front of the path: "GET admin.example/users". Two hosts with one
// path thus have two rules. Echo compares hosts to the letter, port included;
// for a host that it doesn't know, the routes without one serve. Methods are compared
// to the letter, too.
//
// # Requests that no route serves
//
// Echo runs its middleware for them, so [Enforce] judges them. They need what the
// policy's Unrouted says, which denies unless told otherwise. With
// [scopes.Authenticated], a caller with a good token gets Echo's own 404 or 405.
//
//   - An unknown path has no route.
//   - A wrong method goes by the path of its siblings: "DELETE /orders/:id". A rule
//     for exactly that wins over Unrouted.
//   - OPTIONS is such a method, unless it was registered. With a rule, or by Unrouted,
//     Echo answers with 204 and Allow.
//   - The handler of RouteNotFound, and the 404 of a group that has middleware, go by
//     the path of that handler: a rule for "GET /api/*" wins over Unrouted. In such a
//     group, wrong methods and OPTIONS get that 404.
//
// HEAD has no handler in Echo unless it was registered. Without one, a request for a
// path with a route for GET is judged by GET's rule, or by a rule for HEAD if there is
// one. Echo then answers 405. In a group with middleware it gets the group's 404, and
// needs what Unrouted says. A HEAD handler that was registered is a route like any
// other and has its own rule, or the default.
//
// # Order
//
// The rule that is judged is the rule of the handler that serves. Enforce knows the
// handler that Echo has chosen, so that nothing which changes the request afterwards
// changes the rule:
//
//	                      under Pre         before Enforce, by Use   behind Enforce
//	Rewrite               the new path's    the old path's           the old path's
//	RemoveTrailingSlash   the new path's    the old path's           the old path's
//	AddTrailingSlash      the new path's    the old path's           the old path's
//	MethodOverride        the new method's  the old method's         the old method's
//	another Host          the new host's    the old host's           the old host's
//	Proxy                 not guarded       not guarded              the route's, or Unrouted
//
// The table tells whose handler serves, and whose rule is judged. By Use, rewriters
// come too late for Echo. Where one turns an unknown path into a known one before
// Enforce, the request is denied. So is one that no route serves and that middleware
// behind Enforce routes again, by [echo.Router.Find] with the same context.
//
// Enforce itself belongs under Use. Under Pre Echo has not routed the request yet, and
// Enforce denies whatever Echo would go on to route. Require works under Pre, where
// rewriters belong before it: Echo routes by the request that came in, and Require
// hands on a copy.
//
// CORS comes before Enforce, since a preflight request carries no credentials, and
// must expose WWW-Authenticate and Retry-After for the page's scripts to see them.
//
// # Refusals
//
// A refusal is an [echo.HTTPError] with the status and the fixed text of the
// answer table, returned to the error handler of the Echo; WWW-Authenticate and
// Retry-After are set on the response before. An error handler finds the
// [middleware.Error] in it by [errors.As]. Where [middleware.Options].Body is
// configured, that body is sent at once, and the error is returned all the same; what
// an error handler writes then is dropped.
//
// The response is handed on as it is, never wrapped, so that streaming and hijacking
// work. A stream and a hijacked connection go on after the token's expiry, unless the
// handler works within [WhileAuthorized].
package echoauth
