// Package chiauth guards chi with a [middleware.Guard].
//
// Two statements guard a route:
//
//	guard, err := middleware.New(middleware.JWTConfig{
//		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
//	}, middleware.Options{Logger: slog.Default()})
//	// if err ...; defer guard.Close()
//	r := chi.NewRouter()
//	r.With(chiauth.Require(guard, scopes.All("orders:read"))).Get("/orders", orders)
//
// [Enforce] guards a whole router by one policy. A route that the policy does not list is
// denied:
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
// The other functions:
//
//   - [Audit] compares a policy with the routes of a router.
//   - [Refuse] writes a refusal, for the errors of [middleware.Guard.Authorize].
//   - [WhileAuthorized] runs a stream until its token is no longer accepted.
//   - In a handler, and in middleware behind the guard, [middleware.ClaimsFrom] returns the
//     claims from the request's context.
//
// # What is not protected
//
//   - A stream or a hijacked connection is not closed when its token expires. To close it then,
//     run the handler's work inside [WhileAuthorized].
//   - Middleware that answers before the guard is not guarded.
//   - A router without a route runs no middleware, so its NotFound handler is open.
//
// With three kinds of middleware behind Enforce, a request may reach a handler whose rule was
// not judged. Enforce cannot prevent this:
//
//   - Middleware that puts a route context of its own into the request ([chi.RouteCtxKey]). It
//     chooses the route itself.
//   - Middleware that answers itself, or passes the request to another router. The request is
//     judged by the rule of the route that chi would have chosen. Examples in chi are
//     Heartbeat, PageRoute and RouteHeaders. Guard the other router, too.
//   - Middleware that sends one request through the router twice.
//
// # What changes the route
//
// Put middleware that changes the path or the method before Enforce: StripSlashes, CleanPath,
// URLFormat, PathRewrite, and your own. Enforce then judges the changed request. Behind
// Enforce, and in mounted routers, such middleware has no effect, because chi routes by the
// path and the method that were judged. GetHead works in both places.
//
// Register all routes before the first request, as chi demands.
//
// # Routes
//
// A route is spelled as a method, a space and the whole pattern, as [chi.Walk] spells it: "GET
// /api/v1/users/{id}". If a parameter has a regular expression, the pattern includes it.
//
//   - "/users" and "/users/" are two routes. Route("/users", ...) with a Get("/", ...) in it is
//     "GET /users/", and serves both paths. RoutePattern, which loggers use, does not contain
//     the last slash.
//   - A pattern that Handle registers serves all methods. It needs a rule for each method: "GET
//     /x", "POST /x". The other methods get the default.
//   - A mounted handler that is not a *[chi.Mux] is one route, whatever it does inside: "GET
//     /files/*". This also holds for a *[chi.Mux] in a wrapper, or behind Handle.
//
// # CORS
//
// A browser's preflight request (OPTIONS) carries no credentials, so CORS middleware comes
// before the guard. It must expose WWW-Authenticate and Retry-After, so that the scripts of the
// page can read them.
//
// # Refusals
//
// A refusal has the status and the challenge of RFC 6750 §3. Its body is a problem details
// object (RFC 9457). The ResponseWriter is passed on unchanged, never wrapped, so streaming and
// hijacking work.
//
// # Forms
//
// chi passes a copy of the request to its middleware, so net/http does not remove the temporary
// files of a multipart form. A handler on chi must call RemoveAll of the form, with or without
// a guard.
package chiauth
