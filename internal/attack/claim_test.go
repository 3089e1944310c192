package attack_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// claimAttacks are genuine tokens with a claim that is missing or wrong.
func claimAttacks() []attack {
	const (
		issuer, audience, expiry = "RFC 7519 §4.1.1; RFC 8725 §3.8", "RFC 7519 §4.1.3; RFC 8725 §3.9", "RFC 7519 §4.1.4"
		notIssuer, notAudience   = "iss is not the issuer", "aud does not name this API"
		mustString, mustStrings  = "must be a string", "aud must be a string or an array of strings"
	)
	iss := func(value string) string { return `{"iss":` + value + `,"aud":"https://api.test","exp":4000000000}` }
	aud := func(value string) string { return `{"iss":"https://issuer.test","aud":` + value + `,"exp":4000000000}` }
	exp := func(value string) string {
		return `{"iss":"https://issuer.test","aud":"https://api.test","exp":` + value + `}`
	}
	also := func(member string) string { return "{" + goodClaims + "," + member + "}" }
	out := rows(claiming, [][4]string{
		{"iss missing", issuer, `{"aud":"https://api.test","exp":4000000000}`, notIssuer},
		{"iss null", issuer, iss(`null`), mustString},
		{"iss an array with the issuer", issuer, iss(`["https://issuer.test"]`), mustString},
		{"iss an object", issuer, iss(`{"https://issuer.test":1}`), mustString},
		{"iss a number", issuer, iss(`7`), mustString},
		{"iss empty", issuer, iss(`""`), notIssuer},
		{"iss another", issuer, iss(`"https://evil.test"`), notIssuer},
		{"iss with a slash behind", issuer, iss(`"https://issuer.test/"`), notIssuer},
		{"iss in another case", issuer, iss(`"https://ISSUER.test"`), notIssuer},
		{"iss with a port that goes without saying", issuer, iss(`"https://issuer.test:443"`), notIssuer},
		{"iss that begins with the issuer", issuer, iss(`"https://issuer.test.evil.test"`), notIssuer},
		{"iss that ends with the issuer", issuer, iss(`"https://evil.test/https://issuer.test"`), notIssuer},
		{"iss with a user in front", issuer, iss(`"https://issuer.test@evil.test"`), notIssuer},
		{"iss with a NUL behind", issuer, iss(`"https://issuer.test\u0000"`), notIssuer},
		{"iss with a space behind", issuer, iss(`"https://issuer.test "`), notIssuer},

		{"aud missing", audience, `{"iss":"https://issuer.test","exp":4000000000}`, notAudience},
		{"aud null", audience, aud(`null`), mustStrings},
		{"aud a number", audience, aud(`7`), mustStrings},
		{"aud an object", audience, aud(`{"https://api.test":true}`), mustStrings},
		{"aud an array of nothing", "CVE-2020-26160", aud(`[]`), notAudience},
		{"aud an array of an empty name", "CVE-2020-26160", aud(`[""]`), notAudience},
		{"aud empty", "CVE-2020-26160", aud(`""`), notAudience},
		{"aud an array with this API and a number", audience, aud(`["https://api.test",7]`), mustStrings},
		{"aud an array with this API and null", audience, aud(`["https://api.test",null]`), mustStrings},
		{"aud an array in an array", audience, aud(`[["https://api.test"]]`), mustStrings},
		{"aud another API", audience, aud(`"https://other.test"`), notAudience},
		{"aud other APIs", audience, aud(`["https://other.test","https://another.test"]`), notAudience},
		{"aud that begins with this API", audience, aud(`"https://api.test.evil.test"`), notAudience},
		{"aud that this API begins with", audience, aud(`"https://api"`), notAudience},
		{"aud with a slash behind", audience, aud(`"https://api.test/"`), notAudience},
		{"aud in another case", audience, aud(`"HTTPS://API.TEST"`), notAudience},
		{"aud a list in one string", audience, aud(`"https://other.test https://api.test"`), notAudience},
		{"aud the issuer", audience, aud(`"https://issuer.test"`), notAudience},

		{"exp missing", expiry + "; RFC 9068 §2.2", `{"iss":"https://issuer.test","aud":"https://api.test"}`, "exp is missing"},
		{"exp null", expiry, exp(`null`), notDate},
		{"exp a string", expiry, exp(`"4000000000"`), notDate},
		{"exp true", expiry, exp(`true`), notDate},
		{"exp an array", expiry, exp(`[4000000000]`), notDate},
		{"exp an object", expiry, exp(`{}`), notDate},
		{"exp zero", expiry, exp(`0`), expired},
		{"exp minus zero", expiry, exp(`-0`), expired},
		{"exp before 1970", expiry, exp(`-1`), expired},
		{"exp a fraction of 1970", expiry, exp(`0.000000000001`), expired},
		{"exp in milliseconds", "RFC 7519 §2", exp(`4000000000000`), notDate},
		{"exp 1e400", "RFC 8259 §6", exp(`1e400`), notDate},
		{"exp -1e400", "RFC 8259 §6", exp(`-1e400`), notDate},
		{"exp of a thousand digits", "RFC 8259 §6", exp(strings.Repeat("9", 1000)), notDate},
		{"exp with an exponent past 64 bits", "RFC 8259 §6", exp(`1e99999999999999999999`), notDate},
		{"exp that comes out negative in 64 bits", "RFC 7519 §2", exp(`9223372036854775808`), notDate},
		{"exp that comes out later in 64 bits", "RFC 7519 §2", exp(`-18446744069709551616`), notDate},
		{"exp of the year 10000", "RFC 7519 §2", exp(`253402300800`), notDate},

		{"nbf null", "RFC 7519 §4.1.5", also(`"nbf":null`), notDate},
		{"nbf a string", "RFC 7519 §4.1.5", also(`"nbf":"1"`), notDate},
		{"nbf 1e400", "RFC 7519 §4.1.5", also(`"nbf":1e400`), notDate},
		{"nbf far ahead", "RFC 7519 §4.1.5", also(`"nbf":3999999999`), "not valid yet"},
		{"iat null", "RFC 7519 §4.1.6", also(`"iat":null`), notDate},
		{"iat a string", "RFC 7519 §4.1.6", also(`"iat":"1"`), notDate},
		{"iat far ahead", "RFC 7519 §4.1.6", also(`"iat":3999999999`), "iat is in the future"},

		{"sub null", "RFC 7519 §4.1.2", `{"iss":"https://issuer.test","aud":"https://api.test","exp":4000000000,"sub":null}`, mustString},
		{"sub a number", "RFC 7519 §4.1.2", `{"iss":"https://issuer.test","aud":"https://api.test","exp":4000000000,"sub":1}`, mustString},
		{"sub an array", "RFC 7519 §4.1.2", `{"iss":"https://issuer.test","aud":"https://api.test","exp":4000000000,"sub":["admin"]}`, mustString},
		{"jti null", "RFC 7519 §4.1.7", also(`"jti":null`), mustString},
		{"jti a number", "RFC 7519 §4.1.7", also(`"jti":1`), mustString},
		{"client_id null", "RFC 8693 §4.3", also(`"client_id":null`), mustString},
		{"client_id an object", "RFC 8693 §4.3", also(`"client_id":{}`), mustString},
		{"scp null", "RFC 8693 §4.2", also(`"scp":null`), "scp must be a string or"},
		{"scp an object", "RFC 8693 §4.2", also(`"scp":{"things:write":true}`), "scp must be a string or"},
		{"scp an array with a number", "RFC 8693 §4.2", also(`"scp":["things:write",7]`), "scp must be a string or"},
		{"cnf null", "RFC 7800 §3.1", also(`"cnf":null`), "cnf must be an object"},
		{"cnf a string", "RFC 7800 §3.1", also(`"cnf":"x"`), "cnf must be an object"},
		{"at_hash null", "OpenID Connect Core 1.0 §3.1.3.6", also(`"at_hash":null`), mustString},
	})
	for _, value := range []string{"null", "7", "true", "{}"} {
		out = append(out, attack{
			name: "scope " + value, reference: "RFC 8693 §4.2", send: claiming(also(`"scope":` + value)), reason: "string",
		})
	}
	return out
}

// moment is a set of claims with times. Each time is given as a duration from now.
type moment struct {
	name, reference string
	claims          map[string]time.Duration
	reason          string // "" if the token is good
	prepare         func(*world)
}

func (m moment) token() authtest.Token {
	claims := map[string]any{}
	for name, d := range m.claims {
		claims[name] = time.Now().Add(d)
	}
	return authtest.Token{Claims: claims}
}

// timeAttacks stay five seconds away from each bound, because the clock moves during the test.
// [TestTimesToTheSecond] tests the bounds themselves.
func timeAttacks() []attack {
	hour := configured(func(c *middleware.JWTConfig) { c.MaxLifetime = time.Hour })
	exact := configured(func(c *middleware.JWTConfig) { c.Leeway = -1 })
	var out []attack
	for _, m := range []moment{
		{"exp five seconds past the leeway", "RFC 7519 §4.1.4", map[string]time.Duration{"exp": -35 * time.Second, "iat": -time.Hour}, expired, nil},
		{"exp five seconds within the leeway", "RFC 7519 §4.1.4", map[string]time.Duration{"exp": -25 * time.Second, "iat": -time.Hour}, "", nil},
		{"exp five seconds ago without leeway", "RFC 7519 §4.1.4", map[string]time.Duration{"exp": -5 * time.Second, "iat": -time.Hour}, expired, exact},
		{"nbf past the leeway", "RFC 7519 §4.1.5", map[string]time.Duration{"nbf": 40 * time.Second}, "not valid yet", nil},
		{"nbf within the leeway", "RFC 7519 §4.1.5", map[string]time.Duration{"nbf": 25 * time.Second}, "", nil},
		{"iat past the leeway", "RFC 7519 §4.1.6", map[string]time.Duration{"iat": 40 * time.Second}, "iat is in the future", nil},
		{"iat within the leeway", "RFC 7519 §4.1.6", map[string]time.Duration{"iat": 25 * time.Second}, "", nil},
		{"a lifetime past the longest", "RFC 6750 §5.3", map[string]time.Duration{"iat": -30 * time.Minute, "exp": 31 * time.Minute}, "longer than MaxLifetime", hour},
		{"a lifetime past the longest without iat", "RFC 6750 §5.3", map[string]time.Duration{"exp": 61 * time.Minute}, "longer than MaxLifetime", hour},
		{"a lifetime of the longest", "RFC 6750 §5.3", map[string]time.Duration{"iat": -29 * time.Minute, "exp": 30 * time.Minute}, "", hour},
	} {
		a := attack{name: m.name, reference: m.reference, prepare: m.prepare, reason: m.reason, send: func(w *world) request {
			t := m.token()
			if _, said := m.claims["iat"]; !said {
				t.Claims["iat"] = nil
			}
			return bearer(w.mint(t))
		}}
		if m.reason == "" {
			a.code = passes
		}
		out = append(out, a)
	}
	return out
}

// TestTimesToTheSecond compares each time of a token with a clock that stands still. A remembered
// token must get the same answer as a new one.
func TestTimesToTheSecond(t *testing.T) {
	const leeway = 30 * time.Second
	hour := configured(func(c *middleware.JWTConfig) { c.MaxLifetime = time.Hour })
	for _, m := range []moment{
		{name: "exp on the last second of the leeway", claims: map[string]time.Duration{"exp": -leeway + time.Second}},
		{name: "exp at the end of the leeway", claims: map[string]time.Duration{"exp": -leeway}, reason: expired},
		{name: "nbf at the end of the leeway", claims: map[string]time.Duration{"nbf": leeway}},
		{name: "nbf a second past the leeway", claims: map[string]time.Duration{"nbf": leeway + time.Second}, reason: "not valid yet"},
		{name: "iat at the end of the leeway", claims: map[string]time.Duration{"iat": leeway}},
		{name: "iat a second past the leeway", claims: map[string]time.Duration{"iat": leeway + time.Second}, reason: "iat is in the future"},
		{name: "a lifetime of the longest", prepare: hour, claims: map[string]time.Duration{"iat": 0, "exp": time.Hour}},
		{name: "a lifetime a second past the longest", prepare: hour, claims: map[string]time.Duration{"iat": 0, "exp": time.Hour + time.Second}, reason: "longer than MaxLifetime"},
	} {
		t.Run(m.name, func(t *testing.T) {
			for _, tr := range transports(true) {
				t.Run(tr.name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := newWorld(t, m.prepare, tr)
						if m.reason == "" {
							w.expect(bearer(w.mint(m.token())), passes, "")
						} else {
							w.expect(bearer(w.mint(m.token())), middleware.CodeInvalid, m.reason)
						}
					})
				})
			}
		})
	}
	t.Run("a token that is remembered expires all the same", func(t *testing.T) {
		for _, tr := range transports(true) {
			t.Run(tr.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, nil, tr)
					token := bearer(w.mint(authtest.Token{Claims: map[string]any{"exp": time.Now().Add(time.Minute)}}))
					w.expect(token, passes, "")
					time.Sleep(time.Minute + leeway - time.Nanosecond)
					w.expect(token, passes, "")
					time.Sleep(time.Nanosecond)
					w.expect(token, middleware.CodeInvalid, expired)
				})
			})
		}
	})
}

// scopeAttacks use a token without the scope or the role on a route that needs it.
func scopeAttacks() []attack {
	need := func(w *world) { w.need = scopes.All("things:write") }
	granting := func(name string, grants ...middleware.Grant) func(*world) {
		return func(w *world) { w.need, w.config.Grants = scopes.All(name), grants }
	}
	groups := middleware.Grant{Path: "groups", Prefix: "group:"}
	permissions := middleware.Grant{Path: "permissions", InsecureNoPrefix: true}
	role, spaced := granting("group:admin", groups), granting("group:Order%20Admin", groups)
	keys := granting("role:admin", middleware.Grant{Path: "roles", Prefix: "role:", Keys: true})
	split := granting("team:admin", middleware.Grant{Path: "teams", Prefix: "team:", Separator: ","})
	const list, reason = "RFC 6749 §3.3", "needs "
	var out []attack
	for _, r := range []struct {
		name, reference, claims string
		prepare                 func(*world)
	}{
		{"no scope", list, `"scope":""`, need},
		{"a scope that begins with the one", list, `"scope":"things:writer"`, need},
		{"a scope that the one begins with", list, `"scope":"things"`, need},
		{"the scope in another case", list, `"scope":"THINGS:WRITE"`, need},
		{"a star for all scopes", list, `"scope":"*"`, need},
		{"a star for all scopes of things", list, `"scope":"things:*"`, need},
		{"the scope behind a comma", list, `"scope":"things:read,things:write"`, need},
		{"the scope behind a tab", list, `"scope":"things:read\tthings:write"`, need},
		{"the scope behind a line feed", list, `"scope":"things:read\nthings:write"`, need},
		{"the scope behind a space that is not ASCII", list, `"scope":"things:read\u00a0things:write"`, need},
		{"the scope with a NUL behind", list, `"scope":"things:write\u0000"`, need},
		{"the scope in ſcope", "encoding/json folds case", `"ſcope":"things:write","SCOPE":"things:write"`, need},
		{"the scope in scopes", "RFC 8693 §4.2", `"scopes":["things:write"]`, need},
		{"scopes joined in one element of scp", "RFC 8693 §4.2", `"scp":["things:read things:write"]`, need},
		{"a scope with the prefix of groups", "bearerguard's Grants", `"scope":"group:admin"`, role},
		{"an scp with the prefix of groups", "bearerguard's Grants", `"scp":["group:admin"]`, role},
		{"the group in Groups", "encoding/json folds case", `"Groups":["admin"]`, role},
		{"the group in a list in one string", "bearerguard's Grants", `"groups":"user,admin"`, role},
		{"the group in an object", "bearerguard's Grants", `"groups":{"admin":true}`, role},
		{"the group in an array within the array", "bearerguard's Grants", `"groups":[["admin"]]`, role},
		{"a group with the name of the scope", "bearerguard's Grants", `"groups":["things:write"]`, granting("things:write", groups)},
		{"a group whose name has the prefix", "bearerguard's Grants", `"groups":["group:admin","dmin"]`, role},
		{"the group in percent-encoding", "RFC 3986 §2.1", `"groups":["%61dmin","adm%69n"]`, role},
		{"a scope with the prefix of groups in percent-encoding", "RFC 3986 §2.1", `"scope":"group%3Aadmin %67roup:admin"`, role},
		{"a group named as the encoding of the group", "RFC 3986 §2.1", `"groups":["Order%20Admin","Order+Admin"]`, spaced},
		{"a scope named as the encoding of the group", "RFC 3986 §2.1", `"scope":"group:Order%20Admin"`, spaced},
		{"the group with a space that is not ASCII", "RFC 6749 §3.3", `"groups":["Order\u00a0Admin"]`, spaced},
		{"the two words of the group in two groups", "RFC 6749 §3.3", `"groups":["Order","Admin"]`, spaced},
		{"the role as a key whose value is false", "bearerguard's Grants", `"roles":{"admin":false,"user":true}`, keys},
		{"the role as a key whose value is null", "bearerguard's Grants", `"roles":{"admin":null}`, keys},
		{"the role as a key in no organization", "Zitadel", `"roles":{"admin":{}}`, keys},
		{"the role as an organization of another role", "Zitadel", `"roles":{"user":{"admin":"admin"}}`, keys},
		{"the role in an array where keys count", "Zitadel", `"roles":["admin"]`, keys},
		{"the role in another case where keys count", "encoding/json folds case", `"roles":{"ADMIN":true},"Roles":{"admin":true}`, keys},
		{"a scope with the prefix of keys", "bearerguard's Grants", `"scope":"role:admin"`, keys},
		{"the team in one element of an array", "bearerguard's Grants", `"teams":["user,admin"]`, split},
		{"the team behind another separator", "bearerguard's Grants", `"teams":"user;admin|admin admin"`, split},
		{"the team behind a separator and a space", "bearerguard's Grants", `"teams":"user, admin"`, split},
		{"the team behind an encoded separator", "RFC 3986 §2.1", `"teams":"user%2Cadmin"`, split},
		{"a permission with the prefix of groups", "bearerguard's Grants", `"permissions":["group:admin"]`, granting("group:admin", permissions, groups)},
		{"two permissions in one", "RFC 6749 §3.3", `"permissions":["things:read things:write"]`, granting("things:write", permissions)},
		{"the permission in percent-encoding", "RFC 3986 §2.1", `"permissions":["things%3Awrite"]`, granting("things:write", permissions)},
		{"a claim beside permissions", "encoding/json folds case", `"Permissions":["things:write"]`, granting("things:write", permissions)},
	} {
		out = append(out, attack{
			name: r.name, reference: r.reference, prepare: r.prepare, send: claiming("{" + goodClaims + "," + r.claims + "}"),
			reason: reason, code: middleware.CodeInsufficientScope,
		})
	}
	return out
}
