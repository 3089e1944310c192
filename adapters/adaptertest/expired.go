package adaptertest

import (
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// expired are cases about a token that has expired. Only if nothing else is wrong with it, the
// caller is told so.
func expired() []testCase {
	anybody, read := scopes.Authenticated(), scopes.All("things:read")
	anHourAgo := time.Now().Add(-time.Hour)
	lastHour := authtest.Token{Claims: map[string]any{"exp": anHourAgo}}
	elsewhere := authtest.Token{Claims: map[string]any{"exp": anHourAgo, "aud": "https://other.test"}}
	bound := authtest.Token{Claims: map[string]any{"exp": anHourAgo, "cnf": map[string]any{"jkt": "x"}}}
	return exchangeCases([]exchange{
		{
			name: "an expired token is invalid, and the caller is told that it has expired",
			need: anybody, header: token(lastHour), code: "invalid", expired: true,
		},
		{
			name: "an expired token in a cookie is told, too",
			need: anybody, header: cookie(lastHour), options: useCookie, code: "invalid", expired: true,
		},
		{
			name: "an expired token for another API is invalid, and no more is told",
			need: anybody, header: token(elsewhere), code: "invalid",
		},
		{
			name: "an expired token that is bound is invalid, and no more is told",
			need: anybody, header: token(bound), code: "invalid",
		},
		{
			name: "an optional route refuses an expired token",
			need: scopes.Optional(), header: token(lastHour), code: "invalid", expired: true,
		},
		{
			name: "an expired token counts as none on an optional route, if configured",
			need: scopes.Optional(), header: token(lastHour), options: expiredIsAnonymous,
		},
		{
			name: "an expired token counts as none on no other route",
			need: anybody, header: token(lastHour), options: expiredIsAnonymous, code: "invalid", expired: true,
		},
		{
			name: "Authorize in a handler refuses an expired token that counts as none",
			need: scopes.Optional(), header: token(lastHour), options: expiredIsAnonymous, authorize: &read,
			code: "invalid", expired: true,
		},
	})
}
