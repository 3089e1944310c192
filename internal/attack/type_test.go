package attack_test

import (
	"slices"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// typeAttacks are genuine tokens of the same issuer that are not access tokens for this API.
func typeAttacks() []attack {
	const (
		reference = "RFC 8725 §3.11, §3.12"
		reason    = "typ does not mark an access token"
		malformed = "typ must be a string"
	)
	typed := func(typ string) func(*world) request { return heading(`{` + goodHeader + `,"typ":` + typ + `}`) }
	out := rows(typed, [][4]string{
		{"a DPoP proof", "RFC 9449 §4.2", `"dpop+jwt"`, reason},
		{"a logout token", "OpenID Connect Back-Channel Logout 1.0 §2.4", `"logout+jwt"`, reason},
		{"a security event", "RFC 8417 §2.3", `"secevent+jwt"`, reason},
		{"a request object", "RFC 9101 §10.8", `"oauth-authz-req+jwt"`, reason},
		{"an introspection response", "RFC 9701 §5", `"token-introspection+jwt"`, reason},
		{"a client's assertion", "draft-ietf-oauth-rfc7523bis", `"client-authentication+jwt"`, reason},
		{"an entity statement", "OpenID Federation 1.0 §3", `"entity-statement+jwt"`, reason},
		{"typ of the JSON serialisation", "RFC 7515 §4.1.9", `"JOSE+JSON"`, reason},
		{"another type with the prefix of media types", "RFC 7515 §4.1.9", `"application/dpop+jwt"`, reason},
		{"typ with a space", reference, `" at+jwt"`, reason},
		{"typ with a parameter", reference, `"at+jwt;v=1"`, reason},
		{"typ of a known one with a NUL", reference, `"at+jwt\u0000"`, reason},
		{"typ empty", reference, `""`, malformed},
		{"typ null", reference, `null`, malformed},
		{"typ an array of the right one", reference, `["at+jwt"]`, malformed},
	})
	out = append(out, rows(claiming, [][4]string{
		{"an ID token with at_hash", "OpenID Connect Core 1.0 §3.1.3.6; RFC 9068 §4", `{` + goodClaims + `,"at_hash":"x"}`, "an ID token"},
		{"an ID token with c_hash", "OpenID Connect Core 1.0 §3.3.2.11; RFC 9068 §4", `{` + goodClaims + `,"c_hash":"x"}`, "an ID token"},
		{"an ID token with s_hash", "FAPI 1.0 Part 2 §5.1.1; RFC 9068 §4", `{` + goodClaims + `,"s_hash":"x"}`, "an ID token"},
		{"a logout token without a type", "OpenID Connect Back-Channel Logout 1.0 §2.4", `{` + goodClaims + `,"events":{"http://schemas.openid.net/event/backchannel-logout":{}}}`, "it has events"},
		{"a security event without a type", "RFC 8417 §2.2, §4.6", `{` + goodClaims + `,"events":{"urn:x":{}}}`, "it has events"},
		{"an ID token for the client", "OpenID Connect Core 1.0 §2", `{"iss":"https://issuer.test","aud":"client-1","sub":"user-1","exp":4000000000,"nonce":"n"}`, "aud does not name this API"},
		{"a token that is bound to a DPoP key", "RFC 9449 §6, §7.1", `{` + goodClaims + `,"cnf":{"jkt":"x"}}`, "bound to its sender"},
		{"a token that is bound to a certificate", "RFC 8705 §3", `{` + goodClaims + `,"cnf":{"x5t#S256":"x"}}`, "bound to its sender"},
		{"a token that is bound to nothing known", "RFC 7800 §3.1", `{` + goodClaims + `,"cnf":{}}`, "bound to its sender"},
	})...)
	strict := configured(func(c *middleware.JWTConfig) { c.RequireRFC9068 = true })
	for _, typ := range []any{"JWT", nil} {
		name := "a token without typ where RFC 9068 is demanded"
		if typ != nil {
			name = "a token of type JWT where RFC 9068 is demanded"
		}
		out = append(out, attack{
			name: name, reference: "RFC 9068 §4", prepare: strict,
			send: minted(authtest.Token{Header: map[string]any{"typ": typ}}), reason: "typ is not at+jwt",
		})
	}
	for _, claim := range []string{"sub", "client_id", "jti", "iat"} {
		out = append(out, attack{
			name: claim + " missing where RFC 9068 is demanded", reference: "RFC 9068 §2.2", prepare: strict,
			send: minted(authtest.Token{Claims: map[string]any{claim: nil}}), reason: "RFC 9068 §2.2 requires",
		})
	}
	return slices.Concat(out, idTokenAttacks(), listedTypeAttacks())
}

// listedTypeAttacks run where Types has a type of the issuer's own, and at+jwt.
func listedTypeAttacks() []attack {
	const reference, reason = "RFC 8725 §3.11", "typ is not on the list of accepted types"
	typed := func(typ string) func(*world) request { return heading(`{` + goodHeader + `,"typ":` + typ + `}`) }
	out := rows(typed, [][4]string{
		{"a DPoP proof, where types are listed", reference, `"dpop+jwt"`, reason},
		{"a logout token, where types are listed", reference, `"application/logout+jwt"`, reason},
		{"a plain JWT, where types are listed", reference, `"JWT"`, reason},
		{"typ that begins with a listed one", reference, `"orders+jwt+x"`, reason},
		{"typ that a listed one begins with", reference, `"orders"`, reason},
		{"a listed typ with a space", reference, `"orders+jwt "`, reason},
		{"a listed typ with a parameter", reference, `"orders+jwt;v=1"`, reason},
		{"a listed typ with the prefix twice", reference, `"application/application/orders+jwt"`, reason},
		{"two listed types in an array", reference, `["orders+jwt","at+jwt"]`, "typ must be a string"},
	})
	token := func(payload string) func(*world) request {
		return genuine(`{`+goodHeader+`,"typ":"orders+jwt"}`, `{`+goodClaims+payload+`}`)
	}
	out = append(out, []attack{
		{name: "a token without typ, where types are listed", reference: reference, send: heading("{" + goodHeader + "}"), reason: reason},
		{name: "an ID token of a listed type", reference: "OpenID Connect Core 1.0 §3.1.3.6", send: token(`,"at_hash":"x"`), reason: "an ID token"},
		{name: "a security event of a listed type", reference: "RFC 8417 §4.6", send: token(`,"events":{}`), reason: "it has events"},
		{name: "a token of a listed type", reference: reference, send: token(""), code: passes},
	}...)
	for i := range out {
		out[i].prepare = configured(func(c *middleware.JWTConfig) { c.Types = []string{"orders+jwt", "application/at+jwt"} })
	}
	return out
}

// idTokenAttacks run where InsecureIDTokens is set.
func idTokenAttacks() []attack {
	const (
		at    = "OpenID Connect Core 1.0 §2, §3.1.3.7"
		token = `{` + goodClaims + `,"at_hash":"x","c_hash":"x","s_hash":"x","nonce":"n"`
	)
	out := rows(claiming, [][4]string{
		{"an ID token for another client, where ID tokens are accepted", at, `{"iss":"https://issuer.test","aud":"client-2","azp":"https://api.test","sub":"user-1","exp":4000000000,"at_hash":"x"}`, "aud does not name this API"},
		{"an ID token without aud, where ID tokens are accepted", at, `{"iss":"https://issuer.test","azp":"https://api.test","sub":"user-1","exp":4000000000,"at_hash":"x"}`, "aud does not name this API"},
		{"an ID token with events, where ID tokens are accepted", "RFC 8417 §4.6", token + `,"events":{}}`, "it has events"},
		{"an ID token that is bound to a key, where ID tokens are accepted", "RFC 7800 §3.1", token + `,"cnf":{"jkt":"x"}}`, "bound to its sender"},
		{"an ID token whose at_hash is no string, where ID tokens are accepted", at, `{` + goodClaims + `,"at_hash":{}}`, "at_hash must be a string"},
	})
	out = append(out,
		attack{
			name: "a forged ID token, where ID tokens are accepted", reference: at, send: func(*world) request {
				return bearer(seal(b64("{"+goodHeader+"}"), b64(token+"}"), es256(theirEC())))
			}, reason: forged,
		},
		attack{
			name: "an ID token typed as a logout token, where ID tokens are accepted", reference: "RFC 8725 §3.11",
			send: genuine(`{`+goodHeader+`,"typ":"logout+jwt"}`, token+"}"), reason: "typ does not mark an access token",
		},
		attack{name: "an ID token, where ID tokens are accepted", reference: at, send: claiming(token + "}"), code: passes},
	)
	for i := range out {
		out[i].prepare = configured(func(c *middleware.JWTConfig) { c.InsecureIDTokens = true })
	}
	return out
}
