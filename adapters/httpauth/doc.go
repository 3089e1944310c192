// Package httpauth guards net/http handlers, and every router that is built from
// them, with a [middleware.Guard].
//
// One route at a time, [Require]:
//
//	guard, err := middleware.New(middleware.JWTConfig{
//		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
//	}, middleware.Options{Observe: middleware.LogRefusals(slog.Default())})
//	// if err ...; defer guard.Close()
//	mux.Handle("GET /orders", httpauth.Require(guard, scopes.All("orders:read"))(orders))
//
// A whole [http.ServeMux] by one policy, [Mux]; routes that it doesn't list are
// denied:
//
//	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
//		"GET /healthz":      scopes.Public(),
//		"GET /orders/{id}":  scopes.All("orders:read"),
//		"POST /orders/{id}": scopes.All("orders:write"),
//	}}.MustCompile()
//	server := http.Server{Handler: httpauth.Mux(guard, policy, mux)}
//
// Another router by one policy, [Enforce]: put nothing between it and the router that
// changes the method, the host or the path of a request, because the guard can't see that.
// Such middleware belongs in front of the guard. See Rewriters.
//
// Inside the handler, [middleware.ClaimsFrom] finds the claims in the request's context,
// and [Refuse] writes the refusals of [middleware.Guard.Authorize]. [Audit] finds the
// rules of a policy that no pattern is registered for.
//
// A refusal is answered with the status and the challenge of RFC 6750 §3, and a
// body of problem details (RFC 9457). The ResponseWriter is handed on as it is,
// never wrapped, so that streaming and hijacking work. A stream and a hijacked
// connection go on after the token's expiry, unless the handler works within [WhileAuthorized].
//
// # Rewriters
//
// The rule that is judged is that of the route as the guard sees the request:
//
//	what changes the request            where         which rule holds
//	method override, StripPrefix,       in front      that of the handler that serves
//	path cleaner, host from a header
//	the same                            behind Mux    that of the outer pattern, for all that
//	                                                  its handler does: guard an inner mux, too
//	the same                            behind        the one requirement, for all
//	                                    Require
//	the same, or a handler that         behind        that of the request before the change:
//	forwards to the router              Enforce       don't; forward to the guarded handler
//	the mux's own redirects             in Mux        that of the pattern that the redirect
//	(//, .., a missing slash)                         leads to; where no pattern serves the
//	                                                  cleaned path, the redirect isn't judged
//	%2F, other escapes, other hosts     in Mux        that of the pattern that the mux finds
//	CONNECT, whose path isn't cleaned   in Mux        likewise; without a rule the default
//	RequestURI "*"                      in Mux        none: the mux answers 400 by itself
//	a pattern that is registered while  in Mux,       that of the new pattern; the request is
//	the check waits for keys            Enforce       denied after three changes
//
// A method that is changed between the routing and the guard changes no rule, and behind
// a ServeMux the method of the pattern counts for a cookie's origin as well. Other
// routers don't tell a method: where Options.Cookie is set, the guard would take a POST
// that was made a GET for one that other origins may send. Change methods in front of them.
//
// # gorilla/mux
//
// gorilla/mux runs the middleware of Use behind its routing, and so the route is known.
// Its name must be made of the route, and of nothing in the request:
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
// A rule is then for a route: "GET /orders/{id}", "PUT,DELETE /orders/{id}", "/static/*".
// Routes that differ in nothing but headers, queries or a MatcherFunc share a rule.
//
// Give methods to routes, and not to a Subrouter: of both, gorilla/mux tells those of the
// Subrouter, and its routes share a rule.
//
// Add no matcher to a route after its Subrouter: gorilla/mux then tells a route that is not
// the one that serves. The middleware of Use does not run for NotFoundHandler and
// MethodNotAllowedHandler: wrap those with [Require] if they show anything. The module
// internal/routers tests this.
//
// # CORS
//
// A browser's preflight request (OPTIONS) carries no credentials, so CORS is
// answered in front of the guard, never behind it; and it must expose
// WWW-Authenticate and Retry-After for the page's scripts to see them. The
// Example of the package shows it.
package httpauth
