// Package grpcauth guards the methods of a gRPC server with a [middleware.Guard],
// by one policy.
//
//	guard, err := middleware.New(middleware.JWTConfig{
//		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
//	}, middleware.Options{Observe: middleware.LogDenials(slog.Default())})
//	// if err ...; defer guard.Close()
//	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
//		"/orders.v1.Orders/Get":    scopes.All("orders:read"),
//		"/orders.v1.Orders/*":      scopes.All("orders:write"),
//		"/grpc.health.v1.Health/*": scopes.Public(),
//	}}.MustCompile()
//	server := grpc.NewServer(grpcauth.ServerOptions(guard, policy)...)
//	// register the services
//	err = grpcauth.Audit(server, policy)
//
// A method is judged by the rule of its own name, "/pkg.Service/Method"; else by
// that of its service, "/pkg.Service/*"; else by the policy's default, which denies
// unless told otherwise. Health and reflection are services like any others, and
// closed until the policy lists them. A call of a method that isn't registered
// reaches no handler, so gRPC answers it with Unimplemented and nothing is judged.
// What [grpc.UnknownServiceHandler] is to serve is judged by the same rules.
//
// The token comes in the metadata "authorization". In a handler,
// [middleware.ClaimsFrom] finds the claims in the context, the stream's on streams.
// Tokens need a connection with TLS: a client's credentials.PerRPCCredentials
// insist on it unless told otherwise.
//
// # Refusals
//
// A refusal has the code Unauthenticated, PermissionDenied, Unavailable or
// Canceled, and a fixed text. Its details are a google.rpc.ErrorInfo of the domain
// "bearerguard", whose reason is the refusal's code in upper case
// ("INSUFFICIENT_SCOPE") and whose metadata "scope" says what would have been
// enough, and a google.rpc.RetryInfo where trying again may help. The trailer holds
// "www-authenticate", the challenge of RFC 6750 §3, and "retry-after", as over HTTP.
// [middleware.Options].Body has no meaning here.
//
// A handler may return the error of [middleware.Guard.Authorize] as it is, or
// wrapped: it is answered as a refusal, too. All other errors are left alone.
//
// # Streams
//
// A token is checked when a stream begins and again when it expires: a stream does
// not outlive its token; see [Stream]. A unary call that takes longer than its token
// lasts is left to its deadline.
package grpcauth
