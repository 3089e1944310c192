package adaptertest

import (
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// described are cases about an API that publishes metadata (RFC 9728). Each challenge says where
// they are. If the caller has no good token, it also names the scopes that the route needs.
func described() []testCase {
	anybody, write := scopes.Authenticated(), scopes.All("things:write")
	both := scopes.All("things:read", "things:write")
	role := scopes.All("role:admin", "things:read")
	lastHour := authtest.Token{Claims: map[string]any{"exp": time.Now().Add(-time.Hour)}}
	reader := authtest.Token{Claims: map[string]any{"scope": "things:read"}}
	list := exchangeCases([]exchange{
		{
			name: "without a token, the metadata of the resource and the scopes of the route are named",
			need: both, code: "missing", scope: "things:read things:write",
		},
		{
			name: "without a token, the metadata are named where any token passes",
			need: anybody, code: "missing",
		},
		{
			name: "with an invalid token, the metadata and the scopes are named",
			need: both, header: raw("Bearer opaque"), code: "invalid", scope: "things:read things:write",
		},
		{
			name: "with an expired token, the metadata and the scopes are named",
			need: both, header: token(lastHour), code: "invalid", expired: true, scope: "things:read things:write",
		},
		{
			name: "with two tokens, the metadata are named",
			need: both, header: twice, code: "malformed",
		},
		{
			name: "without a scope, the metadata are named",
			need: both, header: token(reader), code: "insufficient_scope", scope: "things:read things:write",
		},
		{
			name: "without a token, roles are not named",
			need: role, config: roles, code: "missing", scope: "things:read",
		},
		{
			name: "without a token, roles of one of several issuers are not named",
			need: role, config: roles, verifier: among, code: "missing", scope: "things:read",
		},
		{
			name: "Authorize in a handler names the metadata and the scopes",
			need: scopes.Optional(), authorize: &write, code: "missing", scope: "things:write",
		},
		{
			name: "a caller who is denied is told nothing of the metadata",
			need: scopes.Deny(), header: token(reader), code: "denied",
		},
		{
			name: "a token passes where metadata are published",
			need: write, header: token(authtest.Token{Claims: map[string]any{"scope": "things:write"}}), subject: "user-1",
		},
	})
	for i := range list {
		x := list[i].kind.(exchange)
		x.options, x.told = describe, true
		list[i].kind = x
	}
	return list
}

// among returns a verifier that hands on to v the tokens of its issuer.
func among(v *middleware.JWT) (middleware.Verifier, error) {
	return middleware.ByIssuer(map[string]middleware.Verifier{"https://issuer.test": v})
}
