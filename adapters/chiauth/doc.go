// Package chiauth guards chi with a [middleware.Guard].
//
// A router as a whole by one policy, [Enforce]; routes that it doesn't list are denied:
//
//	policy := scopes.Policy{
//		Routes: map[string]scopes.Requirement{
//			"GET /healthz":      scopes.Public(),
//			"GET /orders/{id}":  scopes.All("orders:read"),
//			"POST /orders/{id}": scopes.All("orders:write"),
//		},
//		Unrouted: scopes.Authenticated(),
//	}.MustCompile()
//	r := chi.NewRouter()
//	chiauth.Enforce(r, guard, policy)
//	// ... r.Use, r.Get, r.Route
//	if err := chiauth.Audit(r, policy); err != nil { ... }
//
// One requirement for all of a router, a Group or a route, [Require]:
//
//	r.With(chiauth.Require(guard, scopes.All("orders:read"))).Get("/orders", orders)
//
// # What changes the route
//
// Middleware that changes the path or the method comes before Enforce: StripSlashes,
// CleanPath, URLFormat, PathRewrite, and your own. Enforce then judges what they made of
// the request. Behind Enforce, and in the routers that are mounted, they have no effect:
// chi routes by the path and the method that were judged. GetHead works in both places.
//
// Three kinds of middleware let another handler answer than the one whose rule was judged.
// Enforce can't prevent them:
//
//   - A middleware behind Enforce that puts a route context of its own into the request
//     ([chi.RouteCtxKey]) chooses the route by itself.
//   - A middleware behind Enforce that answers by itself, or hands the request to another
//     router, is judged by the rule of the route that it takes the place of. Of chi's own
//     these are Heartbeat, PageRoute and RouteHeaders. Guard the other router, too.
//   - A middleware behind Enforce that sends one request through the router twice.
//
// A router that has no route runs no middleware, so its NotFound handler is open.
// All routes are registered before the first request, as chi demands.
//
// # Routes
//
// A route is spelled as a method, a space and the whole pattern, as [chi.Walk] spells it:
// "GET /api/v1/users/{id}", with the regular expression of a parameter, if there is one.
//
//   - "/users" and "/users/" are two routes. Route("/users", ...) with a Get("/", ...) in it
//     is "GET /users/", and serves both paths. RoutePattern, which loggers use, leaves the last
//     slash out.
//   - What Handle registers serves all methods, and has a rule for each: "GET /x", "POST
//     /x". The others get the default.
//   - A mounted handler that is no *[chi.Mux] is one route, whatever it does inside: "GET
//     /files/*". This also holds for a *[chi.Mux] in a wrapper, or behind Handle.
//
// # Claims
//
// Inside the handler, and in the middleware behind the guard, [middleware.ClaimsFrom] finds
// the claims in the request's context. [Refuse] writes the refusals of
// [middleware.Guard.Authorize].
//
// # CORS
//
// A browser's preflight request (OPTIONS) carries no credentials, so a middleware for CORS
// comes before the guard. It must expose WWW-Authenticate and Retry-After for the page's
// scripts to see them.
//
// # Responses
//
// A refusal has the status and the challenge of RFC 6750 §3, and a body of problem details
// (RFC 9457). The ResponseWriter is handed on as it is, never wrapped, so that streaming
// and hijacking work. A stream and a hijacked connection go on after the token's expiry,
// unless the handler works within [WhileAuthorized].
//
// chi hands a copy of the request to its middleware, so net/http does not remove the
// temporary files of a multipart form. A handler on chi calls RemoveAll of the form, with
// a guard or without one.
package chiauth
