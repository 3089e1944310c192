// Package grpcauth guards the methods of a gRPC server with a [middleware.Guard],
// by one policy.
//
//	guard, err := middleware.New(middleware.JWTConfig{
//		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
//	}, middleware.Options{Observe: middleware.LogRefusals(slog.Default())})
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
// # Paths and interceptors
//
// gRPC compares paths to the letter. The rule that is judged is that of the handler
// that serves:
//
//	/pkg.Service/Method           the method's rule
//	/pkg.Service/method           no method: the service's rule, for UnknownServiceHandler
//	/pkg.Service/                 likewise
//	/PKG.SERVICE/METHOD           another service: its rule, or the default
//	//pkg.Service/Method          likewise
//	/pkg.Service/Method/          likewise
//	/x/../pkg.Service/Method      likewise
//	/pkg.Service/Meth%6Fd         no method; [grpc.Server.ServeHTTP] decodes it before
//	                              the handler is found: the method's rule
//	pkg.Service/Method, /Method   Unimplemented, nothing is judged
//
// Where an interceptor before the guard tells it another method than the one that is
// called, the rules of both must let the caller in. So they must for the unary methods
// of a service that is registered under a second name, because generated code tells the
// first one. The guard reads the metadata that interceptors before it hand on; what
// those behind it change has no effect on it. Two guards in a chain judge each for
// itself, and ClaimsFrom finds the claims of the inner one.
//
// If anything panics in a check, no handler is called: the panic goes to the
// interceptors before the guard.
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
// Under [grpc.Server.ServeHTTP] these two fields are in the header instead, because
// net/http sends no challenge in a trailer. A stream that has sent its header before
// ends without a challenge there, and its "retry-after" is in the trailer. A client
// that looks in both places finds each field at most once. A caller who doesn't read is
// sent the status of a refused stream there when it reads again, or never.
//
// A handler may return the error of [middleware.Guard.Authorize] as it is, or
// wrapped: it is answered as a refusal, too. All other errors are left alone.
//
// # Streams
//
// A token is checked when a stream begins and again when it expires: a stream does
// not outlive its token; see [Stream]. The guard does not look at the messages of a
// stream. Where a message may ask for more than the stream does, the handler judges
// each message with Authorize: see the example "Messages". Authorize goes by the claims
// of the last check, and asks the verifier again only if the token has expired.
//
// A unary call that takes longer than its token lasts is left to its deadline. What
// goes on in a goroutine after its call finds the claims in its context for ever,
// also in one from [context.WithoutCancel], but Authorize grants nothing after the
// token's expiry.
package grpcauth
