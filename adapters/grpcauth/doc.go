// Package grpcauth guards the methods of a gRPC server with a [middleware.Guard], by one
// policy:
//
//	guard, err := middleware.New(middleware.JWTConfig{
//		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
//	}, middleware.Options{Logger: slog.Default()})
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
// A method is judged by the first of these rules that exists:
//
//   - the rule of its own name, "/pkg.Service/Method",
//   - the rule of its service, "/pkg.Service/*",
//   - the policy's default, which denies unless the policy sets it.
//
// Health and reflection are services like any others. They are denied until the policy lists
// them.
//
// The token is in the metadata "authorization", or in those of another key that Options.Header
// names. In a handler, [middleware.ClaimsFrom] finds the claims in the context; for a stream, in
// the context of the stream. Send tokens over TLS only. A client's
// credentials.PerRPCCredentials insist on TLS unless told otherwise.
//
// # What is not protected
//
//   - A unary call that takes longer than its token lasts is not ended when the token expires.
//     Set a deadline.
//   - The messages of a stream are not judged. If a message may ask for more than the stream
//     does, the handler judges each message with Authorize; see the example "Messages".
//     Authorize uses the claims of the last check, and asks the verifier again only if the
//     token has expired.
//   - A goroutine that runs longer than its call finds the claims in its context, even in a
//     context from [context.WithoutCancel]. Authorize grants it nothing after the token has
//     expired.
//   - A call of a method that is not registered is not judged, because it reaches no handler:
//     gRPC answers Unimplemented. Only if the server has [grpc.UnknownServiceHandler], such a
//     call is judged by the rules above.
//   - Calls that a program makes to its own handlers without a connection run no interceptor,
//     so they are not judged.
//
// # Paths and interceptors
//
// gRPC compares paths exactly. A call is judged by the rule of the handler that serves it:
//
//	/pkg.Service/Method           the method's rule
//	/pkg.Service/method           not a method of the service: with UnknownServiceHandler the
//	                              service's rule, otherwise Unimplemented
//	/pkg.Service/                 the same
//	/PKG.SERVICE/METHOD           another service: with UnknownServiceHandler its rule or the
//	                              default, otherwise Unimplemented
//	//pkg.Service/Method          the same
//	/pkg.Service/Method/          the same
//	/x/../pkg.Service/Method      the same
//	/pkg.Service/Meth%6Fd         not a method of the service, as above; but
//	                              [grpc.Server.ServeHTTP] decodes it: the method's rule
//	pkg.Service/Method, /Method   Unimplemented; nothing is judged
//
// With interceptors:
//
//   - If an interceptor before the guard tells it a method other than the one that is called,
//     the rules of both must admit the caller. This is also the case for the unary methods of a
//     service that is registered under a second name, because generated code tells the first
//     name.
//   - The guard reads the metadata that the interceptors before it pass on. Later changes of
//     the metadata have no effect on it.
//   - Two guards in a chain each judge the call. ClaimsFrom returns the claims of the inner
//     guard.
//   - If anything panics in a check, no handler is called, and the panic goes to the
//     interceptors before the guard.
//
// # Refusals
//
// A refusal has the code Unauthenticated, PermissionDenied, Unavailable or Canceled, and a
// fixed text. It also has:
//
//   - A google.rpc.ErrorInfo of the domain "bearerguard" in its details. The reason is the code
//     of the refusal in upper case ("INSUFFICIENT_SCOPE"). The metadata "scope" names the
//     scopes that would be enough. If the token has expired, the text of the status and the
//     metadata "error_description" are "the token has expired". If another login is required
//     ("STEP_UP"), the metadata "acr_values" and "max_age" say which one, as in the challenge.
//   - A google.rpc.RetryInfo in its details, if another try may succeed.
//   - In the trailer, "www-authenticate", which is the challenge of RFC 6750 §3 and RFC 9470 §3,
//     and "retry-after", as over HTTP.
//
// [middleware.Options].Body has no effect here.
//
// Under [grpc.Server.ServeHTTP], "www-authenticate" and "retry-after" are in the header, because
// net/http sends no challenge in a trailer. If a stream has already sent its header, the refusal
// has no challenge, and "retry-after" is in the trailer. If a client looks in both, it finds each
// field at most once. If the caller of a refused stream does not read, the server sends the
// status when the caller reads again, or never.
//
// A handler may return the error of [middleware.Guard.Authorize] as it is, or wrapped. It is
// answered as a refusal, too. All other errors stay unchanged.
//
// # Streams
//
// A token is checked when a stream begins, and again when the token expires or the login is too
// old for the rule. So a stream does not outlive its token; see [Stream].
package grpcauth
