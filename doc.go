// Package bearerguard documents a suite of packages that protect Go APIs with bearer tokens. It has no code
// of its own: import the packages that are listed below.
//
// Two statements protect a route. The first makes a guard that trusts an issuer. The second says which scope
// a token needs for the route:
//
//	guard, err := middleware.New(middleware.JWTConfig{
//		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
//	}, middleware.Options{Logger: slog.Default()})
//	// if err ...; defer guard.Close()
//	mux.Handle("GET /orders", httpauth.Require(guard, scopes.All("orders:read"))(orders))
//
// The issuer is the service that makes the tokens, such as Auth0 or Keycloak. [middleware.New] finds its keys
// by discovery, caches them, and refreshes them in the background. In the handler, [middleware.ClaimsFrom]
// returns the verified claims.
//
// A [scopes.Policy] protects a whole router. A route that it does not list is denied.
//
// # Packages
//
// The core:
//
//   - [github.com/bearerguard/bearerguard/middleware]: verifies tokens and decides about requests,
//     [middleware.New]
//   - [github.com/bearerguard/bearerguard/scopes]: says what a route needs, [scopes.All] and [scopes.Policy]
//   - [github.com/bearerguard/bearerguard/jwks]: fetches the keys of issuers and keeps them, [jwks.New]
//
// The adapters, one for each framework. They all give the same answers:
//
//   - [github.com/bearerguard/bearerguard/adapters/httpauth]: net/http and gorilla/mux, [httpauth.Mux]
//   - [github.com/bearerguard/bearerguard/adapters/echoauth]: Echo, [echoauth.Enforce]
//   - [github.com/bearerguard/bearerguard/adapters/ginauth]: Gin, [ginauth.Enforce]
//   - [github.com/bearerguard/bearerguard/adapters/grpcauth]: gRPC, [grpcauth.ServerOptions]
//   - [github.com/bearerguard/bearerguard/adapters/chiauth]: chi, in a module of its own, [chiauth.Enforce]
//
// For tests:
//
//   - [github.com/bearerguard/bearerguard/middleware/authtest]: an issuer that makes any token and can have
//     any fault, [authtest.Start]
//   - [github.com/bearerguard/bearerguard/adapters/adaptertest]: the conformance table, for adapters of
//     your own, [adaptertest.Run]
//
// # Pages
//
// The [README] has whole programs to paste. Each of the [pages] answers one question, for example about
// routes, keys, logs, tests or costs.
//
// [README]: https://github.com/bearerguard/bearerguard#readme
// [adaptertest.Run]: https://pkg.go.dev/github.com/bearerguard/bearerguard/adapters/adaptertest#Run
// [authtest.Start]: https://pkg.go.dev/github.com/bearerguard/bearerguard/middleware/authtest#Start
// [chiauth.Enforce]: https://pkg.go.dev/github.com/bearerguard/bearerguard/adapters/chiauth#Enforce
// [echoauth.Enforce]: https://pkg.go.dev/github.com/bearerguard/bearerguard/adapters/echoauth#Enforce
// [ginauth.Enforce]: https://pkg.go.dev/github.com/bearerguard/bearerguard/adapters/ginauth#Enforce
// [grpcauth.ServerOptions]: https://pkg.go.dev/github.com/bearerguard/bearerguard/adapters/grpcauth#ServerOptions
// [httpauth.Mux]: https://pkg.go.dev/github.com/bearerguard/bearerguard/adapters/httpauth#Mux
// [jwks.New]: https://pkg.go.dev/github.com/bearerguard/bearerguard/jwks#New
// [middleware.ClaimsFrom]: https://pkg.go.dev/github.com/bearerguard/bearerguard/middleware#ClaimsFrom
// [middleware.New]: https://pkg.go.dev/github.com/bearerguard/bearerguard/middleware#New
// [pages]: https://github.com/bearerguard/bearerguard/tree/main/docs
// [scopes.All]: https://pkg.go.dev/github.com/bearerguard/bearerguard/scopes#All
// [scopes.Policy]: https://pkg.go.dev/github.com/bearerguard/bearerguard/scopes#Policy
package bearerguard
