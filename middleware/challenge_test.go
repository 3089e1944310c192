package middleware_test

import (
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/google/go-cmp/cmp"
)

// parseChallenge reads a challenge by RFC 9110 §11.2 and §11.6.1: a scheme and parameters.
// Here each parameter is a token and a quoted-string. ok is false for anything else.
func parseChallenge(text string) (scheme string, params map[string]string, ok bool) {
	scheme, rest, found := strings.Cut(text, " ")
	params = map[string]string{}
	for found {
		var name string
		if name, rest, found = strings.Cut(rest, `="`); !found || name == "" ||
			strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") != "" {
			return "", nil, false
		}
		var value strings.Builder
		closed := false
		for rest != "" && !closed {
			c := rest[0]
			rest = rest[1:]
			switch {
			case c == '"':
				closed = true
			case c == '\\' && rest != "":
				value.WriteByte(rest[0])
				rest = rest[1:]
			case c < ' ' || c > '~' || c == '\\':
				return "", nil, false
			default:
				value.WriteByte(c)
			}
		}
		if _, twice := params[name]; twice || !closed {
			return "", nil, false
		}
		params[name] = value.String()
		if rest == "" {
			return scheme, params, true
		}
		rest, found = strings.CutPrefix(rest, ", ")
	}
	return "", nil, false
}

func FuzzChallenge(f *testing.F) {
	f.Add("api", "read write")
	f.Add(`a "quoted" \ realm`, "orders:read")
	f.Add("", "c|d a&b (x)")
	f.Add("r\r\nSet-Cookie: x=y", "x")
	f.Fuzz(func(t *testing.T, realm, names string) {
		g, err := middleware.NewWithVerifier(opaque, middleware.Options{Realm: realm})
		if err != nil {
			for i := range len(realm) {
				if realm[i] < ' ' || realm[i] > '~' {
					return
				}
			}
			t.Fatalf("realm %q is refused: %v", realm, err)
		}
		need := scopes.All("write")
		want := []string{"write"}
		for i, name := range strings.Fields(names) {
			if i < 20 && len(name) < 100 && scopes.ValidName(name) {
				need, want = need.And(scopes.All(name)), append(want, name)
			}
		}
		e := refuse(t, g, t.Context(), bearer("reader"), need)
		scheme, params, ok := parseChallenge(challenge(e))
		if !ok {
			t.Fatalf("%q is no challenge", challenge(e))
		}
		if realm == "" {
			realm = "api"
		}
		if scheme != "Bearer" || params["realm"] != realm || params["error"] != "insufficient_scope" || len(params) != 3 {
			t.Errorf("%q says %v", challenge(e), params)
		}
		for _, name := range want {
			if !strings.Contains(" "+params["scope"]+" ", " "+name+" ") {
				t.Errorf("%q does not ask for %q", challenge(e), name)
			}
		}
		if !cmp.Equal(strings.Fields(params["scope"]), e.Scopes()) {
			t.Errorf("%q, but Scope is %q", challenge(e), e.Scopes())
		}
		// The same names as values of acr.
		e = refuse(t, g, t.Context(), bearer("writer"), scopes.ACR(want[0], want[1:]...))
		_, params, ok = parseChallenge(challenge(e))
		if !ok || params["realm"] != realm || params["error"] != "insufficient_user_authentication" || len(params) != 3 ||
			!cmp.Equal(strings.Fields(params["acr_values"]), e.ACRValues()) {
			t.Errorf("%q says %v, but ACRValues is %q", challenge(e), params, e.ACRValues())
		}
	})
}

// The challenge names only scopes that a client can ask for. If several alternatives are
// equally near, it names the one that the author of the policy wrote first.
func TestTheChallengeNamesWhatAClientCanAskFor(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
		c.Keys = trust(t, issuer.Key())
		c.Grants = []middleware.Grant{{Path: "roles", Prefix: "role:"}}
	})
	g := newGuard(t, v, middleware.Options{})
	tests := []struct {
		name  string
		need  string
		scope string   // that the token grants
		roles []string // likewise
		want  string
	}{
		{"the first of equals", "orders:write | orders:admin", "", nil, "orders:write"},
		{"the first of equals, not the first of the alphabet", `orders:read | *`, "", nil, "orders:read"},
		{"a role that is held is not named", "role:admin & orders:write", "", []string{"admin"}, "orders:write"},
		{"nor one that is not", "role:admin & orders:write", "", nil, "orders:write"},
		{"a role alone leaves nothing to ask for", "role:admin", "", nil, ""},
		{"a scope rather than a role", "role:admin | orders:write & orders:admin", "", nil, "orders:admin orders:write"},
		{"a role that is held counts", "orders:write & orders:admin | role:admin & orders:delete", "", []string{"admin"}, "orders:delete"},
		{"a role that misses comes last, however near", "role:admin & a | b & c & d", "a", nil, "b c d"},
		{"the nearer one", "a & b | c", "a b2", nil, "c"},
		{"what is held is named, too", "a & b", "a", nil, "a b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			need, err := scopes.Parse(tt.need)
			if err != nil {
				t.Fatal(err)
			}
			token := bearer(issuer.Mint(claims("scope", tt.scope, "roles", tt.roles)))
			e := refuse(t, g, t.Context(), token, need)
			if got := strings.Join(e.Scopes(), " "); e.Code() != "insufficient_scope" || got != tt.want {
				t.Errorf("%s, scope %q, want %q", e.Code(), got, tt.want)
			}
		})
	}
}

// Without a prefix a role cannot be told from a scope. The challenge names it.
func TestTheChallengeNamesWhatHasNoPrefix(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	g := newGuard(t, newJWT(t, issuer, func(c *middleware.JWTConfig) {
		c.Grants = []middleware.Grant{{Path: "permissions", InsecureNoPrefix: true}, {Path: "roles", Prefix: "role:"}}
	}), middleware.Options{})
	token := bearer(issuer.Mint(claims("permissions", []string{"read"})))
	e := refuse(t, g, t.Context(), token, scopes.All("read", "write", "role:admin"))
	if got := strings.Join(e.Scopes(), " "); got != "read write" {
		t.Errorf("scope %q, want %q", got, "read write")
	}
}
