package middleware_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/google/go-cmp/cmp"
)

func TestScopesOfAToken(t *testing.T) {
	roles := []middleware.Grant{
		{Path: "realm_access.roles", Prefix: "role:"},
		{Path: "groups", Prefix: "group:"},
		{Path: `https://example\.com/tier`, Prefix: "tier:"},
		{Path: `domain\\user`, Prefix: "user:"},
		{Path: "scope.roles", Prefix: "scoped:"}, // not the scope that is read anyway
	}
	tests := []struct {
		name   string
		grants []middleware.Grant
		claims map[string]any
		want   []string
	}{
		{"none", nil, nil, nil},
		{"scope as a string", nil, map[string]any{"scope": "read write"}, []string{"read", "write"}},
		{"an empty scope", nil, map[string]any{"scope": ""}, nil},
		{"spaces too many", nil, map[string]any{"scope": " read  write "}, []string{"read", "write"}},
		{"only U+0020 parts names", nil, map[string]any{"scope": "read\u00a0write\tx"}, []string{"read\u00a0write\tx"}},
		{"scope as an array", nil, map[string]any{"scope": []string{"read", "write"}}, []string{"read", "write"}},
		{"an empty array", nil, map[string]any{"scope": []string{}, "scp": []string{""}}, nil},
		{"an element of scope with a space is one name, which nobody can ask for", nil, map[string]any{"scope": []string{"read write"}}, []string{"read write"}},
		{"scp as an array", nil, map[string]any{"scp": []string{"read", "write"}}, []string{"read", "write"}},
		{"scp as a string", nil, map[string]any{"scp": "read write"}, []string{"read", "write"}},
		{"an element of scp with a space is one name, which nobody can ask for", nil, map[string]any{"scp": []string{"read write"}}, []string{"read write"}},
		{"both", nil, map[string]any{"scope": "read", "scp": []string{"write"}}, []string{"read", "write"}},
		{"both, the other way about", nil, map[string]any{"scope": []string{"read"}, "scp": "write"}, []string{"read", "write"}},
		{"roles that nobody configured", nil, map[string]any{"realm_access": map[string]any{"roles": []string{"admin"}}}, nil},
		{"nested roles", roles, map[string]any{"scope": "read", "realm_access": map[string]any{"x": 1, "roles": []string{"admin", "dev"}}}, []string{"read", "role:admin", "role:dev"}},
		{"what stands beside the roles grants nothing", roles, map[string]any{"realm_access": map[string]any{"a": "root", "roles": "dev", "z": "root"}}, []string{"role:dev"}},
		{"nor does it where there are no roles", roles, map[string]any{"realm_access": map[string]any{"a": "root"}}, nil},
		{"a string where roles may be", roles, map[string]any{"groups": "staff"}, []string{"group:staff"}},
		{"a name with dots", roles, map[string]any{"https://example.com/tier": "gold"}, []string{"tier:gold"}},
		{"a name with a backslash", roles, map[string]any{`domain\user`: "root"}, []string{"user:root"}},
		{"roles of a wrong type grant nothing", roles, map[string]any{"realm_access": map[string]any{"roles": 7}, "groups": map[string]any{"a": 1}}, nil},
		{"the path ends early", roles, map[string]any{"realm_access": "roles"}, nil},
		{"elements of a wrong type grant nothing", roles, map[string]any{"groups": []any{1, nil, "a", []string{"b"}, ""}}, []string{"group:a"}},
		{"an element of scope can't pass for a role", roles, map[string]any{"scope": []string{"read", "role:admin"}}, []string{"read"}},
		{"a scope can't pass for a role", roles, map[string]any{"scope": "read role:admin", "scp": []string{"group:staff"}}, []string{"read"}},
	}
	issuer := newIssuer(t, authtest.Config{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Grants = tt.grants })
			c, err := v.Verify(t.Context(), issuer.Mint(authtest.Token{Claims: tt.claims}))
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Scopes(); strings.Join(got, "|") != strings.Join(tt.want, "|") {
				t.Errorf("scopes %q, want %q", got, tt.want)
			}
			for _, name := range tt.want {
				if !c.HasScope(name) {
					t.Errorf("Has(%q) is false", name)
				}
			}
			if c.HasScope("nothing") || c.HasScope("") {
				t.Error("has what it has not")
			}
		})
	}
}

func TestClaimsAccessors(t *testing.T) {
	c, err := middleware.ParseClaims([]byte(
		`{"iss":"https://issuer.test","sub":"s","aud":["a","b"],"client_id":"c","jti":"j",` +
			`"exp":30,"iat":10.5,"nbf":20,"scope":"read","tenant":{"id":7}}`,
	))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{
		"iss": c.Issuer(), "sub": c.Subject(), "aud": c.Audience(), "client": c.ClientID(), "jti": c.ID(), "kid": c.KeyID(),
		"exp": c.Expiry().UnixNano(), "iat": c.IssuedAt().UnixNano(), "nbf": c.NotBefore().UnixNano(), "scopes": c.Scopes(),
	}
	want := map[string]any{
		"iss": "https://issuer.test", "sub": "s", "aud": []string{"a", "b"}, "client": "c", "jti": "j", "kid": "",
		"exp": int64(30e9), "iat": int64(10.5e9), "nbf": int64(20e9), "scopes": []string{"read"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	absent, err := middleware.ParseClaims([]byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	if !absent.Expiry().IsZero() || !absent.IssuedAt().IsZero() || !absent.NotBefore().IsZero() ||
		absent.Audience() != nil || absent.Subject() != "" {
		t.Error("claims that are absent are not zero")
	}
}

func TestClaimsCannotBeChanged(t *testing.T) {
	c, err := middleware.ParseClaims([]byte(`{"scope":"read","aud":["a"],"m":{"x":"y"}}`))
	if err != nil {
		t.Fatal(err)
	}
	c.Scopes()[0] = "admin"
	c.Audience()[0] = "b"
	var m struct {
		M map[string]any `json:"m"`
	}
	if err := c.Decode(&m); err != nil {
		t.Fatal(err)
	}
	m.M["x"] = "z"
	var raw struct {
		M json.RawMessage `json:"m"`
	}
	if err := c.Decode(&raw); err != nil {
		t.Fatal(err)
	}
	raw.M[2] = 'q'
	var again map[string]any
	if err := c.Decode(&again); err != nil {
		t.Fatal(err)
	}
	if c.HasScope("admin") || !c.HasScope("read") || c.Audience()[0] != "a" || again["m"].(map[string]any)["x"] != "y" {
		t.Errorf("changed: %v %v %v", c.Scopes(), c.Audience(), again)
	}
}

func TestDecodeMatchesNamesToTheLetter(t *testing.T) {
	c, err := middleware.ParseClaims([]byte(`{"SUB":"admin","ſub":"admin","Role":"admin","sub":"user"}`))
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Sub  string `json:"sub"`
		Role string `json:"role"`
	}
	if err := c.Decode(&v); err != nil {
		t.Fatal(err)
	}
	if v.Sub != "user" || v.Role != "" {
		t.Errorf("decoded %+v", v)
	}
}

func TestParseClaimsIsStrict(t *testing.T) {
	for name, payload := range map[string]string{
		"empty":              ``,
		"an array":           `[]`,
		"a name twice":       `{"a":1,"a":2}`,
		"a name twice below": `{"a":{"b":1,"b":2}}`,
		"invalid UTF-8":      "{\"a\":\"\xff\"}",
		"text after it":      `{} {}`,
		"exp as a string":    `{"exp":"1"}`,
		"sub as a number":    `{"sub":1}`,
		"aud with a null":    `{"aud":[null]}`,
		"scope with a null":  `{"scope":["a",null]}`,
		"scope as an object": `{"scope":{"a":"b"}}`,
		"events as an array": `{"events":["a"]}`,
	} {
		if c, err := middleware.ParseClaims([]byte(payload)); err == nil || !c.IsZero() {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestParseClaimsSharesNothingWithItsArgument(t *testing.T) {
	payload := []byte(`{"sub":"alice"}`)
	c, err := middleware.ParseClaims(payload)
	if err != nil {
		t.Fatal(err)
	}
	copy(payload, strings.Repeat("x", len(payload)))
	if c.Subject() != "alice" {
		t.Errorf("sub became %q", c.Subject())
	}
}

func TestClaimsNameTheKeyThatVerifiedThem(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	c, err := newJWT(t, issuer, nil).Verify(t.Context(), issuer.Mint(header("kid", nil)))
	if err != nil {
		t.Fatal(err)
	}
	if c.KeyID() != issuer.Key().ID() {
		t.Errorf("KeyID %q, want %q", c.KeyID(), issuer.Key().ID())
	}
	if d := time.Until(c.Expiry()); d <= 0 || d > 10*time.Minute {
		t.Errorf("expires in %v", d)
	}
}

// An observer may ask for the claims of a refused request.
func TestTheZeroClaimsAnswerEmpty(t *testing.T) {
	var c middleware.Claims
	if !c.IsZero() || c.Issuer() != "" || c.Subject() != "" || c.ClientID() != "" || c.ID() != "" || c.KeyID() != "" ||
		len(c.Audience()) != 0 || len(c.Scopes()) != 0 || c.HasScope("") ||
		!c.Expiry().IsZero() || !c.IssuedAt().IsZero() || !c.NotBefore().IsZero() {
		t.Errorf("%+v", c)
	}
	var into map[string]any
	if err := c.Decode(&into); err == nil || into != nil || !strings.Contains(err.Error(), "no verified claims") {
		t.Errorf("decoded %v, %v", into, err)
	}
}

// Validate and a handler each get a copy of the Claims. If one of them writes to its copy,
// nobody else sees the change.
func TestNobodyCanWriteToRememberedClaims(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	other, err := middleware.ParseClaims([]byte(`{"sub":"admin","scope":"admin"}`))
	if err != nil {
		t.Fatal(err)
	}
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
		c.Validate = func(_ context.Context, c middleware.Claims) error {
			held := &c
			*held = other
			return nil
		}
	})
	g := newGuard(t, v, middleware.Options{})
	token := bearer(issuer.Mint(authtest.Token{}))
	for range 2 {
		pass, err := g.Check(t.Context(), middleware.Request{Header: token}, scopes.Authenticated())
		if err != nil {
			t.Fatal(err)
		}
		c, _ := middleware.ClaimsFrom(pass.Context)
		if c.Subject() != "user-1" {
			t.Errorf("the request of %q", c.Subject())
		}
		held := &c
		*held = other
		if err := g.Authorize(pass.Context, scopes.All("admin")); codeOf(err) != "insufficient_scope" {
			t.Errorf("a handler has made itself an admin: %v", err)
		}
	}
}
