// Package ginauth guards Gin with a [middleware.Guard].
//
// Two statements guard a route:
//
//	guard, err := middleware.New(middleware.JWTConfig{
//		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
//	}, middleware.Options{Logger: slog.Default()})
//	// if err ...; defer guard.Close()
//	engine := gin.New()
//	engine.GET("/orders", ginauth.Require(guard, scopes.All("orders:read")), orders)
//
// [Enforce] guards a whole engine by one policy. Call it before the first route or group. A
// route that the policy does not list is denied:
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
// The other functions:
//
//   - [Audit] compares a policy with the routes of an engine.
//   - [Refuse] writes a refusal, for the errors of [middleware.Guard.Authorize].
//   - [WhileAuthorized] runs a stream until its token is no longer accepted.
//   - In a handler, [Claims] returns the claims.
//
// # What is not protected
//
//   - A stream or a hijacked connection is not closed when its token expires. To close it then,
//     run the handler's work inside [WhileAuthorized].
//   - A route that was registered before Enforce. Enforce returns an error that names it.
//   - A group that was made before Enforce, and all its later routes. They stay open without an
//     error.
//   - The handlers of NoRoute and NoMethod have no rule of their own. The policy's Unrouted
//     judges them, whatever they do.
//   - Middleware that answers before the guard is not guarded.
//   - Middleware that changes the method of a request belongs in front of the engine; see
//     Order.
//
// # Routes
//
// A route is spelled as a method, a space and the path as it was registered, with the prefix of
// the group: "GET /orders/:id". An escaped colon is spelled without its backslash:
// `/things\:batch` is "POST /things:batch". HEAD has a handler of its own, and so a rule of its
// own.
//
// # Claims
//
// In a handler, [Claims] returns the claims, as does [middleware.ClaimsFrom] with
// c.Request.Context(). A [gin.Context] that is passed as a context finds no claims and no
// cancellation unless the engine has ContextWithFallback. Pass c.Request.Context() instead.
//
// Gin reuses a [gin.Context] for other callers:
//
//   - A goroutine that runs longer than the handler must use c.Copy(). In c itself it would
//     find the claims of another caller.
//   - Middleware in front of the guard must not return while c.Next still runs in another
//     goroutine, as some timeouts do. Otherwise the claims of one caller would reach the
//     request of another.
//   - In the copy, and in a context made by [context.WithoutCancel], the claims stay available
//     even after the token has expired. [middleware.Guard.Authorize] then grants nothing.
//
// # Requests that no route serves
//
// Gin runs its middleware for these requests, so [Enforce] judges them by Unrouted:
//
//   - an unknown path,
//   - a wrong method, which gets 405 with HandleMethodNotAllowed, else 404,
//   - HEAD and OPTIONS without a handler, because Gin does not use the handlers of other
//     methods for them.
//
// A rule cannot name such a request, because Gin has no path for it. There are two exceptions:
//
//   - Redirects that add or remove a slash or correct a path run no handler, so they are not
//     judged. The request that follows the redirect is judged.
//   - A file that Static does not find goes to the handlers of NoRoute, under the rule of the
//     static route.
//
// # Order
//
// When a route or a group is made, Gin gives it the middleware that is in use then. Routes and
// groups that are made before Enforce stay open.
//
// CORS middleware comes before Enforce, because a preflight request carries no credentials. It
// must expose WWW-Authenticate and Retry-After, so that the scripts of the page can read them.
//
// Gin has chosen the route before its middleware runs. The request is judged by the rule of
// that route:
//
//	what changes the request                        what happens
//	the settings of the engine, such as UseRawPath  the rule of the route that Gin finds
//	an http.Handler in front of the engine          the rule of the route that Gin finds
//	middleware before Enforce: the method           refused: 403, as a route without a name
//	middleware before Enforce: the path             no effect: Gin has routed
//	middleware behind Enforce: method or path       no effect: the route that Gin found is judged
//	engine.HandleContext(c)                         the rule of the new route
//	HandleContext before Enforce, without c.Abort   the chain that goes on is refused
//
// So change a method in front of the engine. Require and [WhileAuthorized] cannot notice that
// middleware before them has changed the method, also not behind Enforce. If Options.Cookie or
// Header is set, they then admit a POST that was changed into a GET, although a page of another
// origin sent it. Observers and
// Options.InsecureReportOnly are told the changed method, which a caller may have chosen.
//
// Enforce stores a note in the array of c.Errors. If middleware before it replaces c.Errors or
// adds 16 errors, the request is refused.
//
// # Refusals
//
// A refusal aborts the chain. It has the status and the challenge of RFC 6750 §3, and a problem
// details body (RFC 9457) or the body of [middleware.Options].Body. A panic inside the guard,
// for example of an observer, aborts the chain as well, even if a recovery does not. The writer
// is passed on unchanged, never wrapped, so streaming and hijacking work.
package ginauth
