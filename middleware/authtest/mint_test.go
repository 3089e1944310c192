package authtest_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// split decodes the parts of a token strictly.
func split(t *testing.T, token string) (header, payload, signature string) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%d parts in %s", len(parts), token)
	}
	for n, part := range parts {
		octets, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil {
			t.Fatal(err)
		}
		parts[n] = string(octets)
	}
	return parts[0], parts[1], parts[2]
}

func mustKey(t *testing.T, algorithm string) *authtest.Key {
	t.Helper()
	key, err := authtest.NewKey(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

var noon = time.Date(2030, 1, 2, 12, 0, 0, 999, time.UTC) // 1893585600

func TestMint(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	es := mustKey(t, "ES256")
	hs := authtest.KeyFromSecret("pub", []byte("secret"))
	good := `{"aud":"https://api.test","client_id":"client-1","exp":946685100,"iat":946684800,` +
		`"iss":"https://issuer.test","sub":"user-1"}`
	head := `{"alg":"ES256","kid":"` + issuer.Key().ID() + `","typ":"at+jwt"}`
	lone := map[string]any{"iss": nil, "aud": nil, "sub": nil, "client_id": nil, "iat": nil, "exp": nil, "jti": nil}
	with := func(base map[string]any, name string, value any) map[string]any {
		changed := map[string]any{}
		for n, v := range base {
			changed[n] = v
		}
		changed[name] = value
		return changed
	}
	for _, c := range []struct {
		name            string
		token           authtest.Token
		header, payload string
	}{
		{"the zero token is a good one", authtest.Token{}, head, good},
		{"every claim can be taken away", authtest.Token{Claims: lone}, head, `{}`},
		{"a claim is replaced", authtest.Token{Claims: with(lone, "sub", "eve")}, head, `{"sub":"eve"}`},
		{"a claim is added", authtest.Token{Claims: with(lone, "roles", []string{"a"})}, head, `{"roles":["a"]}`},
		{"a null is written", authtest.Token{Claims: with(lone, "sub", json.RawMessage("null"))}, head, `{"sub":null}`},
		{
			"a number keeps its spelling",
			authtest.Token{Claims: with(lone, "exp", json.Number("1e400"))},
			head, `{"exp":1e400}`,
		},
		{
			"a time is a NumericDate",
			authtest.Token{Claims: with(lone, "nbf", noon.Add(time.Hour))},
			head, `{"nbf":1893589200}`,
		},
		{"a time before 1970", authtest.Token{Claims: with(lone, "nbf", time.Unix(-5, 0))}, head, `{"nbf":-5}`},
		{"no HTML escapes", authtest.Token{Claims: with(lone, "sub", "<&>")}, head, `{"sub":"<&>"}`},
		{"a scope", authtest.Token{Claims: lone, Scope: "a b"}, head, `{"scope":"a b"}`},
		{"a claim wins over the scope", authtest.Token{Claims: with(lone, "scope", 7), Scope: "a"}, head, `{"scope":7}`},
		{"a login", authtest.Token{Claims: lone, ACR: "gold", AuthTime: noon}, head, `{"acr":"gold","auth_time":1893585600}`},
		{"claims win over the login", authtest.Token{Claims: with(with(lone, "acr", 7), "auth_time", nil), ACR: "gold", AuthTime: noon}, head, `{"acr":7}`},
		{"a claim takes the scope away", authtest.Token{Claims: with(lone, "scope", nil), Scope: "a"}, head, `{}`},
		{
			"a header is replaced",
			authtest.Token{Claims: lone, Header: map[string]any{"kid": "x", "alg": "none", "typ": "JWT"}},
			`{"alg":"none","kid":"x","typ":"JWT"}`, `{}`,
		},
		{
			"a header is taken away",
			authtest.Token{Claims: lone, Header: map[string]any{"kid": nil, "typ": nil}},
			`{"alg":"ES256"}`, `{}`,
		},
		{
			"a header is added",
			authtest.Token{Claims: lone, Header: map[string]any{"kid": nil, "crit": []string{}}},
			`{"alg":"ES256","crit":[],"typ":"at+jwt"}`, `{}`,
		},
		{
			"another key gives its kid",
			authtest.Token{Claims: lone, Key: es},
			`{"alg":"ES256","kid":"` + es.ID() + `","typ":"at+jwt"}`, `{}`,
		},
		{
			"a secret gives its alg and kid",
			authtest.Token{Claims: lone, Key: hs},
			`{"alg":"HS256","kid":"pub","typ":"at+jwt"}`, `{}`,
		},
		{
			"an algorithm beside the key's",
			authtest.Token{Claims: lone, Key: hs, Algorithm: "HS512"},
			`{"alg":"HS512","kid":"pub","typ":"at+jwt"}`, `{}`,
		},
		{"a payload as it is", authtest.Token{Claims: lone, Payload: `{"a":1,"a":`}, head, `{"a":1,"a":`},
		{"a header as it is", authtest.Token{Claims: lone, RawHeader: "\xff"}, "\xff", `{}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var token string
			synctest.Test(t, func(*testing.T) { token = issuer.Mint(c.token) }) // at the start of the year 2000
			header, payload, signature := split(t, token)
			if c.payload == good {
				payload = withoutJTI(t, payload)
			}
			if diff := cmp.Diff([2]string{c.header, c.payload}, [2]string{header, payload}); diff != "" {
				t.Error(diff)
			}
			if len(signature) < 32 {
				t.Errorf("a signature of %d octets", len(signature))
			}
		})
	}
}

func withoutJTI(t *testing.T, payload string) string {
	t.Helper()
	var claims map[string]any
	dec := json.NewDecoder(strings.NewReader(payload))
	dec.UseNumber()
	if err := dec.Decode(&claims); err != nil {
		t.Fatal(err)
	}
	if id, _ := claims["jti"].(string); len(id) < 20 {
		t.Errorf("jti %q", id)
	}
	delete(claims, "jti")
	octets, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return string(octets)
}

func TestMintLeavesItsInputAlone(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	claims, header := map[string]any{"a": nil, "b": noon}, map[string]any{"typ": nil}
	issuer.Mint(authtest.Token{Claims: claims, Header: header})
	want := []map[string]any{{"a": nil, "b": noon}, {"typ": nil}}
	if diff := cmp.Diff(want, []map[string]any{claims, header}); diff != "" {
		t.Error(diff)
	}
}

func TestMintTellsTokensApart(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Algorithm: "EdDSA"})
	first, second := issuer.Mint(authtest.Token{}), issuer.Mint(authtest.Token{})
	if first == second {
		t.Error("two tokens with one jti")
	}
}

func TestMintNone(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	token := issuer.Mint(authtest.Token{Algorithm: "none"})
	header, _, signature := split(t, token)
	if !strings.Contains(header, `"alg":"none"`) || signature != "" || !strings.HasSuffix(token, ".") {
		t.Errorf("got %s", token)
	}
}

func TestMintTampersLast(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	var seen string
	got := issuer.Mint(authtest.Token{Tamper: func(token string) string { seen = token; return "changed" }})
	if got != "changed" {
		t.Errorf("got %s", got)
	}
	if _, _, signature := split(t, seen); len(signature) != 64 {
		t.Errorf("Tamper was given %s", seen)
	}
}

func TestMintFollowsTheCurrentKey(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	key := issuer.Rotate()
	if header, _, _ := split(t, issuer.Mint(authtest.Token{})); !strings.Contains(header, key.ID()) {
		t.Errorf("header %s", header)
	}
}

func TestMintPanics(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	for _, c := range []struct {
		name  string
		token authtest.Token
	}{
		{"a claim that JSON cannot say", authtest.Token{Claims: map[string]any{"a": func() {}}}},
		{"a header that JSON cannot say", authtest.Token{Header: map[string]any{"a": make(chan int)}}},
		{"HMAC with a private key", authtest.Token{Algorithm: "HS256"}},
		{"RSA with a key for ECDSA", authtest.Token{Algorithm: "RS256"}},
		{"ECDSA with a secret", authtest.Token{Key: mustKey(t, "HS256"), Algorithm: "ES256"}},
		{"ECDSA with an Edwards key", authtest.Token{Key: mustKey(t, "EdDSA"), Algorithm: "ES512"}},
		{"an algorithm that only begins well", authtest.Token{Algorithm: "ES256K"}},
		{"an algorithm with something in between", authtest.Token{Algorithm: "ES-256"}},
		{"an unknown hash", authtest.Token{Algorithm: "ES255"}},
		{"an unknown algorithm", authtest.Token{Algorithm: "x"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer func() {
				if message, _ := recover().(string); !strings.HasPrefix(message, "authtest: ") {
					t.Errorf("panic %q", message)
				}
			}()
			issuer.Mint(c.token)
		})
	}
}
