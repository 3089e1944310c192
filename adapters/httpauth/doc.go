// Package httpauth guards net/http handlers, and every router that is built from
// them, with a [middleware.Guard].
//
// One route at a time, [Require]:
//
//	guard, err := middleware.New(middleware.JWTConfig{
//		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
//	}, middleware.Options{Observe: middleware.LogDenials(slog.Default())})
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
// Another router by one policy, [Enforce]. Inside the handler,
// [middleware.ClaimsFrom] finds the claims in the request's context, and
// [Answer] writes the refusals of [middleware.Guard.Authorize].
//
// A refusal is answered with the status and the challenge of RFC 6750 §3, and a
// body of problem details (RFC 9457). The ResponseWriter is handed on as it is,
// never wrapped, so that streaming and hijacking work. Neither ends when the token
// expires; a handler that shall, does its work within [middleware.Guard.While].
//
// # CORS
//
// A browser's preflight request (OPTIONS) carries no credentials, so CORS is
// answered in front of the guard, never behind it; and it must expose
// WWW-Authenticate and Retry-After for the page's scripts to see them. The
// Example of the package shows it.
package httpauth
