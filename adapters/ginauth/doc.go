// Package ginauth guards Gin with a [middleware.Guard].
//
// One route or group at a time, [Require]:
//
//	guard, err := middleware.New(middleware.JWTConfig{
//		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
//	}, middleware.Options{Observe: middleware.LogRefusals(slog.Default())})
//	// if err ...; defer guard.Close()
//	engine := gin.New()
//	engine.GET("/orders", ginauth.Require(guard, scopes.All("orders:read")), orders)
//
// A whole engine by one policy, [Enforce], before the first route or group. Routes
// that the policy doesn't list are denied:
//
//	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
//		"GET /healthz":     scopes.Public(),
//		"GET /orders/:id":  scopes.All("orders:read"),
//		"POST /orders/:id": scopes.All("orders:write"),
//	}, Unrouted: scopes.Authenticated()}.MustCompile()
//	engine := gin.New()
//	if err := ginauth.Enforce(engine, guard, policy); err != nil { ... }
//	// ... engine.GET, engine.POST
//	if err := ginauth.Audit(engine, policy); err != nil { ... }
//
// The handlers of NoRoute and NoMethod run under the policy's Unrouted, whatever they
// do. A group that was made before Enforce stays open, without an error. Middleware that
// changes the method of a request belongs in front of the engine: see Order.
//
// A route is spelled as a method, a space and the path as it was registered,
// with the group's prefix; an escaped colon without its backslash, so that
// `/things\:batch` is "POST /things:batch". HEAD has a handler, and a rule, of its own.
//
// # Claims
//
// Inside the handler, [Claims] finds the claims, as does [middleware.ClaimsFrom]
// in c.Request.Context(). A [gin.Context] that is passed as a context yields
// neither them nor a cancellation unless the engine has ContextWithFallback:
// pass c.Request.Context() on instead. [Refuse] is for the refusals of
// [middleware.Guard.Authorize].
//
// Gin uses a [gin.Context] again for other callers. A goroutine that goes on after the
// handler must take c.Copy() with it: in c itself it would find somebody else's claims.
// So middleware in front of the guard must not return while c.Next goes on in another
// goroutine, as some timeouts do: one caller's claims would reach another's request.
// In the copy, and in a context made from c.Request.Context() by
// [context.WithoutCancel], it finds the claims as they were, even after the expiry of
// the token; [middleware.Guard.Authorize] grants nothing there any more.
//
// # Streams
//
// Neither a stream nor a hijacked connection ends when the token expires. A handler of
// server-sent events does its work within [WhileAuthorized].
//
// # Requests that no route serves
//
// Gin runs its middleware for them, so [Enforce] judges them, by Unrouted: an unknown
// path, a wrong method (405 with HandleMethodNotAllowed, else 404), and HEAD and
// OPTIONS, for which Gin doesn't use the handlers of other methods. A rule can't name
// them, since Gin has no path for them. There are two exceptions. Redirects that add
// or take away a slash or correct a path are Gin's own and run no handler, so they
// aren't judged; what they lead to is. And a file that Static doesn't find goes to the
// handlers of NoRoute under the rule of the static route.
//
// # Order
//
// Gin gives a route, and a group, the middleware of the moment at which it is
// made. What is made before Use stays open. CORS comes before Enforce, since a
// preflight request carries no credentials, and must expose WWW-Authenticate and
// Retry-After for the page's scripts to see them.
//
// Gin has chosen the route before its middleware runs. The rule is that of this route:
//
//	what changes the request                        what happens
//	the settings of the engine, such as UseRawPath  the rule of the route that Gin finds
//	an http.Handler in front of the engine          the rule of the route that Gin finds
//	middleware before Enforce: the method           refused: 403, as a route without a name
//	middleware before Enforce: the path             nothing: Gin has routed
//	middleware behind Enforce: method or path       nothing: the route that Gin found is judged
//	engine.HandleContext(c)                         the rule of the new route
//	HandleContext before Enforce, without c.Abort   the chain that goes on is refused
//
// So a method is changed in front of the engine: then Gin goes by it. Require can't
// notice a method that middleware before it has changed. That matters where Options.Cookie
// is set: a POST that was made a GET passes, although a page of another origin sent it.
// Observers and Options.InsecureReportOnly are told the changed method, which a caller
// may have picked.
//
// Enforce keeps a note in the array of c.Errors. Where middleware before it sets
// c.Errors anew, or adds 16 errors, the request is refused.
//
// # Refusals
//
// A refusal aborts the chain and is answered with the status and the challenge
// of RFC 6750 §3, and a body of problem details (RFC 9457) or that of
// [middleware.Options].Body. Whatever else goes wrong in the guard, such as a panic of
// an observer, aborts the chain as well, also where a recovery doesn't. The writer is
// handed on as it is, never wrapped, so that streaming and hijacking work.
package ginauth
