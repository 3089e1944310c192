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

// exchanges are about the credentials of a request, the token and the route's need.
func exchanges() []testCase {
	anybody := scopes.Authenticated()
	read, write := scopes.All("things:read"), scopes.All("things:write")
	partner := newPartner()
	return exchangeCases([]exchange{
		// Where a token may be, RFC 6750 §2 and RFC 9110 §11.4.
		{name: "without credentials it is missing", need: anybody, code: "missing"},
		{
			name: "Basic credentials are missing ones",
			need: anybody, header: raw("Basic dXNlcjpwYXNzd29yZA=="), code: "missing",
		},
		{name: "a token without a scheme is missing", need: anybody, header: scheme("", authtest.Token{}), code: "missing"},
		{name: "a token passes", need: anybody, header: token(authtest.Token{}), subject: "user-1"},
		{name: "a token passes over TLS", need: anybody, header: token(authtest.Token{}), tls: true, subject: "user-1"},
		{
			name: "the scheme may be in lower case",
			need: anybody, header: scheme("bearer ", authtest.Token{}), subject: "user-1",
		},
		{name: "two Authorization headers are malformed", need: anybody, header: twice, code: "malformed"},
		{name: "a scheme and nothing else is malformed", need: anybody, header: raw("Bearer"), code: "malformed"},
		{name: "two tokens in one header are invalid", need: anybody, header: func(i *authtest.Issuer) http.Header {
			return raw("Bearer " + i.Mint(authtest.Token{}) + ", Bearer " + i.Mint(authtest.Token{}))(i)
		}, code: "invalid"},
		{
			name: "a cookie is not looked at unless configured",
			need: anybody, header: cookie(authtest.Token{}), code: "missing",
		},
		{
			name: "a configured cookie passes",
			need: anybody, header: cookie(authtest.Token{}), options: useCookie, subject: "user-1",
		},
		{name: "a token in both places is malformed", need: anybody, header: both, options: useCookie, code: "malformed"},
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

		// Which tokens are good, RFC 7515, RFC 7519, RFC 8725.
		{name: "what is no token is invalid", need: anybody, header: raw("Bearer opaque-reference-token"), code: "invalid"},
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
		{name: "a stranger's signature is invalid", need: anybody, header: forged, code: "invalid"},
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
			name: "an expired token is invalid",
			need: anybody, header: token(authtest.Token{Claims: map[string]any{"exp": time.Now().Add(-time.Hour)}}),
			code: "invalid",
		},
		{
			name: "a token without expiry is invalid",
			need: anybody, header: token(authtest.Token{Claims: map[string]any{"exp": nil}}), code: "invalid",
		},
		{
			name: "a token of the future is invalid",
			need: anybody, header: token(authtest.Token{Claims: map[string]any{"nbf": time.Now().Add(time.Hour)}}),
			code: "invalid",
		},
		{
			name: "a token for another API is invalid",
			need: anybody, header: token(authtest.Token{Claims: map[string]any{"aud": "https://other.test"}}),
			code: "invalid",
		},
		{
			name: "of several issuers, the first one's token passes",
			need: anybody, header: token(authtest.Token{}), verifier: partner.beside, subject: "user-1",
		},
		{
			name: "of several issuers, the second one's token passes",
			need: anybody, header: partner.token(authtest.Token{}), verifier: partner.beside, subject: "partner-1",
		},
		{
			name: "of several issuers, one can't sign for another",
			need: anybody, header: partner.posing, verifier: partner.beside, code: "invalid",
		},
		{
			name: "of several issuers, an unknown one's token is invalid",
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
		{name: "a claim that stands twice is invalid", need: anybody, header: func(i *authtest.Issuer) http.Header {
			payload := `{"iss":"` + i.URL() + `","aud":"` + i.Audience() + `","exp":1,"exp":4000000000}`
			return token(authtest.Token{Payload: payload})(i)
		}, code: "invalid"},
		{
			name: "RFC 9068 is demanded where configured",
			need: anybody, header: token(authtest.Token{Header: map[string]any{"typ": "JWT"}}),
			config: func(c *middleware.JWTConfig) { c.RequireRFC9068 = true }, code: "invalid",
		},

		// What the route needs, RFC 6750 §3.1.
		{
			name: "a scope that is granted passes",
			need: read, header: token(authtest.Token{Scope: "things:read"}), subject: "user-1",
		},
		{
			name: "a scope that lacks is named",
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
			name: "a role that lacks is not named",
			need: scopes.All("role:admin"), header: token(authtest.Token{}), config: roles, code: "insufficient_scope",
		},
		{
			name: "a scope can't pass for a role",
			need: scopes.All("role:admin"), header: token(authtest.Token{Scope: "role:admin"}), config: roles,
			code: "insufficient_scope",
		},
		{name: "the zero requirement denies", header: token(authtest.Token{}), code: "denied"},
		{name: "the zero requirement denies without credentials", code: "denied"},
		{name: "a public route looks at no credentials", need: scopes.Public(), header: raw("Bearer forged")},
		{name: "an optional route takes anonymous callers", need: scopes.Optional()},
		{
			name: "an optional route knows its callers",
			need: scopes.Optional(), header: token(authtest.Token{}), subject: "user-1",
		},
		{
			name: "an optional route refuses a bad token",
			need: scopes.Optional(), header: raw("Bearer forged"), code: "invalid",
		},
		{
			name: "an optional route refuses a bad token behind a tab",
			need: scopes.Optional(), header: raw("Bearer\tforged"), code: "invalid", only: overHTTP,
		},
		{
			name: "an optional route refuses a bad token behind a comma",
			need: scopes.Optional(), header: raw("bearer,forged"), code: "invalid",
		},
		{
			name: "an optional route refuses a bad token behind other credentials",
			need: scopes.Optional(), header: raw("Basic dXNlcjpwYXNzd29yZA==, Bearer forged"), code: "invalid",
		},
		{
			name: "an optional route refuses a bad cookie",
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
			name: "a bad cookie beside a good one is malformed",
			need: scopes.Optional(), header: cookieBeside(`session=for"ged`), options: useCookie, code: "malformed",
		},
		{
			name: "a token beside a bad cookie is malformed",
			need: scopes.Optional(), header: tokenBeside(`session=forg\ed`), options: useCookie, code: "malformed",
		},
		{
			name: "a handler's own question passes",
			need: anybody, header: token(authtest.Token{Scope: "things:write"}), authorize: &write, subject: "user-1",
		},
		{
			name: "a handler's own question is refused like the route's",
			need: anybody, header: token(authtest.Token{Scope: "things:read"}), authorize: &write,
			code: "insufficient_scope", scope: "things:write", subject: "user-1",
		},
		{
			name: "a handler's own question to an anonymous caller is a missing token",
			need: scopes.Optional(), authorize: &read, code: "missing",
		},

		// The user's rule, and bad days.
		{
			name: "a rule that turns the caller away denies",
			need: anybody, header: token(authtest.Token{}), config: rule(middleware.ErrForbidden), code: "denied",
		},
		{
			name: "a rule that can't tell is an outage",
			need: anybody, header: token(authtest.Token{}), config: rule(errors.New("SECRET cause: database is down")),
			code: "unavailable",
		},
		{
			name: "an issuer that is down is an outage",
			need: anybody, header: token(authtest.Token{}), down: true, code: "unavailable",
		},
		{name: "a public route is open while the issuer is down", need: scopes.Public(), down: true},
		{
			name: "report-only lets pass what lacks a scope, with its claims",
			need: write, header: token(authtest.Token{}), options: reportOnly, subject: "user-1",
		},
		{name: "report-only lets pass what is forged, without claims", need: write, header: forged, options: reportOnly},
		{
			name: "a body of one's own is sent as it is",
			need: anybody, options: ownBody, code: "missing", body: "out", only: overHTTP,
		},
	})
}
