package middleware_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// An operator reads one line, and knows what was expected and what was found.
func TestCausesSayWhatWasExpectedAndFound(t *testing.T) {
	now := bubbleStart
	typed := func(token authtest.Token, typ any) authtest.Token {
		token.Header = header("typ", typ).Header
		return token
	}
	two := func(c *middleware.JWTConfig) { c.Audience = []string{"https://api.test", "api"} }
	rfc9068 := func(c *middleware.JWTConfig) { c.RequireRFC9068 = true }
	list := func(c *middleware.JWTConfig) { c.Types = []string{"JOSE", "application/orders+jwt"} }
	listed := func(found string) string {
		return "typ is not on the list of accepted types: it is " + found +
			`, and JWTConfig.Types is ["JOSE" "orders+jwt"]`
	}
	hour := func(c *middleware.JWTConfig) { c.MaxLifetime = time.Hour }
	const (
		algorithms = ", and JWTConfig.Algorithms has RS256, PS256, ES256, EdDSA"
		badType    = "typ does not mark an access token: it is "
		mustBe     = ", and must be JWT, at+jwt or absent"
		expected   = ", and JWTConfig.Leeway is 30s; compare the clocks"
	)
	tests := []struct {
		name  string
		token authtest.Token
		edit  func(*middleware.JWTConfig)
		want  string // behind "invalid token: "
	}{
		{"aud", claims("aud", "https://other.test"), two, `aud does not name this API: it is ["https://other.test"], and JWTConfig.Audience is ["https://api.test" "api"]`},
		{"aud with several names", claims("aud", []string{"a", "b"}), nil, `aud does not name this API: it is ["a" "b"], and JWTConfig.Audience is ["https://api.test"]`},
		{"aud with a slash more", claims("aud", "https://api.test/"), nil, `aud does not name this API: it is ["https://api.test/"], and JWTConfig.Audience is ["https://api.test"]; "https://api.test/" and "https://api.test" differ only in the final slash`},
		{"several aud, and one differs in the scheme", claims("aud", []string{"a", "http://api.test"}), two, `aud does not name this API: it is ["a" "http://api.test"], and JWTConfig.Audience is ["https://api.test" "api"]; "http://api.test" and "https://api.test" differ only in the scheme`},
		{"no aud", claims("aud", nil), nil, `aud does not name this API: it is absent, and JWTConfig.Audience is ["https://api.test"]`},
		{"iss", claims("iss", "https://other.test"), nil, `iss is not the issuer: it is "https://other.test", and JWTConfig.Issuer is "https://issuer.test"`},
		{"iss with a slash more", claims("iss", "https://issuer.test/"), nil, `iss is not the issuer: it is "https://issuer.test/", and JWTConfig.Issuer is "https://issuer.test"; they differ only in the final slash`},
		{"iss with http", claims("iss", "http://Issuer.test"), nil, `iss is not the issuer: it is "http://Issuer.test", and JWTConfig.Issuer is "https://issuer.test"; they differ only in the scheme and the case of letters`},
		{"no iss", claims("iss", nil), nil, `iss is not the issuer: it is absent, and JWTConfig.Issuer is "https://issuer.test"`},

		{"alg none", header("alg", "none"), nil, "alg is not on the list of accepted algorithms: it is none" + algorithms},
		{"no alg", header("alg", nil), nil, "alg is not on the list of accepted algorithms: it is absent" + algorithms},
		{"alg a number", header("alg", 7), nil, "alg is not on the list of accepted algorithms: it is a number" + algorithms},
		{"an alg that is supported", header("alg", "HS256"), nil, "alg is not on the list of accepted algorithms: it is HS256" + algorithms},
		{"an alg of the registry", header("alg", "ES256K"), nil, "alg is not on the list of accepted algorithms: it is ES256K" + algorithms},
		{"another alg", header("alg", "RS265"), nil, "alg is not on the list of accepted algorithms: it is an unknown name" + algorithms},
		{"an alg beside all secrets", authtest.Token{}, func(c *middleware.JWTConfig) {
			c.Keys, c.Algorithms = trust(t, newKey(t, "HS256")), []string{"HS256", "HS384", "HS512"}
		}, "alg is not on the list of accepted algorithms: it is ES256, and JWTConfig.Algorithms has HS256, HS384, HS512"},
		{"an alg beside one that is accepted", authtest.Token{}, func(c *middleware.JWTConfig) { c.Keys, c.Algorithms = trust(t, newKey(t, "RS256")), []string{"RS256"} }, "alg is not on the list of accepted algorithms: it is ES256, and JWTConfig.Algorithms has RS256"},

		{"typ of a DPoP proof", header("typ", "dpop+jwt"), nil, badType + "dpop+jwt" + mustBe},
		{"typ as a media type", header("typ", "Application/LOGOUT+JWT"), nil, badType + "logout+jwt" + mustBe},
		{"another typ", header("typ", "MARK"), nil, badType + "an unknown name" + mustBe},
		{"typ beside a list", header("typ", "JWT"), list, listed("JWT")},
		{"typ of a DPoP proof beside a list", header("typ", "application/DPOP+JWT"), list, listed("dpop+jwt")},
		{"another typ beside a list", header("typ", "MARK"), list, listed("an unknown name")},
		{"no typ beside a list", header("typ", nil), list, listed("absent")},
		{"typ JWT, RFC 9068", header("typ", "JWT"), rfc9068, "typ is not at+jwt: it is JWT, and JWTConfig.RequireRFC9068 is set"},
		{"no typ, RFC 9068", header("typ", nil), rfc9068, "typ is not at+jwt: it is absent, and JWTConfig.RequireRFC9068 is set"},
		{"typ a number", header("typ", 7), nil, "header: typ must be a string that is not empty, and is a number"},
		{"kid empty", header("kid", ""), nil, "header: kid must be a string that is not empty, and is empty"},
		{"crit", header("crit", []string{"x"}), nil, "header: has crit, and no extension is supported"},
		{"b64", header("b64", false), nil, "header: has b64, which a JWT must not have"},

		{"an unknown kid", header("kid", "other"), nil, "no key of the issuer fits its kid and alg: it has a kid, and alg is ES256"},
		{"an unknown key without a kid", header("kid", nil, "alg", "RS256"), nil, "no key of the issuer fits its kid and alg: it has no kid, and alg is RS256"},
		{"forged", tamper(func(s string) string { return s[:len(s)-86] + strings.Repeat("A", 86) }), nil, `key "`},

		{"sub of a wrong type", claims("sub", 7), nil, "claims: sub must be a string, and is a number"},
		{"sub null", claims("sub", json.RawMessage("null")), nil, "claims: sub must be a string, and is null"},
		{"exp of a wrong type", claims("exp", "soon"), nil, "claims: exp must be a number of seconds, from the year 1 to 9999, and is a string"},
		{"exp in milliseconds", claims("exp", (now+60)*1000), nil, "claims: exp must be a number of seconds, from the year 1 to 9999, and is not; perhaps it counts milliseconds"},
		{"no exp", claims("exp", nil), nil, "exp is missing"},

		{"expired", claims("exp", now-3*3600-61), nil, "expired: exp was 1999-12-31T20:58:59Z, 3h1m1s ago"},
		{"expired long ago", claims("exp", 0), nil, "expired: exp was 1970-01-01T00:00:00Z, 10957 days ago"},
		{"expired a while ago, to the second", claims("exp", float64(now)-90.5), nil, "expired: exp was 1999-12-31T23:58:29Z, 1m31s ago"},
		{"expired just now, to the millisecond", claims("exp", float64(now)-0.25048828125), func(c *middleware.JWTConfig) { c.Leeway = -1 }, "expired: exp was 1999-12-31T23:59:59Z, 250ms ago"},
		{"expired just now", claims("exp", float64(now)-0.25), func(c *middleware.JWTConfig) { c.Leeway = -1 }, "expired: exp was 1999-12-31T23:59:59Z, 250ms ago"},
		{"nbf", claims("nbf", now+120), nil, "not valid yet: nbf is in the future: it is 2000-01-01T00:02:00Z, 2m0s ahead" + expected},
		{"iat", claims("iat", now+120), nil, "iat is in the future: it is 2000-01-01T00:02:00Z, 2m0s ahead" + expected},
		{"iat without leeway", claims("iat", now+1), func(c *middleware.JWTConfig) { c.Leeway = -1 }, "iat is in the future: it is 2000-01-01T00:00:01Z, 1s ahead, and JWTConfig.Leeway is 0s; compare the clocks"},
		{"MaxLifetime", claims("exp", now+3601), hour, "valid for longer than MaxLifetime: from iat to exp it is 1h0m1s, and JWTConfig.MaxLifetime is 1h0m0s"},
		{"MaxLifetime of three days", claims("exp", now+3*86400+1), func(c *middleware.JWTConfig) { c.MaxLifetime = 72 * time.Hour }, "valid for longer than MaxLifetime: from iat to exp it is 3 days, and JWTConfig.MaxLifetime is 3 days"},
		{"MaxLifetime without iat", claims("iat", nil, "exp", now+30*86400), hour, "valid for longer than MaxLifetime: from now to exp it is 30 days, and JWTConfig.MaxLifetime is 1h0m0s"},

		{"RFC 9068 without some claims", claims("client_id", nil, "jti", nil, "iat", nil), rfc9068, "a claim that RFC 9068 §2.2 requires is missing: client_id, jti, iat"},
		{"RFC 9068 without the others", claims("sub", "", "aud", nil), func(c *middleware.JWTConfig) { rfc9068(c); noAudience(c) }, "a claim that RFC 9068 §2.2 requires is missing: sub, aud"},
		{"an ID token", typed(claims("at_hash", "x"), "JWT"), nil, "an ID token: it has at_hash, c_hash or s_hash; the client must send an access token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				issuer := newIssuer(t, authtest.Config{})
				_, err := newJWT(t, issuer, tt.edit).Verify(t.Context(), issuer.Mint(tt.token))
				if !errors.Is(err, middleware.ErrInvalidToken) {
					t.Fatalf("got %v", err)
				}
				time.Sleep(time.Hour) // the text is that of the moment of the check, whenever it is read
				got := err.Error()
				if got != "invalid token: "+tt.want && (tt.name != "forged" || !strings.Contains(got, tt.want)) {
					t.Errorf("got  %s\nwant invalid token: %s", got, tt.want)
				}
			})
		})
	}
}

// What the RFCs refuse is refused, and the line names the claim: an operator sees which one the
// issuer must correct. A sub that is a number has no single spelling as a string (1, 1.0, 1e0),
// and two large numbers may be read as one. So there is no knob for it.
func TestTheCauseNamesTheClaimOfAWrongType(t *testing.T) {
	const strings, date = "a string or an array of strings", "a number of seconds, from the year 1 to 9999"
	for _, claim := range []struct{ name, want string }{
		{"iss", "a string"},
		{"sub", "a string"},
		{"aud", strings},
		{"exp", date},
		{"nbf", date},
		{"iat", date},
		{"jti", "a string"},
		{"client_id", "a string"},
		{"scope", strings},
		{"scp", strings},
		{"cnf", "an object"},
		{"at_hash", "a string"},
		{"c_hash", "a string"},
		{"s_hash", "a string"},
		{"events", "an object"},
	} {
		for value, found := range map[string]string{
			"null": "null", "true": "a boolean", "7": "a number", `[1]`: "an array with other values than strings",
		} {
			if value == "7" && claim.want == date {
				continue
			}
			for _, typ := range []string{"JWT", "at+jwt"} {
				issuer := newIssuer(t, authtest.Config{})
				token := claims(claim.name, json.RawMessage(value))
				token.Header = map[string]any{"typ": typ}
				_, err := newJWT(t, issuer, nil).Verify(t.Context(), issuer.Mint(token))
				want := "invalid token: claims: " + claim.name + " must be " + claim.want + ", and is " + found
				if !errors.Is(err, middleware.ErrInvalidToken) || err.Error() != want {
					t.Errorf("got  %v\nwant %s", err, want)
				}
			}
		}
	}
}

// An application's own events are taken for those of a security event, unless the token is typed
// as an access token.
func TestTheCauseNamesEvents(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, nil)
	token := claims("events", map[string]any{"order.created": map[string]any{}})
	token.Header = map[string]any{"typ": "JWT"}
	_, err := v.Verify(t.Context(), issuer.Mint(token))
	if want := "invalid token: a security event or logout token: it has events"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	token.Header["typ"] = "at+jwt"
	if _, err := v.Verify(t.Context(), issuer.Mint(token)); err != nil {
		t.Error(err)
	}
}

func noAudience(c *middleware.JWTConfig) {
	c.Audience, c.InsecureNoAudience = nil, true
	c.Validate = func(context.Context, middleware.Claims) error { return nil }
}

func TestByIssuerSaysWhichIssuersItKnows(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v, err := middleware.ByIssuer(map[string]middleware.Verifier{"b": opaque, "a": opaque})
	if err != nil {
		t.Fatal(err)
	}
	_, err = v.Verify(t.Context(), issuer.Mint(authtest.Token{}))
	if want := `invalid token: no issuer has this iss: the issuers are ["a" "b"]`; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// A token may have a role that no Grant reads, so the cause says what counts.
func TestTheCauseOfAMissingScopeWithoutAGrant(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, nil)
	for _, tt := range []struct {
		name  string
		token authtest.Token
		want  string
	}{
		{"a role", claims("roles", "admin"), `needs role:admin, and the token grants []`},
		{"a scope and a role", claims("scope", "read", "roles", "admin"), `needs role:admin, and the token grants ["read"]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var rec recorder
			g := newGuard(t, v, middleware.Options{Observe: rec.observe})
			_ = refuse(t, g, t.Context(), bearer(issuer.Mint(tt.token)), scopes.All("role:admin"))
			want := tt.want + "; without a Grant, only scope and scp count"
			if got := rec.last(t).Cause.Error(); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// A router without a route for a request has no rule for it either, so nobody should look for one.
func TestTheCauseOfADenialSaysWhetherThereIsARoute(t *testing.T) {
	for _, tt := range []struct{ name, route, want string }{
		{"a route", "GET /orders", "no rule lets anybody in"},
		{"no route", "", "no rule lets anybody in: the request has no route, so Policy.Unrouted is its rule"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var rec recorder
			g := newGuard(t, opaque, middleware.Options{Observe: rec.observe})
			if _, err := g.Check(t.Context(), middleware.Request{Route: tt.route}, scopes.Deny()); err == nil {
				t.Fatal("the request passes")
			}
			if got := rec.last(t).Cause.Error(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestARequestThatPassesHasNoCause(t *testing.T) {
	for _, need := range []scopes.Requirement{scopes.Public(), scopes.Optional()} {
		var rec recorder
		g := newGuard(t, opaque, middleware.Options{Observe: rec.observe})
		if _, err := g.Check(t.Context(), middleware.Request{}, need); err != nil {
			t.Fatal(err)
		}
		if cause := rec.last(t).Cause; cause != nil {
			t.Errorf("%v: %v", need, cause)
		}
	}
}

// On a public route no token is read, so Authorize does not say that the caller sent none.
func TestTheCauseOfAuthorizeSaysWhetherATokenWasRead(t *testing.T) {
	var rec recorder
	g := newGuard(t, opaque, middleware.Options{Observe: rec.observe})
	enter := func(header http.Header, need scopes.Requirement) context.Context {
		pass, err := g.Check(t.Context(), middleware.Request{Header: header}, need)
		if err != nil {
			t.Fatal(err)
		}
		return pass.Context
	}
	const unread = "no credentials were read for this context: its route is public, or not guarded"
	for _, tt := range []struct {
		name string
		ctx  context.Context
		need scopes.Requirement
		want string
	}{
		{"a public route", enter(bearer("reader"), scopes.Public()), scopes.Authenticated(), unread},
		{"no guard", t.Context(), scopes.Authenticated(), unread},
		{"no guard, and nobody may", t.Context(), scopes.Deny(), "no rule lets anybody in"},
		{"a caller without a token", enter(nil, scopes.Optional()), scopes.Authenticated(), "no bearer credentials"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := g.Authorize(tt.ctx, tt.need); err == nil {
				t.Fatal("the caller is authorized")
			}
			if got := rec.last(t).Cause.Error(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// A missing scope says what the token grants, and which Grant leads to nothing.
func TestTheCauseOfAMissingScope(t *testing.T) {
	const led = `needs role:admin, and the token grants ["read"]; ` +
		`the Grant with Path "realm_access.roles" and Prefix "role:" leads to nothing: `
	realm := func(roles string) authtest.Token {
		return claims("scope", "read", "realm_access", json.RawMessage(`{"other":1,"roles":`+roles+`}`))
	}
	admin := scopes.All("role:admin")
	tests := []struct {
		name  string
		need  scopes.Requirement
		token authtest.Token
		want  string
	}{
		{"a scope", scopes.All("write"), authtest.Token{Scope: "read openid"}, `needs write, and the token grants ["read" "openid"]`},
		{"no scope at all", scopes.All("write"), authtest.Token{}, `needs write, and the token grants []`},
		{"no claim", admin, claims("scope", "read"), led + `"realm_access" is absent`},
		{"a claim that is no object", admin, claims("scope", "read", "realm_access", "MARK"), led + `"realm_access" is a string, not an object`},
		{"no claim inside", admin, claims("scope", "read", "realm_access", map[string]any{}), led + `"realm_access.roles" is absent`},
		{"an empty list", admin, realm(`[]`), led + `"realm_access.roles" is an array without a name`},
		{"a list of empty names", admin, realm(`["",""]`), led + `"realm_access.roles" is an array without a name`},
		{"an empty string", admin, realm(`""`), led + `"realm_access.roles" is empty`},
		{"a list of numbers", admin, realm(`[1,2]`), led + `"realm_access.roles" is an array with other values than strings`},
		{"an object", admin, realm(`{"admin":true}`), led + `"realm_access.roles" is an object, and Keys is not set`},
		{"null", admin, realm(`null`), led + `"realm_access.roles" is null`},
		{"other roles", admin, realm(`["user"]`), `needs role:admin, and the token grants ["read" "role:user"]`},
		{"a scope beside a role", scopes.All("write"), claims("scope", "read"), `needs write, and the token grants ["read"]`},
		{"the nearest of two", scopes.All("role:admin").Or(scopes.All("write")), claims("scope", "read"), `needs role:admin | write, and the token grants ["read"]`},
		{"both Grants", scopes.All("role:admin", "group:a"), claims("scope", "read", "groups", 7), strings.Replace(led, "needs role:admin", "needs role:admin & group:a", 1) +
			`"realm_access" is absent; the Grant with Path "groups" and Prefix "group:" leads to nothing: "groups" is a number`},
		{"white space around the claims", admin, authtest.Token{Payload: ` {"iss":"https://issuer.test","aud":"https://api.test","exp":4000000000,"scope":"read"}` + "\n"}, led + `"realm_access" is absent`},
	}
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
		c.Grants = []middleware.Grant{{Path: "realm_access.roles", Prefix: "role:"}, {Path: "groups", Prefix: "group:"}}
	})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var rec recorder
			g := newGuard(t, v, middleware.Options{Observe: rec.observe})
			_ = refuse(t, g, t.Context(), bearer(issuer.Mint(tt.token)), tt.need)
			e := rec.last(t)
			if got := e.Cause.Error(); e.Err.Code() != "insufficient_scope" || got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if errors.Is(e.Cause, middleware.ErrInvalidToken) {
				t.Error("a good token is called invalid")
			}
		})
	}
}

// A Grant of another shape says what it found in its own words.
func TestTheCauseOfAMissingRoleOfAnotherShape(t *testing.T) {
	const (
		held = `needs r:admin, and the token grants []; ` +
			`the Grant with Path "roles" and Prefix "r:" leads to nothing: "roles" is `
		free = `needs admin, and the token grants []; ` +
			`the Grant with Path "roles" and InsecureNoPrefix leads to nothing: "roles" is `
		listed = `needs admin, and the token grants ["read"]`
	)
	type list = []middleware.Grant
	keys := list{{Path: "roles", Prefix: "r:", Keys: true}}
	commas := list{{Path: "roles", Prefix: "r:", Separator: ","}}
	bare := list{{Path: "roles", InsecureNoPrefix: true}, {Path: "groups", Prefix: "group:"}}
	role, scope := scopes.All("r:admin"), scopes.All("admin")
	issuer := newIssuer(t, authtest.Config{})
	for _, tt := range []struct {
		name   string
		grants list
		need   scopes.Requirement
		claims string
		want   string
	}{
		{"keys, and no claim", keys, role, `"a":1`, held + `absent`},
		{"keys, and an empty object", keys, role, `"roles":{}`, held + `an object without a key that counts`},
		{"keys, and a role that is off", keys, role, `"roles":{"admin":false}`, held + `an object without a key that counts`},
		{"keys, and a list", keys, role, `"roles":["admin"]`, held + `an array without an object with a key that counts`},
		{"keys, and a string", keys, role, `"roles":"admin"`, held + `a string, and Keys needs an object`},
		{"keys, and another role", keys, role, `"roles":{"user":true}`, `needs r:admin, and the token grants ["r:user"]`},
		{"a separator, and nothing between", commas, role, `"roles":",,"`, held + `a string without a name`},
		{"a separator, and an object", commas, role, `"roles":{"admin":true}`, held + `an object, and Keys is not set`},
		{"another separator", commas, role, `"roles":"user;admin"`, `needs r:admin, and the token grants ["r:user;admin"]`},
		{"the spelling of a role", commas, role, `"roles":"Order Admin"`, `needs r:admin, and the token grants ["r:Order%20Admin"]`},
		{"no prefix, and no claim", bare, scope, `"a":1`, free + `absent`},
		{"no prefix, and an empty list", bare, scope, `"roles":[]`, free + `an array without a name`},
		{"no prefix, and names for another Grant", bare, scope, `"roles":["group:admin"]`, free + `a claim whose names all begin with the Prefix of another Grant`},
		{"no prefix, and another name", bare, scope, `"roles":["read"]`, listed},
		{"no prefix, and the scope is there", bare, scopes.All("read", "group:a"), `"scope":"read"`, `needs read & group:a, and the token grants ["read"]; ` +
			`the Grant with Path "groups" and Prefix "group:" leads to nothing: "groups" is absent`},
		{"no prefix, and a name of another Grant is needed", bare, scopes.All("group:a"), `"groups":["b"]`, `needs group:a, and the token grants ["group:b"]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var rec recorder
			v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Grants = tt.grants })
			g := newGuard(t, v, middleware.Options{Observe: rec.observe})
			token := issuer.Mint(authtest.Token{
				Payload: `{"iss":"https://issuer.test","aud":"https://api.test","exp":4000000000,` + tt.claims + `}`,
			})
			_ = refuse(t, g, t.Context(), bearer(token), tt.need)
			if got := rec.last(t).Cause.Error(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestAnAlgorithmThatIsNotSupported(t *testing.T) {
	const all = ": write some of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519, " +
		"HS256, HS384, HS512"
	for name, want := range map[string]string{
		"RS265": `"RS265" is not supported; perhaps RS256 is meant` + all,
		"eddsa": `"eddsa" is not supported; perhaps EdDSA is meant` + all,
		"RS257": `"RS257" is not supported` + all,
		"none":  `"none" is not supported` + all,
	} {
		_, err := middleware.NewJWT(middleware.JWTConfig{
			Issuer: "https://issuer.test", Audience: []string{"a"}, Algorithms: []string{name},
		})
		if err == nil || !strings.Contains(err.Error(), "JWTConfig.Algorithms: "+want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
