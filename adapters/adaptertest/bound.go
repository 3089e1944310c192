package adaptertest

import (
	"net/http"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// bound are about verifiers of the user's own: claims that are bound to a sender, whom
// the guard can't confirm, and tokens whose verifier is asked again.
func bound() []testCase {
	anybody, read := scopes.Authenticated(), scopes.All("things:read")
	opaque := raw("Bearer opaque-reference-token")
	confirms := func(cnf map[string]any) func(*middleware.JWT) (middleware.Verifier, error) {
		return says(claims(confirmedBy(cnf)))
	}
	requests := []Feature{Requests} // in a stream, other looks come between
	boundNow := claims(confirmedBy(map[string]any{"jkt": "x"}))
	boundLater := says(lapsed("user-1", "things:read").then(boundNow))
	return exchangeCases([]exchange{
		{
			name: "a verifier of one's own lets pass",
			need: read, header: opaque, verifier: says(lasting("user-1", "things:read")), subject: "user-1",
		},
		{
			name: "a verifier's token that is bound to a key is invalid",
			need: anybody, header: opaque, verifier: confirms(map[string]any{"jkt": "x"}), code: "invalid",
		},
		{
			name: "a verifier's token that is bound to a certificate is invalid",
			need: anybody, header: opaque, verifier: confirms(map[string]any{"x5t#S256": "x"}), code: "invalid",
		},
		{
			name: "a verifier's token with an empty confirmation is invalid",
			need: anybody, header: opaque, verifier: confirms(map[string]any{}), code: "invalid",
		},
		{
			name: "a verifier's token with an unknown confirmation is invalid",
			need: anybody, header: opaque, verifier: confirms(map[string]any{"other": "x"}), code: "invalid",
		},
		{
			name: "a verifier's token that is bound is invalid on an optional route",
			need: scopes.Optional(), header: opaque, verifier: confirms(map[string]any{"jkt": "x"}), code: "invalid",
		},
		{
			name: "a verifier's token with an empty confirmation is invalid on an optional route",
			need: scopes.Optional(), header: opaque, verifier: confirms(map[string]any{}), code: "invalid",
		},
		{
			name: "a verifier's token that is bound is invalid in a cookie",
			need: anybody, header: cookies("session=opaque-reference-token"), options: useCookie,
			verifier: confirms(map[string]any{"jkt": "x"}), code: "invalid",
		},
		{
			name: "a public route looks at no confirmation",
			need: scopes.Public(), header: opaque, verifier: confirms(map[string]any{"jkt": "x"}),
		},

		// The handler's own question, after the token's expiry.
		{
			name: "a handler's question about an expired token asks again",
			need: anybody, header: opaque, verifier: says(lapsed("user-1", "").then(lasting("user-1", "things:read"))),
			authorize: &read, subject: "user-1", only: requests,
		},
		{
			name: "a handler's question about an expired token is refused if that is bound now",
			need: anybody, header: opaque, verifier: boundLater, authorize: &read, code: "invalid", subject: "user-1",
			only: requests,
		},
		{
			name: "a handler's question about an expired token is refused if that is bound now, on an optional route",
			need: scopes.Optional(), header: opaque, verifier: boundLater, authorize: &read, code: "invalid",
			subject: "user-1", only: requests,
		},
		{
			name: "a handler's question about an expired token is refused if that is invalid now",
			need: anybody, header: opaque,
			verifier: says(lapsed("user-1", "things:read").then(fails(middleware.ErrInvalidToken))), authorize: &read,
			code: "invalid", subject: "user-1", only: requests,
		},
		{
			name: "a handler's question about an expired token is refused if a scope is gone",
			need: anybody, header: opaque, verifier: says(lapsed("user-1", "things:read").then(lasting("user-1", ""))),
			authorize: &read, code: "insufficient_scope", scope: "things:read", subject: "user-1", only: requests,
		},
		{
			name: "a handler's question about an expired token is an outage if nobody can tell",
			need: anybody, header: opaque,
			verifier: says(lapsed("user-1", "things:read").then(fails(http.ErrServerClosed))), authorize: &read,
			code: "unavailable", subject: "user-1", only: requests,
		},
	})
}
