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
//   - In a handler, [middleware.ClaimsFrom] returns the claims from the request's context.
//
// # What is not protected
//
//   - A stream or a hijacked connection is not closed when its token expires. To close it then,
//     run the handler's work inside [WhileAuthorized].
//   - A handler that is not behind the guard, such as middleware that answers in front of it.
//   - A handler that a middleware behind [Enforce] chooses by changing the method, the host or
//     the path of the request. The guard cannot see that change. Put such middleware in front
//     of the guard; see Rewriters.
//   - Requests that no pattern of a [Mux] matches. The mux answers 404 or 405 itself, and no
//     handler runs.
//
// # Refusals
//
// A refusal has the status and the challenge of RFC 6750 §3. Its body is a problem details
// object (RFC 9457). The ResponseWriter is passed on unchanged, never wrapped, so streaming and
// hijacking work.
//
// # Rewriters
//
// A request is judged by the rule of its route as the guard sees the request:
//
//	what changes the request            where         which rule is judged
//	method override, StripPrefix,       in front      the rule of the handler that serves
//	path cleaner, host from a header
//	the same                            behind Mux    the rule of the outer pattern, for all that
//	                                                  its handler does: guard an inner mux, too
//	the same                            behind        the one requirement, for all
//	                                    Require
//	the same, or a handler that         behind        the rule before the change: do not do this;
//	forwards to the router              Enforce       forward to the guarded handler
//	the mux's own redirects             in Mux        the rule of the pattern that the redirect
//	(//, .., a missing slash)                         leads to; if no pattern serves the cleaned
//	                                                  path, the redirect is not judged
//	%2F, other escapes, other hosts     in Mux        the rule of the pattern that the mux finds
//	CONNECT, whose path is not cleaned  in Mux        the same; without a rule the default
//	RequestURI "*"                      in Mux        none: the mux itself answers 400
//	a pattern that is registered while  in Mux,       the rule of the new pattern; the request is
//	the check waits for keys            Enforce       denied after three changes
//
// A method that is changed between the routing and the guard does not change the rule. Behind a
// ServeMux, the method of the pattern also counts when the guard decides whether a cookie may
// come from another origin. Other routers do not tell the method of a route. With Options.Cookie
// set, the guard would then take a POST that was changed into a GET for a request that other
// origins may send. Change methods in front of such a router.
//
// # gorilla/mux
//
// gorilla/mux runs the middleware of Use after its routing, so the route is known. Build the
// name of the route from the route only, never from the request:
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
// that the scripts of the page can read them. The Example of the package shows it.
package httpauth
