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
//	}, middleware.Options{Observe: middleware.LogDenials(slog.Default())})
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
// A [JWT] refuses a token that is larger than 16 KiB; that is not three parts of
// strict base64url (RFC 7515 §7.1); whose header is longer than 4096 characters, is
// not strict JSON, holds crit or b64, or names an algorithm that is not accepted;
// whose typ is that of another kind of token; for which the issuer has no key, or
// more than one, of that kid and algorithm; whose signature is longer than any key's,
// or does not verify; whose claims are not strict JSON; of another issuer or
// audience; that is bound to its sender by cnf, since nothing here could confirm
// that; ID tokens, logout tokens and security events, known by their claims unless
// typed at+jwt; and one that is expired, not valid yet, or from the future. On
// request, it also refuses what is no access token by its profile (RequireATJWT) or
// good for too long (MaxLifetime). Keys, URLs and certificates in a token's own
// header are never used.
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
// Causes go to [Options].Observe. [LogDenials] writes them to a log, which is where
// to look when a token is refused and you don't know why.
//
// # Outages
//
// While the issuer is down, tokens signed with known keys go on being served. A token
// that names an unknown key is answered 503 and not 401: it may be good.
//
// # Shutdown
//
// First the server, then the guard: [Guard.Close] ends the background work, after
// which known keys still serve. Whoever makes a thing closes it: New what it makes,
// you what you made by [NewJWT] or jwks.New.
package middleware
