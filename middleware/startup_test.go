package middleware_test

import (
	"context"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
)

// parsed returns the keys of a JWK Set with one Ed25519 key, which has a kid.
func parsed(t *testing.T) jwks.Set {
	t.Helper()
	set, err := jwks.ParseSet([]byte(
		`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// start makes a verifier with fixed keys, after edit has changed its configuration.
func start(t *testing.T, edit func(*middleware.JWTConfig)) error {
	t.Helper()
	cfg := middleware.JWTConfig{Issuer: "https://issuer.test", Audience: []string{"https://api.test"}, Keys: parsed(t)}
	edit(&cfg)
	v, err := middleware.NewJWT(cfg)
	if err != nil {
		return err
	}
	t.Cleanup(func() { _ = v.Close() })
	return nil
}

// Each of these configurations can never accept a token, or is surely a mistake. The error
// says what to write instead.
func TestWhatCanNeverWorkIsAFaultAtTheStart(t *testing.T) {
	const supported = "RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519, HS256, HS384, HS512"
	grant := func(path string) func(*middleware.JWTConfig) {
		return func(c *middleware.JWTConfig) { c.Grants = []middleware.Grant{{Path: path, Prefix: "role:"}} }
	}
	tests := []struct {
		name string
		edit func(*middleware.JWTConfig)
		want []string
	}{
		{"secrets with the default algorithms", func(c *middleware.JWTConfig) {
			c.Keys = trust(t, newKey(t, "HS256"), newKey(t, "HS512"))
		}, []string{`Algorithms: Keys serve HS256, HS512, but none of the accepted RS256, PS256, ES256, EdDSA: ` +
			`write those that the issuer signs with, such as []string{"HS256"}`}},
		{"a secret for another hash", func(c *middleware.JWTConfig) {
			c.Keys, c.Algorithms = trust(t, newKey(t, "HS512")), []string{"HS256", "HS384"}
		}, []string{`Algorithms: Keys serve HS512, but none of the accepted HS256, HS384: ` +
			`write those that the issuer signs with, such as []string{"HS512"}`}},
		{"public keys where a secret is accepted", func(c *middleware.JWTConfig) {
			c.Keys, c.Algorithms = trust(t, newKey(t, "ES384")), []string{"HS256"}
		}, []string{`Algorithms: Keys serve ES384, but none of the accepted HS256: ` +
			`write those that the issuer signs with, such as []string{"ES384"}`}},
		{"a parsed set of another algorithm", func(c *middleware.JWTConfig) { c.Algorithms = []string{"RS256", "ES256"} }, []string{
			`Algorithms: Keys serve EdDSA, Ed25519, but none of the accepted RS256, ES256: ` +
				`write those that the issuer signs with, such as []string{"EdDSA"}`,
		}},
		{"an algorithm that does not exist", func(c *middleware.JWTConfig) { c.Algorithms = []string{"RS265"} }, []string{
			`Algorithms: "RS265" is not supported; perhaps RS256 is meant: write some of ` + supported,
		}},
		{"ID tokens for any audience", func(c *middleware.JWTConfig) { noAudience(c); c.InsecureIDTokens = true }, []string{
			"InsecureIDTokens: needs Audience, and InsecureNoAudience has none: " +
				"an ID token of any client of the issuer would be accepted",
		}},
		{"ID tokens beside RFC 9068", func(c *middleware.JWTConfig) { c.RequireRFC9068, c.InsecureIDTokens = true, true }, []string{
			"InsecureIDTokens: has no effect where typ must be at+jwt, because an ID token is not typed so",
		}},
		{"ID tokens of type at+jwt", func(c *middleware.JWTConfig) {
			c.Types, c.InsecureIDTokens = []string{"application/AT+JWT"}, true
		}, []string{"InsecureIDTokens: has no effect where typ must be at+jwt"}},
		{"no type at all, for ID tokens", func(c *middleware.JWTConfig) { c.Types, c.InsecureIDTokens = []string{}, true }, []string{
			`Types: empty: no token could be accepted (nil: JWT, at+jwt or absent; "" in the list: absent)`,
		}},
		{"types beside RFC 9068", func(c *middleware.JWTConfig) { c.RequireRFC9068, c.Types = true, []string{"at+jwt"} }, []string{
			"Types: contradicts RequireRFC9068, which accepts at+jwt alone",
		}},
		{"types of other tokens", func(c *middleware.JWTConfig) {
			c.Types = []string{
				"JWT", "dpop+jwt", "LOGOUT+JWT", "application/secevent+jwt", "Application/Token-Introspection+JWT", "kb+jwt",
				"JOSE+JSON", "authorization-grant+jwt", "oauth-id-jag+jwt", "application/wpt+jwt",
			}
		}, []string{
			"Types[1]: dpop+jwt marks another kind of token, which must not pass as an access token: leave it out",
			"Types[2]: logout+jwt marks", "Types[3]: secevent+jwt marks", "Types[4]: token-introspection+jwt marks",
			"Types[5]: kb+jwt marks", "Types[6]: JOSE+JSON marks",
			"Types[7]: authorization-grant+jwt marks", "Types[8]: oauth-id-jag+jwt marks", "Types[9]: wpt+jwt marks",
		}},
		{"white space around a type", func(c *middleware.JWTConfig) { c.Types = []string{"JWT", "application/x+jwt "} }, []string{
			`Types[1]: "x+jwt " has white space around it: write "x+jwt"`,
		}},
		{"white space around an audience", func(c *middleware.JWTConfig) {
			c.Audience = []string{"https://api.test", " https://a.test", "https://b.test\n", "\u00a0c\t"}
		}, []string{
			`Audience[1]: " https://a.test" has white space around it: write "https://a.test"`,
			`Audience[2]: "https://b.test\n" has white space around it: write "https://b.test"`,
			`Audience[3]: "\u00a0c\t" has white space around it: write "c"`,
		}},
		{"keys of the user's own that are nil", func(c *middleware.JWTConfig) { c.Keys = (*changing)(nil) }, []string{
			"Keys: a nil *middleware_test.changing",
		}},
		{"cache bytes that are megabytes", func(c *middleware.JWTConfig) { c.CacheBytes = 16 }, []string{
			"CacheBytes: 16 bytes hold no token (0: 16 MiB, -1: off)",
		}},
		{"a path with a URL", grant("https://example.com/roles"), []string{
			`Grants[0].Path: "https://example.com/roles" is split at a dot of the URL: ` +
				"write a backslash before each dot of a name, as in `https://example\\.com/roles`",
		}},
		{"a path with a URL that has one backslash of two", grant(`https://api\.example.com/roles`), []string{
			"as in `https://api\\.example\\.com/roles`",
		}},
		{"a path with a URL that has a port", grant("https://example.com:8443/roles"), []string{
			"as in `https://example\\.com:8443/roles`",
		}},
		{"a path with a URL below another claim", grant("resource_access.https://example.com/app.roles"), []string{
			"as in `resource_access.https://example\\.com/app.roles`",
		}},
		{"white space before a path", grant(" realm_access.roles"), []string{
			`Grants[0].Path: " realm_access.roles" has white space around a name: leave it out`,
		}},
		{"white space after a dot of a path", grant("realm_access. roles"), []string{"has white space around a name"}},
		{"white space around a prefix", func(c *middleware.JWTConfig) {
			c.Grants = []middleware.Grant{{Path: "roles", Prefix: " role:"}}
		}, []string{`Grants[0].Prefix: " role:" cannot be part of a scope`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := start(t, tt.edit)
			if err == nil {
				t.Fatal("accepted")
			}
			faults := strings.Split(err.Error(), "\n")
			if len(faults) != len(tt.want) {
				t.Errorf("%d faults, want %d:\n%v", len(faults), len(tt.want), err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %s:\n%v", want, err)
				}
			}
		})
	}
}

func TestWhatCanWorkIsNoFaultAtTheStart(t *testing.T) {
	tests := []struct {
		name string
		edit func(*middleware.JWTConfig)
	}{
		{"one algorithm of several is served", func(c *middleware.JWTConfig) { c.Algorithms = []string{"RS256", "Ed25519"} }},
		{"a parsed set and the default algorithms", func(*middleware.JWTConfig) {}},
		{"a type of the issuer's own", func(c *middleware.JWTConfig) { c.Types = []string{"", "JOSE", "orders+jwt", "orders+jwt"} }},
		{"ID tokens of a listed type", func(c *middleware.JWTConfig) { c.Types, c.InsecureIDTokens = []string{"at+jwt", "JWT"}, true }},
		{"a name twice", func(c *middleware.JWTConfig) { c.Audience = []string{"a", "a"} }},
		{"an audience with white space inside", func(c *middleware.JWTConfig) { c.Audience = []string{"my api"} }},
		{"an issuer that is its own audience", func(c *middleware.JWTConfig) { c.Audience = []string{c.Issuer} }},
		{"room for a token or two", func(c *middleware.JWTConfig) { c.CacheBytes = 1024 }},
	}
	for _, path := range []string{
		`https://example\.com/roles`, `https://example\.com/v1.roles`, `https://example\.com/v1\.0`,
		"http://localhost/roles", "http://localhost:8080/v1.roles",
		"resource_access.https://orders.roles", `resource_access.https://example\.com.roles`,
		"org.roles", "a/b.c/d", `domain\\.https://localhost/x`, "realm access.my roles",
	} {
		tests = append(tests, struct {
			name string
			edit func(*middleware.JWTConfig)
		}{"the path " + path, func(c *middleware.JWTConfig) {
			c.Grants = []middleware.Grant{{Path: path, Prefix: "role:"}}
		}})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := start(t, tt.edit); err != nil {
				t.Error(err)
			}
		})
	}
}

// A Set of the user's own may ask another machine, and its keys may change.
func TestASetOfTheUsersIsNotAskedAtTheStart(t *testing.T) {
	err := start(t, func(c *middleware.JWTConfig) {
		c.Keys = setFunc(func(context.Context, jwks.Query) ([]*jwks.Key, error) {
			t.Error("asked")
			return nil, jwks.ErrKeyNotFound
		})
	})
	if err != nil {
		t.Error(err)
	}
}
