// Package middleware decides who may pass: it verifies bearer tokens (RFC 6750) and
// compares what they grant to what a route needs. It knows no web framework. The packages
// under adapters carry its decisions into net/http, chi, Echo, Gin and gRPC.
//
// Two statements protect a route. The first makes a [Guard] that trusts an issuer. It
// finds the issuer's keys by discovery and refreshes them in the background:
//
//	guard, err := middleware.New(middleware.JWTConfig{
//		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
//	}, middleware.Options{Logger: slog.Default()})
//	// if err ...; defer guard.Close()
//
// The second puts it in front of a handler:
//
//	mux.Handle("GET /orders", httpauth.Require(guard, scopes.All("orders:read"))(orders))
//
// The handler gets the claims by [ClaimsFrom], or by [ClaimsAs] in a type of its own. If
// a decision depends on more than the route, the handler calls [Guard.Authorize].
//
// If a program also imports another package named middleware, such as Echo's or chi's,
// rename this one: import bearer "github.com/bearerguard/bearerguard/middleware".
//
// # How a request is decided
//
// [Guard.Check] decides in four steps:
//
//  1. It finds the token in the Authorization header, or in the cookie or the header that
//     [Options].Cookie and Header name, and nowhere else.
//  2. A [Verifier] verifies it: a [JWT] for one issuer, [ByIssuer] for several, or one of
//     your own, which makes its claims by [NewClaims].
//  3. It authorizes the caller: it compares what the token grants to the route's
//     [scopes.Requirement].
//  4. It reports the decision to Options.Logger and Options.Observe, and returns a [Pass]
//     or an [Error] to the adapter.
//
// A [JWT] refuses a token for each of these reasons:
//
//   - Form: it is larger than 16 KiB, or not three parts of strict base64url (RFC 7515
//     §7.1).
//   - Header: it is longer than 4096 characters, is not strict JSON, has crit or b64,
//     or names an algorithm that is not accepted or another kind of token in typ.
//     Without JWTConfig.Types, typ is JWT, at+jwt or absent. Keys, URLs and certificates
//     in the header are never used.
//   - Key and signature: the issuer has no key of that kid and algorithm, or none of
//     the first four such keys verifies the signature.
//   - Claims: they are not strict JSON, are of another issuer, or are for another
//     audience. They show an ID token, a logout token or a security event, and the token
//     is not typed at+jwt. InsecureIDTokens lets ID tokens pass. If RequireRFC9068 is
//     set, they do not follow RFC 9068. If IssuerTemplate is set, tid is not a tenant
//     that is accepted, iss is not that of the tenant, or the key is published for
//     another issuer.
//   - Times: it is not valid yet, or is from the future. If MaxLifetime is set, it is good
//     for longer. Last of all, it has expired.
//
// The Guard itself refuses claims that are bound to their sender by cnf (RFC 7800),
// whichever verifier returned them, because it can't confirm the sender.
//
// # Streams and connections
//
// The guard checks a request when it begins. If a handler may run for longer than its token
// is valid, run its work inside [Guard.WhileAuthorized], or the WhileAuthorized of the
// adapter. When the token expires, or when the login is older than the [scopes.MaxAge] of
// the route, WhileAuthorized checks the request again. If that check refuses the request, it
// ends the work. On gRPC, the adapter does this for each stream.
//
// A connection that carries many messages, such as a WebSocket or a session of MCP, is one
// request. In it, [ClaimsFrom] returns the claims of the token that opened the connection.
// So check each message by [Guard.Authorize], which asks the verifier again once that token
// has expired. If each message has a token of its own, check it by [Guard.Check]. The
// Examples of both show it.
//
// The context and the claims that a handler gets are for its request. A goroutine that
// continues after the handler has returned, under a context from [context.WithoutCancel],
// still finds the claims. Authorize refuses it once the token has expired.
//
// # Answers
//
// A refusal is an [Error]. A caller may see all of it:
//
//	code                 HTTP  WWW-Authenticate                          gRPC
//	missing              401   Bearer realm                              Unauthenticated
//	malformed            400   Bearer realm, error="invalid_request"     Unauthenticated
//	invalid              401   Bearer realm, error="invalid_token"       Unauthenticated
//	  and expired              the same, error_description
//	step_up              401   Bearer realm, error, scope,               Unauthenticated
//	                           acr_values, max_age
//	insufficient_scope   403   Bearer realm, error, scope                PermissionDenied
//	denied               403   none                                      PermissionDenied
//	unavailable          503   none; Retry-After                         Unavailable
//	canceled             499   none                                      Canceled
//
// All refusals with one code have the same text, with one exception. If the signature of a
// token is good, and the only fault is that it has expired, the text is "the token has
// expired". It is in the body, in gRPC's message and, as error_description, in the
// challenge, so that the client knows to get a new token. For Options.Body, [Error.Expired]
// is then true. A [Verifier] of your own reports such a token by [ErrExpired].
//
// With [Options].Resource, each challenge also has resource_metadata, the URL of a document that
// names the authorization servers (RFC 9728). [Guard.Metadata] serves it. The 401 then has the
// scope that the route needs.
//
// Callers never get the cause of a refusal. Only [Options].Logger and Observe get it. A
// cause says what was found and what was expected, so that one line of the log tells what
// to change:
//
//	aud does not name this API: it is ["orders"], and JWTConfig.Audience is ["https://api.example"]
//	expired: exp was 2030-01-01T12:02:00Z, 3h1m0s ago
//	alg is not on the list of accepted algorithms: it is none, and JWTConfig.Algorithms has ES256
//
// A cause never contains text of a token whose signature was not verified. So an unknown kid
// or iss is never in the log. An alg or typ is there only if it is a registered name.
//
// # Outages
//
// While the issuer is down, tokens that are signed with known keys still pass. A token that
// names an unknown key makes the key cache ask the issuer, because the key may be new. The
// token is answered 401 if the issuer says that it has no such key. It is answered 503 if
// the issuer does not answer, because the token may be good. The cache asks only once in
// 1.5 s, however many such tokens arrive. In between, the last answer counts.
//
// # Shutdown
//
// Shut down the server first. Then call [Guard.Close], which ends the background work that
// [New] or [NewMultiIssuer] started. Known keys still work after that. If you called [NewJWT]
// or jwks.New yourself, also close the result yourself.
//
// If an [http.Server] has a BaseContext, end that context only after Shutdown has returned.
// The contexts of all requests are made from it. If it ends earlier, requests that wait for
// keys are answered 499, as if their callers had left.
package middleware
