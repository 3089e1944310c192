package adaptertest

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// exchanges are cases about the credentials of a request, the token, and what the route needs.
func exchanges() []testCase {
	anybody := scopes.Authenticated()
	read, write := scopes.All("things:read"), scopes.All("things:write")
	partner := newPartner()
	return exchangeCases([]exchange{
		// Where a token may be, RFC 6750 §2 and RFC 9110 §11.4.
		{name: "no credentials count as a missing token", need: anybody, code: "missing"},
		{
			name: "Basic credentials count as a missing token",
			need: anybody, header: raw("Basic dXNlcjpwYXNzd29yZA=="), code: "missing",
		},
		{
			name: "a token without a scheme counts as missing",
			need: anybody, header: scheme("", authtest.Token{}), code: "missing",
		},
		{name: "a token passes", need: anybody, header: token(authtest.Token{}), subject: "user-1"},
		{name: "a token passes over TLS", need: anybody, header: token(authtest.Token{}), tls: true, subject: "user-1"},
		{
			name: "the scheme may be in lower case",
			need: anybody, header: scheme("bearer ", authtest.Token{}), subject: "user-1",
		},
		{name: "two Authorization headers are malformed", need: anybody, header: twice, code: "malformed"},
		{name: "a scheme without a token is malformed", need: anybody, header: raw("Bearer"), code: "malformed"},
		{name: "two tokens in one header are invalid", need: anybody, header: func(i *authtest.Issuer) http.Header {
			return raw("Bearer " + i.Mint(authtest.Token{}) + ", Bearer " + i.Mint(authtest.Token{}))(i)
		}, code: "invalid"},
		{
			name: "a cookie is ignored unless configured",
			need: anybody, header: cookie(authtest.Token{}), code: "missing",
		},
		{
			name: "a configured cookie passes",
			need: anybody, header: cookie(authtest.Token{}), options: useCookie, subject: "user-1",
		},
		{name: "the same token in both places passes", need: anybody, header: both, options: useCookie, subject: "user-1"},
		{
			name: "the same token in both places, sent by another origin's page, is denied",
			need: anybody, method: http.MethodPost, header: from("cross-site", both), options: useCookie, code: "denied",
		},
		{
			name: "a token in the header and another in the cookie are malformed",
			need: anybody, header: differing, options: useCookie, code: "malformed",
		},
		{
			name: "an empty cookie beside a token is no credential",
			need: anybody, method: http.MethodPost, header: from("cross-site", tokenBeside("session=")), options: useCookie,
			subject: "user-1",
		},
		{
			name: "a cookie sent by another origin's page is denied",
			need: anybody, method: http.MethodPost, header: crossSite, options: useCookie, code: "denied",
		},
		{
			name: "a cookie sent by a link on another origin's page passes",
			need: anybody, header: crossSite, options: useCookie, subject: "user-1", only: overHTTP,
		},
		{
			name: "a cookie sent by another host's page is denied, also by an old browser",
			need: anybody, method: http.MethodPost, header: oldBrowser("https://evil.test"), options: useCookie,
			code: "denied", only: overHTTP,
		},
		{
			name: "a cookie sent by the host's own page passes, also by an old browser",
			need: anybody, method: http.MethodPost, header: oldBrowser("https://things.test"), options: useCookie,
			subject: "user-1", only: overHTTP,
		},
		{
			name: "a WebSocket opened by another origin's page with a cookie is denied",
			need: anybody, header: webSocket, options: useCookie, code: "denied", only: overHTTP,
		},

		// A header whose whole value is the token.
		{name: "a header is ignored unless configured", need: anybody, header: asserted, code: "missing"},
		{
			name: "a configured header passes",
			need: anybody, header: asserted, options: useHeader, subject: "user-1",
		},
		{
			name: "a token in Authorization counts as missing if a header is configured",
			need: anybody, header: token(authtest.Token{}), options: useHeader, code: "missing",
		},
		{
			name: "an optional route refuses a token in Authorization if a header is configured",
			need: scopes.Optional(), header: token(authtest.Token{}), options: useHeader, code: "invalid",
		},
		{
			name: "an optional route refuses an invalid token in a configured header",
			need: scopes.Optional(), options: useHeader, code: "invalid",
			header: assertedWith(func(h http.Header, _ string) { h.Set(assertion, "forged") }),
		},
		{
			name: "Authorization beside a configured header is malformed",
			need: anybody, options: useHeader, code: "malformed",
			header: assertedWith(func(h http.Header, token string) { h.Set("Authorization", "Bearer "+token) }),
		},
		{
			name: "two configured headers are malformed",
			need: anybody, options: useHeader, code: "malformed",
			header: assertedWith(func(h http.Header, token string) { h.Add(assertion, token) }),
		},
		{
			name: "a configured header without a value is malformed",
			need: scopes.Optional(), options: useHeader, code: "malformed",
			header: assertedWith(func(h http.Header, _ string) { h.Set(assertion, "") }),
		},
		{
			name: "a scheme in a configured header is invalid",
			need: anybody, options: useHeader, code: "invalid",
			header: assertedWith(func(h http.Header, token string) { h.Set(assertion, "Bearer "+token) }),
		},
		{
			name: "the same token in a configured header and cookie passes",
			need: anybody, options: useBoth, subject: "user-1",
			header: assertedWith(func(h http.Header, token string) { h.Set("Cookie", "session="+token) }),
		},
		{
			name: "a configured header sent by another origin's page is denied",
			need: anybody, method: http.MethodPost, header: from("cross-site", asserted), options: useHeader,
			code: "denied",
		},
		{
			name: "a configured header sent by a link on another origin's page passes",
			need: anybody, header: from("cross-site", asserted), options: useHeader, subject: "user-1", only: overHTTP,
		},
		{
			name: "a WebSocket opened by another origin's page with a configured header is denied",
			need: anybody, options: useHeader, code: "denied", only: overHTTP,
			header: from("cross-site", assertedWith(func(h http.Header, _ string) {
				h.Set("Connection", "Upgrade")
				h.Set("Upgrade", "websocket")
			})),
		},

		// Which tokens are valid, RFC 7515, RFC 7519, RFC 8725.
		{
			name: "a text that is not a token is invalid",
			need: anybody, header: raw("Bearer opaque-reference-token"), code: "invalid",
		},
		{
			name:   "an oversized token is invalid",
			need:   anybody,
			header: token(authtest.Token{Tamper: func(s string) string { return s + strings.Repeat("A", 16<<10) }}),
			code:   "invalid",
		},
		{
			name: "an unsigned token is invalid",
			need: anybody, header: token(authtest.Token{Algorithm: "none"}), code: "invalid",
		},
		{name: "a signature by another key is invalid", need: anybody, header: forged, code: "invalid"},
		{name: "an HMAC with the public key is invalid", need: anybody, header: confused, code: "invalid"},
		{
			name: "an unknown kid is invalid",
			need: anybody, header: token(authtest.Token{Header: map[string]any{"kid": "unknown"}}), code: "invalid",
		},
		{
			name: "a critical extension is invalid",
			need: anybody, header: token(authtest.Token{Header: map[string]any{"crit": []string{"exp"}}}),
			code: "invalid",
		},
		{
			name: "a token of another type is invalid",
			need: anybody, header: token(authtest.Token{Header: map[string]any{"typ": "dpop+jwt"}}), code: "invalid",
		},
		{
			name:   "an ID token is invalid",
			need:   anybody,
			header: token(authtest.Token{Claims: map[string]any{"at_hash": "x"}, Header: map[string]any{"typ": "JWT"}}),
			code:   "invalid",
		},
		{
			name: "a token without expiry is invalid",
			need: anybody, header: token(authtest.Token{Claims: map[string]any{"exp": nil}}), code: "invalid",
		},
		{
			name: "a token that is not valid yet is invalid",
			need: anybody, header: token(authtest.Token{Claims: map[string]any{"nbf": time.Now().Add(time.Hour)}}),
			code: "invalid",
		},
		{
			name: "a token for another API is invalid",
			need: anybody, header: token(authtest.Token{Claims: map[string]any{"aud": "https://other.test"}}),
			code: "invalid",
		},
		{
			name: "with two issuers, a token of the first passes",
			need: anybody, header: token(authtest.Token{}), verifier: partner.beside, subject: "user-1",
		},
		{
			name: "with two issuers, a token of the second passes",
			need: anybody, header: partner.token(authtest.Token{}), verifier: partner.beside, subject: "partner-1",
		},
		{
			name: "with two issuers, one cannot sign for the other",
			need: anybody, header: partner.posing, verifier: partner.beside, code: "invalid",
		},
		{
			name: "with two issuers, a token of a third is invalid",
			need: anybody, header: token(authtest.Token{Claims: map[string]any{"iss": "https://other.test"}}),
			verifier: partner.beside, code: "invalid",
		},
		{
			name: "a token of another issuer is invalid",
			need: anybody, header: token(authtest.Token{Claims: map[string]any{"iss": "https://other.test"}}),
			code: "invalid",
		},
		{
			name: "a token that is bound to its sender is invalid",
			need: anybody, header: token(authtest.Token{Claims: map[string]any{"cnf": map[string]any{"jkt": "x"}}}),
			code: "invalid",
		},
		{name: "a token with a duplicate claim is invalid", need: anybody, header: func(i *authtest.Issuer) http.Header {
			payload := `{"iss":"` + i.URL() + `","aud":"` + i.Audience() + `","exp":1,"exp":4000000000}`
			return token(authtest.Token{Payload: payload})(i)
		}, code: "invalid"},
		{
			name: "a token that does not follow RFC 9068 is invalid if RFC 9068 is required",
			need: anybody, header: token(authtest.Token{Header: map[string]any{"typ": "JWT"}}),
			config: func(c *middleware.JWTConfig) { c.RequireRFC9068 = true }, code: "invalid",
		},

		// What the route needs, RFC 6750 §3.1.
		{
			name: "a token with the scope passes",
			need: read, header: token(authtest.Token{Scope: "things:read"}), subject: "user-1",
		},
		{
			name: "a missing scope is named",
			need: write, header: token(authtest.Token{Scope: "things:read"}), code: "insufficient_scope",
			scope: "things:write",
		},
		{
			name: "all scopes of the requirement are named",
			need: read.And(write), header: token(authtest.Token{Scope: "things:read"}), code: "insufficient_scope",
			scope: "things:read things:write",
		},
		{
			name: "one of several scopes is enough",
			need: read.Or(write), header: token(authtest.Token{Scope: "things:write"}), subject: "user-1",
		},
		{
			name:   "a granted role passes",
			need:   scopes.All("role:admin"),
			header: token(authtest.Token{Claims: map[string]any{"realm_access": map[string]any{"roles": []string{"admin"}}}}),
			config: roles, subject: "user-1",
		},
		{
			name: "a missing role is not named",
			need: scopes.All("role:admin"), header: token(authtest.Token{}), config: roles, code: "insufficient_scope",
		},
		{
			name: "a scope does not count as a role",
			need: scopes.All("role:admin"), header: token(authtest.Token{Scope: "role:admin"}), config: roles,
			code: "insufficient_scope",
		},
		{name: "the zero requirement denies", header: token(authtest.Token{}), code: "denied"},
		{name: "the zero requirement denies without credentials", code: "denied"},
		{name: "a public route ignores credentials", need: scopes.Public(), header: raw("Bearer forged")},
		{name: "an optional route admits anonymous callers", need: scopes.Optional()},
		{
			name: "an optional route passes the claims of a valid token on",
			need: scopes.Optional(), header: token(authtest.Token{}), subject: "user-1",
		},
		{
			name: "an optional route refuses an invalid token",
			need: scopes.Optional(), header: raw("Bearer forged"), code: "invalid",
		},
		{
			name: "an optional route refuses an invalid token behind a tab",
			need: scopes.Optional(), header: raw("Bearer\tforged"), code: "invalid", only: overHTTP,
		},
		{
			name: "an optional route refuses an invalid token behind a comma",
			need: scopes.Optional(), header: raw("bearer,forged"), code: "invalid",
		},
		{
			name: "an optional route refuses an invalid token behind other credentials",
			need: scopes.Optional(), header: raw("Basic dXNlcjpwYXNzd29yZA==, Bearer forged"), code: "invalid",
		},
		{
			name: "an optional route refuses an invalid cookie",
			need: scopes.Optional(), header: cookies(`session=forged`), options: useCookie, code: "invalid",
		},
		{
			name: "an optional route refuses a cookie with a backslash",
			need: scopes.Optional(), header: cookies(`session=forg\ed`), options: useCookie, code: "invalid",
		},
		{
			name: "an optional route refuses a cookie with a quote",
			need: scopes.Optional(), header: cookies(`session=for"ged`), options: useCookie, code: "invalid",
		},
		{
			name: "an invalid cookie beside a good one is malformed",
			need: scopes.Optional(), header: cookieBeside(`session=for"ged`), options: useCookie, code: "malformed",
		},
		{
			name: "a token beside an invalid cookie is malformed",
			need: scopes.Optional(), header: tokenBeside(`session=forg\ed`), options: useCookie, code: "malformed",
		},
		{
			name: "Authorize in a handler admits a caller with the scope",
			need: anybody, header: token(authtest.Token{Scope: "things:write"}), authorize: &write, subject: "user-1",
		},
		{
			name: "Authorize in a handler refuses as the route does",
			need: anybody, header: token(authtest.Token{Scope: "things:read"}), authorize: &write,
			code: "insufficient_scope", scope: "things:write", subject: "user-1",
		},
		{
			name: "Authorize in a handler refuses an anonymous caller for a missing token",
			need: scopes.Optional(), authorize: &read, code: "missing",
		},

		// The Validate function, and outages.
		{
			name: "a Validate function that returns ErrForbidden denies",
			need: anybody, header: token(authtest.Token{}), config: rule(middleware.ErrForbidden), code: "denied",
		},
		{
			name: "a Validate function that returns another error is an outage",
			need: anybody, header: token(authtest.Token{}), config: rule(errors.New("SECRET cause: database is down")),
			code: "unavailable",
		},
		{
			name: "an issuer that is down is an outage",
			need: anybody, header: token(authtest.Token{}), down: true, code: "unavailable",
		},
		{name: "a public route works while the issuer is down", need: scopes.Public(), down: true},
		{
			name: "report-only admits a token without the scope, and passes its claims on",
			need: write, header: token(authtest.Token{}), options: reportOnly, subject: "user-1",
		},
		{name: "report-only admits a forged token, without claims", need: write, header: forged, options: reportOnly},
		{
			name: "a configured body is sent unchanged",
			need: anybody, options: ownBody, code: "missing", body: "out", only: overHTTP,
		},
	})
}
