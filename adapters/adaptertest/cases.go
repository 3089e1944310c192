package adaptertest

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// Cases returns the conformance table: what an adapter must get right because
// the core does. The slice is the caller's own.
func Cases() []Case {
	anybody := scopes.Authenticated()
	read, write := scopes.All("things:read"), scopes.All("things:write")
	partner := newPartner()
	return []Case{
		// Where a token may be, RFC 6750 §2 and RFC 9110 §11.4.
		{Name: "without credentials it is missing", need: anybody, code: "missing"},
		{Name: "Basic credentials are missing ones", need: anybody, header: raw("Basic dXNlcjpwYXNzd29yZA=="), code: "missing"},
		{Name: "a token without a scheme is missing", need: anybody, header: scheme("", authtest.Token{}), code: "missing"},
		{Name: "a token passes", need: anybody, header: token(authtest.Token{}), subject: "user-1"},
		{Name: "a token passes over TLS", need: anybody, header: token(authtest.Token{}), tls: true, subject: "user-1"},
		{Name: "the scheme may be in lower case", need: anybody, header: scheme("bearer ", authtest.Token{}), subject: "user-1"},
		{Name: "two Authorization headers are malformed", need: anybody, header: twice, code: "malformed"},
		{Name: "a scheme and nothing else is malformed", need: anybody, header: raw("Bearer"), code: "malformed"},
		{Name: "two tokens in one header are invalid", need: anybody, header: func(i *authtest.Issuer) http.Header {
			return raw("Bearer " + i.Mint(authtest.Token{}) + ", Bearer " + i.Mint(authtest.Token{}))(i)
		}, code: "invalid"},
		{Name: "a cookie is not looked at unless configured", need: anybody, header: cookie(authtest.Token{}), code: "missing"},
		{Name: "a configured cookie passes", need: anybody, header: cookie(authtest.Token{}), options: useCookie, subject: "user-1"},
		{Name: "a token in both places is malformed", need: anybody, header: both, options: useCookie, code: "malformed"},
		{Name: "a cookie sent by another origin's page is denied", need: anybody, method: http.MethodPost, header: crossSite, options: useCookie, code: "denied"},
		{Name: "a cookie sent by a link on another origin's page passes", need: anybody, header: crossSite, options: useCookie, subject: "user-1", only: overHTTP},
		{Name: "a cookie sent by another host's page is denied, also by an old browser", need: anybody, method: http.MethodPost, header: oldBrowser("https://evil.test"), options: useCookie, code: "denied", only: overHTTP},
		{Name: "a cookie sent by the host's own page passes, also by an old browser", need: anybody, method: http.MethodPost, header: oldBrowser("https://things.test"), options: useCookie, subject: "user-1", only: overHTTP},
		{Name: "a WebSocket opened by another origin's page with a cookie is denied", need: anybody, header: webSocket, options: useCookie, code: "denied", only: overHTTP},

		// Which tokens are good, RFC 7515, RFC 7519, RFC 8725.
		{Name: "what is no token is invalid", need: anybody, header: raw("Bearer opaque-reference-token"), code: "invalid"},
		{Name: "an oversized token is invalid", need: anybody, header: token(authtest.Token{Tamper: func(s string) string { return s + strings.Repeat("A", middleware.MaxTokenBytes) }}), code: "invalid"},
		{Name: "an unsigned token is invalid", need: anybody, header: token(authtest.Token{Algorithm: "none"}), code: "invalid"},
		{Name: "a stranger's signature is invalid", need: anybody, header: forged, code: "invalid"},
		{Name: "an HMAC with the public key is invalid", need: anybody, header: confused, code: "invalid"},
		{Name: "an unknown kid is invalid", need: anybody, header: token(authtest.Token{Header: map[string]any{"kid": "unknown"}}), code: "invalid"},
		{Name: "a critical extension is invalid", need: anybody, header: token(authtest.Token{Header: map[string]any{"crit": []string{"exp"}}}), code: "invalid"},
		{Name: "a token of another type is invalid", need: anybody, header: token(authtest.Token{Header: map[string]any{"typ": "dpop+jwt"}}), code: "invalid"},
		{Name: "an ID token is invalid", need: anybody, header: token(authtest.Token{Claims: map[string]any{"at_hash": "x"}, Header: map[string]any{"typ": "JWT"}}), code: "invalid"},
		{Name: "an expired token is invalid", need: anybody, header: token(authtest.Token{Claims: map[string]any{"exp": time.Now().Add(-time.Hour)}}), code: "invalid"},
		{Name: "a token without expiry is invalid", need: anybody, header: token(authtest.Token{Claims: map[string]any{"exp": nil}}), code: "invalid"},
		{Name: "a token of the future is invalid", need: anybody, header: token(authtest.Token{Claims: map[string]any{"nbf": time.Now().Add(time.Hour)}}), code: "invalid"},
		{Name: "a token for another API is invalid", need: anybody, header: token(authtest.Token{Claims: map[string]any{"aud": "https://other.test"}}), code: "invalid"},
		{Name: "of several issuers, the first one's token passes", need: anybody, header: token(authtest.Token{}), verifier: partner.beside, subject: "user-1"},
		{Name: "of several issuers, the second one's token passes", need: anybody, header: partner.token(authtest.Token{}), verifier: partner.beside, subject: "partner-1"},
		{Name: "of several issuers, one can't sign for another", need: anybody, header: partner.posing, verifier: partner.beside, code: "invalid"},
		{Name: "of several issuers, an unknown one's token is invalid", need: anybody, header: token(authtest.Token{Claims: map[string]any{"iss": "https://other.test"}}), verifier: partner.beside, code: "invalid"},
		{Name: "a token of another issuer is invalid", need: anybody, header: token(authtest.Token{Claims: map[string]any{"iss": "https://other.test"}}), code: "invalid"},
		{Name: "a token that is bound to its sender is invalid", need: anybody, header: token(authtest.Token{Claims: map[string]any{"cnf": map[string]any{"jkt": "x"}}}), code: "invalid"},
		{Name: "a claim that stands twice is invalid", need: anybody, header: func(i *authtest.Issuer) http.Header {
			return token(authtest.Token{Payload: `{"iss":"` + i.URL() + `","aud":"` + i.Audience() + `","exp":1,"exp":4000000000}`})(i)
		}, code: "invalid"},
		{Name: "RFC 9068 is demanded where configured", need: anybody, header: token(authtest.Token{Header: map[string]any{"typ": "JWT"}}), config: func(c *middleware.JWTConfig) { c.RequireATJWT = true }, code: "invalid"},

		// What the route needs, RFC 6750 §3.1.
		{Name: "a scope that is granted passes", need: read, header: token(authtest.Token{Scope: "things:read"}), subject: "user-1"},
		{Name: "a scope that lacks is named", need: write, header: token(authtest.Token{Scope: "things:read"}), code: "insufficient_scope", scope: "things:write"},
		{Name: "all scopes of the requirement are named", need: read.And(write), header: token(authtest.Token{Scope: "things:read"}), code: "insufficient_scope", scope: "things:read things:write"},
		{Name: "one of several scopes is enough", need: read.Or(write), header: token(authtest.Token{Scope: "things:write"}), subject: "user-1"},
		{Name: "a granted role passes", need: scopes.All("role:admin"), header: token(authtest.Token{Claims: map[string]any{"realm_access": map[string]any{"roles": []string{"admin"}}}}), config: roles, subject: "user-1"},
		{Name: "a role that lacks is not named", need: scopes.All("role:admin"), header: token(authtest.Token{}), config: roles, code: "insufficient_scope"},
		{Name: "a scope can't pass for a role", need: scopes.All("role:admin"), header: token(authtest.Token{Scope: "role:admin"}), config: roles, code: "insufficient_scope"},
		{Name: "the zero requirement denies", header: token(authtest.Token{}), code: "denied"},
		{Name: "the zero requirement denies without credentials", code: "denied"},
		{Name: "a public route looks at no credentials", need: scopes.Public(), header: raw("Bearer forged")},
		{Name: "an optional route takes anonymous callers", need: scopes.Optional()},
		{Name: "an optional route knows its callers", need: scopes.Optional(), header: token(authtest.Token{}), subject: "user-1"},
		{Name: "an optional route refuses a bad token", need: scopes.Optional(), header: raw("Bearer forged"), code: "invalid"},
		{Name: "a handler's own question passes", need: anybody, header: token(authtest.Token{Scope: "things:write"}), authorize: &write, subject: "user-1"},
		{Name: "a handler's own question is refused like the route's", need: anybody, header: token(authtest.Token{Scope: "things:read"}), authorize: &write, code: "insufficient_scope", scope: "things:write", subject: "user-1"},
		{Name: "a handler's own question to an anonymous caller is a missing token", need: scopes.Optional(), authorize: &read, code: "missing"},

		// The user's rule, and bad days.
		{Name: "a rule that turns the caller away denies", need: anybody, header: token(authtest.Token{}), config: rule(middleware.ErrForbidden), code: "denied"},
		{Name: "a rule that can't tell is an outage", need: anybody, header: token(authtest.Token{}), config: rule(errors.New("SECRET cause: database is down")), code: "unavailable"},
		{Name: "an issuer that is down is an outage", need: anybody, header: token(authtest.Token{}), fault: authtest.Status(http.StatusInternalServerError, nil), code: "unavailable"},
		{Name: "a public route is open while the issuer is down", need: scopes.Public(), fault: authtest.Status(http.StatusInternalServerError, nil)},
		{Name: "report-only lets pass what lacks a scope, with its claims", need: write, header: token(authtest.Token{}), options: reportOnly, subject: "user-1"},
		{Name: "report-only lets pass what is forged, without claims", need: write, header: forged, options: reportOnly},
		{Name: "a body of one's own is sent as it is", need: anybody, options: ownBody, code: "missing", body: "out", only: overHTTP},
	}
}

// overHTTP marks what only HTTP has.
var overHTTP = []Feature{HTTPOnly}

type headers = func(*authtest.Issuer) http.Header

func raw(authorization string) headers {
	return func(*authtest.Issuer) http.Header { return http.Header{"Authorization": {authorization}} }
}

func scheme(scheme string, t authtest.Token) headers {
	return func(i *authtest.Issuer) http.Header { return raw(scheme + i.Mint(t))(i) }
}

func token(t authtest.Token) headers { return scheme("Bearer ", t) }

func twice(i *authtest.Issuer) http.Header {
	good := "Bearer " + i.Mint(authtest.Token{})
	return http.Header{"Authorization": {good, good}}
}

func cookie(t authtest.Token) headers {
	return func(i *authtest.Issuer) http.Header { return http.Header{"Cookie": {"session=" + i.Mint(t)}} }
}

func both(i *authtest.Issuer) http.Header {
	h := cookie(authtest.Token{})(i)
	h.Set("Authorization", "Bearer "+i.Mint(authtest.Token{}))
	return h
}

func crossSite(i *authtest.Issuer) http.Header {
	h := cookie(authtest.Token{})(i)
	h.Set("Sec-Fetch-Site", "cross-site")
	return h
}

func oldBrowser(origin string) headers {
	return func(i *authtest.Issuer) http.Header {
		h := cookie(authtest.Token{})(i)
		h.Set("Host", "things.test")
		h.Set("Origin", origin)
		return h
	}
}

func webSocket(i *authtest.Issuer) http.Header {
	h := crossSite(i)
	h.Set("Connection", "Upgrade")
	h.Set("Upgrade", "websocket")
	return h
}

func ownBody(o *middleware.Options) {
	o.Body = func(*middleware.Error) (string, []byte) { return "text/plain", []byte("out") }
}

func useCookie(o *middleware.Options) { o.Cookie = "session" }

func reportOnly(o *middleware.Options) {
	o.InsecureReportOnly = func(string) bool { return true }
}

func roles(c *middleware.JWTConfig) {
	c.Grants = []middleware.Grant{{Path: "realm_access.roles", Prefix: "role:"}}
}

func rule(err error) func(*middleware.JWTConfig) {
	return func(c *middleware.JWTConfig) {
		c.Rule = func(context.Context, middleware.Claims) error { return err }
	}
}

// forged is signed by a key of the right kind that the issuer never had, under
// the name of one that it has.
func forged(i *authtest.Issuer) http.Header {
	stranger, err := authtest.NewKey(i.Key().Algorithm())
	if err != nil {
		panic(err) // the issuer made one of the same kind
	}
	return token(authtest.Token{Key: stranger, Header: map[string]any{"kid": i.Key().ID()}})(i)
}

// confused takes the issuer's public key for a shared secret (CVE-2015-9235).
func confused(i *authtest.Issuer) http.Header {
	der, err := x509.MarshalPKIXPublicKey(i.Key().Public())
	if err != nil {
		panic(err) // the issuer publishes the same key
	}
	return token(authtest.Token{Key: authtest.KeyFromSecret(i.Key().ID(), der)})(i)
}
