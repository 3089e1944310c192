package adaptertest

import (
	"net/http"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// bound are cases about custom verifiers: claims that are bound to a sender, which the guard
// cannot confirm, and tokens that are checked again.
func bound() []testCase {
	anybody, read := scopes.Authenticated(), scopes.All("things:read")
	opaque := raw("Bearer opaque-reference-token")
	confirms := func(cnf map[string]any) func(*middleware.JWT) (middleware.Verifier, error) {
		return says(claims(confirmedBy(cnf)))
	}
	requests := []Feature{Requests} // in a stream, other checks come between
	boundNow := claims(confirmedBy(map[string]any{"jkt": "x"}))
	boundLater := says(lapsed("user-1", "things:read").then(boundNow))
	return exchangeCases([]exchange{
		{
			name: "a token that a custom verifier accepts passes",
			need: read, header: opaque, verifier: says(lasting("user-1", "things:read")), subject: "user-1",
		},
		{
			name: "a custom verifier's token that is bound to a key is invalid",
			need: anybody, header: opaque, verifier: confirms(map[string]any{"jkt": "x"}), code: "invalid",
		},
		{
			name: "a custom verifier's token that is bound to a certificate is invalid",
			need: anybody, header: opaque, verifier: confirms(map[string]any{"x5t#S256": "x"}), code: "invalid",
		},
		{
			name: "a custom verifier's token with an empty confirmation is invalid",
			need: anybody, header: opaque, verifier: confirms(map[string]any{}), code: "invalid",
		},
		{
			name: "a custom verifier's token with an unknown confirmation is invalid",
			need: anybody, header: opaque, verifier: confirms(map[string]any{"other": "x"}), code: "invalid",
		},
		{
			name: "a custom verifier's token that is bound is invalid on an optional route",
			need: scopes.Optional(), header: opaque, verifier: confirms(map[string]any{"jkt": "x"}), code: "invalid",
		},
		{
			name: "a custom verifier's token with an empty confirmation is invalid on an optional route",
			need: scopes.Optional(), header: opaque, verifier: confirms(map[string]any{}), code: "invalid",
		},
		{
			name: "a custom verifier's token that is bound is invalid in a cookie",
			need: anybody, header: cookies("session=opaque-reference-token"), options: useCookie,
			verifier: confirms(map[string]any{"jkt": "x"}), code: "invalid",
		},
		{
			name: "a public route ignores the confirmation",
			need: scopes.Public(), header: opaque, verifier: confirms(map[string]any{"jkt": "x"}),
		},

		// Authorize in a handler, after the token has expired.
		{
			name: "Authorize asks the verifier again about an expired token",
			need: anybody, header: opaque, verifier: says(lapsed("user-1", "").then(lasting("user-1", "things:read"))),
			authorize: &read, subject: "user-1", only: requests,
		},
		{
			name: "Authorize refuses an expired token that is now bound",
			need: anybody, header: opaque, verifier: boundLater, authorize: &read, code: "invalid", subject: "user-1",
			only: requests,
		},
		{
			name: "Authorize on an optional route refuses an expired token that is now bound",
			need: scopes.Optional(), header: opaque, verifier: boundLater, authorize: &read, code: "invalid",
			subject: "user-1", only: requests,
		},
		{
			name: "Authorize refuses an expired token, and the caller is told that it has expired",
			need: anybody, header: opaque,
			verifier: says(lapsed("user-1", "things:read").then(fails(middleware.ErrExpired))), authorize: &read,
			code: "invalid", expired: true, subject: "user-1", only: requests,
		},
		{
			name: "Authorize refuses an expired token that is now invalid",
			need: anybody, header: opaque,
			verifier: says(lapsed("user-1", "things:read").then(fails(middleware.ErrInvalidToken))), authorize: &read,
			code: "invalid", subject: "user-1", only: requests,
		},
		{
			name: "Authorize refuses an expired token that no longer has the scope",
			need: anybody, header: opaque, verifier: says(lapsed("user-1", "things:read").then(lasting("user-1", ""))),
			authorize: &read, code: "insufficient_scope", scope: "things:read", subject: "user-1", only: requests,
		},
		{
			name: "Authorize reports an outage if the verifier fails for an expired token",
			need: anybody, header: opaque,
			verifier: says(lapsed("user-1", "things:read").then(fails(http.ErrServerClosed))), authorize: &read,
			code: "unavailable", subject: "user-1", only: requests,
		},
	})
}
