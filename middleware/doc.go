// Package middleware decides who may pass: it verifies bearer tokens (RFC 6750)
// and holds what they grant against what a route needs. It knows no web framework;
// the packages under adapters carry its decisions into net/http, Echo, Gin and
// gRPC.
//
// Two statements protect a route. The first makes a [Guard] that trusts an
// issuer, whose keys it finds by discovery and keeps fresh in the background:
//
//	guard, err := middleware.New(middleware.JWTConfig{
//		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
//	}, middleware.Options{Observe: middleware.LogRefusals(slog.Default())})
//	// if err ...; defer guard.Close()
//
// The second puts it in front of a handler:
//
//	mux.Handle("GET /orders", httpauth.Require(guard, scopes.All("orders:read"))(orders))
//
// The handler finds the claims by [ClaimsFrom] or, in a type of its own, by
// [ClaimsAs]. Where a decision hangs on more than the route, it asks
// [Guard.Authorize].
//
// # How a request is decided
//
// [Guard.Check] extracts the token from the Authorization header, or from a cookie
// if [Options].Cookie names one, and nowhere else. A [Verifier] tells whether it is
// good: [JWT] for one issuer, [ByIssuer] for several, or one of your own, which
// makes its claims by [ParseClaims]. What the token grants is then held against
// the route's [scopes.Requirement].
//
// A [JWT] refuses a token for each of these reasons:
//
//   - Form: it is larger than 16 KiB, or not three parts of strict base64url (RFC 7515
//     §7.1).
//   - Header: it is longer than 4096 characters, is not strict JSON, has crit or b64,
//     or names an algorithm that is not accepted or another kind of token in typ.
//     Keys, URLs and certificates in it are never used.
//   - Key and signature: the issuer has no key of that kid and algorithm, or none of
//     the first four such keys verifies the signature.
//   - Claims: they are not strict JSON, of another issuer or for another audience.
//     ID tokens, logout tokens and security events are known by their claims, unless
//     typed at+jwt. On request, what does not follow RFC 9068 (RequireRFC9068).
//   - Times: it has expired, is not valid yet, or is from the future. On request, it is
//     good for too long (MaxLifetime).
//
// The Guard itself refuses claims that are bound to their sender by cnf (RFC 7800),
// whichever verifier returned them, because nothing here can confirm the sender.
//
// # Streams and connections
//
// A check is made when a request begins. A handler that may outlive the token runs its
// work inside [Guard.WhileAuthorized], or the WhileAuthorized of its adapter, which ends it when the token
// has expired and a second check refuses the request. gRPC streams end in the same
// way by themselves.
//
// A connection that carries many messages, such as a WebSocket or a session of MCP, is
// one request, and [ClaimsFrom] yields the claims of the token that opened it. Judge
// each message: by [Guard.Authorize], which asks the verifier again once the token has
// expired, or by [Guard.Check] where each message brings a token. The Examples of both
// show it.
//
// What a guard hands to a handler is for that request. A goroutine that goes on after
// the handler, under a context from [context.WithoutCancel], sees the claims as they
// were; Authorize refuses it after the token's expiry.
//
// # Answers
//
// A refusal is an [Error], which says everything that a caller may know, and
// nothing else:
//
//	code                 HTTP  WWW-Authenticate                          gRPC
//	missing              401   Bearer realm                              Unauthenticated
//	malformed            400   Bearer realm, error="invalid_request"     Unauthenticated
//	invalid              401   Bearer realm, error="invalid_token"       Unauthenticated
//	insufficient_scope   403   Bearer realm, error, scope                PermissionDenied
//	denied               403   none                                      PermissionDenied
//	unavailable          503   none; Retry-After                         Unavailable
//	canceled             499   none                                      Canceled
//
// Causes go to [Options].Observe. [LogRefusals] writes them to a log, which is where
// to look when a token is refused and you don't know why.
//
// # Outages
//
// While the issuer is down, tokens signed with known keys go on being served. A token
// that names an unknown key is answered 503 and not 401: it may be good. Only within
// 1.5 s of a fetch that such a token has caused, and that was good, it is answered 401,
// because the issuer has just said that it has no such key.
//
// # Shutdown
//
// First the server, then the guard: [Guard.Close] ends the background work, after
// which known keys still serve. Whoever makes a thing closes it: New what it makes,
// you what you made by [NewJWT] or jwks.New.
//
// The requests of an [http.Server] end with the context of its BaseContext. If that
// ends before Shutdown has returned, requests that wait for keys are answered as those
// of callers who have left, with 499, although their callers are still there. End it
// after Shutdown.
package middleware
