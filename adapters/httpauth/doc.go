// Package httpauth guards net/http handlers with a [middleware.Guard]. It also fits routers
// that are built on net/http.
//
// Two statements guard a route:
//
//	guard, err := middleware.New(middleware.JWTConfig{
//		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
//	}, middleware.Options{Logger: slog.Default()})
//	// if err ...; defer guard.Close()
//	mux.Handle("GET /orders", httpauth.Require(guard, scopes.All("orders:read"))(orders))
//
// [Mux] guards a whole [http.ServeMux] by one policy. A route that the policy does not list is
// denied:
//
//	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
//		"GET /healthz":      scopes.Public(),
//		"GET /orders/{id}":  scopes.All("orders:read"),
//		"POST /orders/{id}": scopes.All("orders:write"),
//	}}.MustCompile()
//	server := http.Server{Handler: httpauth.Mux(guard, policy, mux)}
//
// The other functions:
//
//   - [Enforce] guards a router of another kind by one policy.
//   - [Audit] finds the rules of a policy that fit no pattern of a mux.
//   - [Refuse] writes a refusal, for the errors of [middleware.Guard.Authorize].
//   - [WhileAuthorized] runs a stream until its token is no longer accepted.
//   - [Subprotocol] takes the token of a browser's WebSocket out of its subprotocols.
//   - In a handler, [middleware.ClaimsFrom] returns the claims from the request's context.
//
// # What is not protected
//
//   - A stream or a hijacked connection is not closed when its token expires. To close it then,
//     run the handler's work inside [WhileAuthorized].
//   - Middleware that answers in front of the guard is not guarded.
//   - If middleware behind [Enforce] changes the method, the host or the path of the request,
//     another handler may serve it than the one whose rule was judged. The guard cannot see
//     that change. Put such middleware in front of the guard; see Rewriters.
//   - If no pattern of a [Mux] matches a request, no rule is judged. No handler runs then,
//     because the mux answers 404 or 405 itself.
//
// # Refusals
//
// A refusal has the status and the challenge of RFC 6750 §3. Its body is a problem details
// object (RFC 9457). The ResponseWriter is passed on unchanged, never wrapped, so streaming and
// hijacking work.
//
// # Rewriters
//
// A rewriter is middleware that changes the method, the host or the path of a request, such as
// a method override, StripPrefix or a path cleaner. Which rule is judged depends on its place:
//
//	where the rewriter is  which rule is judged
//	in front of the guard  the rule of the handler that serves the changed request
//	behind Mux             the rule of the pattern of the mux, whatever its handler does; if the
//	                       handler is a mux, guard that mux, too
//	behind Require         the requirement of Require, whatever the handler does
//	behind Enforce         the rule of the request before the change: do not do this; put the
//	                       rewriter in front, and let handlers forward to the guarded handler
//
// A Mux also judges these requests:
//
//	the request                          which rule is judged
//	a path that the mux redirects        the rule of the pattern that the redirect leads to; if
//	(//, .., a missing slash)            no pattern serves the cleaned path, none
//	%2F, other escapes, other hosts      the rule of the pattern that the mux finds
//	CONNECT, whose path is not cleaned   the rule of the pattern that the mux finds, or the default
//	RequestURI "*"                       none: the mux itself answers 400
//
// If a pattern is registered while a check waits for keys, Mux and Enforce judge the request by
// the rule of the new pattern. After three such changes they deny it.
//
// If the method is changed between the routing and the guard, the rule stays that of the route.
// One trap remains if Options.Cookie or Header is set. The guard refuses a POST that a page of
// another origin sent with a token there, and admits a GET. Behind a ServeMux, it also looks at
// the method of the pattern. Other routers do not tell the method of a route, so a POST that
// was changed into a GET would be admitted. Change methods in front of such a router.
//
// # gorilla/mux
//
// gorilla/mux runs the middleware of Use after its routing, so the route is known. [Enforce]
// needs a function that returns the name of the route. Build the name from the route only,
// never from the request:
//
//	func onGorilla(r *http.Request) string {
//		route := mux.CurrentRoute(r)
//		if route == nil {
//			return "no route" // used outside of Router.Use: no rule has this name
//		}
//		var spelled strings.Builder
//		if methods, err := route.GetMethods(); err == nil {
//			spelled.WriteString(strings.Join(methods, ",") + " ")
//		}
//		if host, err := route.GetHostTemplate(); err == nil {
//			spelled.WriteString(host)
//		}
//		if path, err := route.GetPathTemplate(); err == nil {
//			spelled.WriteString(path)
//		}
//		if end, _ := route.GetPathRegexp(); !strings.HasSuffix(end, "$") || strings.HasSuffix(end, `\$`) {
//			spelled.WriteString("*") // a prefix, or any path
//		}
//		return spelled.String()
//	}
//
//	router.Use(mux.MiddlewareFunc(httpauth.Enforce(guard, policy, onGorilla)))
//
// Each rule is then for a route: "GET /orders/{id}", "PUT,DELETE /orders/{id}", "/static/*".
// Note:
//
//   - Routes that differ only in headers, queries or a MatcherFunc share a rule.
//   - Give methods to routes, not to a Subrouter. If both have methods, gorilla/mux reports
//     those of the Subrouter, and its routes share a rule.
//   - Do not add a matcher to a route after its Subrouter. gorilla/mux then reports a route
//     other than the one that serves.
//   - The middleware of Use does not run for NotFoundHandler and MethodNotAllowedHandler. Wrap
//     them with [Require] if they show anything.
//
// The module internal/routers tests this.
//
// # CORS
//
// A browser's preflight request (OPTIONS) carries no credentials. Answer it in front of the
// guard, never behind it. The CORS middleware must expose WWW-Authenticate and Retry-After, so
// that the scripts of the page can read them; see the example "Cors".
package httpauth
