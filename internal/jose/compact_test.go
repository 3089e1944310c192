package jose_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bearerguard/bearerguard/internal/jose"
)

func TestSplit(t *testing.T) {
	for _, row := range []struct {
		name, token string
		want        jose.Compact
		ok          bool
	}{
		{"three parts", "aa.bbb.c", jose.Compact{SigningInput: "aa.bbb", Header: "aa", Payload: "bbb", Signature: "c"}, true},
		{"nothing", "", jose.Compact{}, false},
		{"no dot", "abc", jose.Compact{}, false},
		{"one dot", "a.b", jose.Compact{}, false},
		{"one dot alone", ".", jose.Compact{}, false},
		{"two dots alone", "..", jose.Compact{}, false},
		{"three dots", "a.b.c.d", jose.Compact{}, false},
		{"three dots, two of them together", "a..b.c", jose.Compact{}, false},
		{"three dots, the last two together", "a.b..c", jose.Compact{}, false},
		{"a dot at the end", "a.b.c.", jose.Compact{}, false},
		{"a dot at the start", ".a.b.c", jose.Compact{}, false},
		{"five parts, a JWE", "a.b.c.d.e", jose.Compact{}, false},
		{"no header", ".b.c", jose.Compact{}, false},
		{"no payload", "a..c", jose.Compact{}, false},
		{"no signature", "a.b.", jose.Compact{}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := jose.Split(row.token)
			if (err == nil) != row.ok {
				t.Fatalf("got err = %v, want ok %v", err, row.ok)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestAlgorithm(t *testing.T) {
	names := []string{
		"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519", "HS256",
		"HS384", "HS512",
	}
	for i, a := range algorithms {
		got, ok := jose.ParseAlgorithm(names[i])
		if !ok || got != a || a.String() != names[i] {
			t.Errorf("%s: parsed as %v, %v; prints as %v", names[i], got, ok, a)
		}
		if want := names[i][0] == 'H'; a.Symmetric() != want {
			t.Errorf("%v: symmetric is %v", a, a.Symmetric())
		}
	}
	for _, name := range []string{
		"", "none", "None", "rs256", "EDDSA", "Ed448", "ES256K", "RSA-OAEP", "HS256 ", "unknown",
	} {
		if a, ok := jose.ParseAlgorithm(name); ok || a != 0 {
			t.Errorf("%q is parsed as %v", name, a)
		}
	}
	for _, a := range []jose.Algorithm{0, 15, 255} {
		if a.String() != "unknown" || a.Symmetric() {
			t.Errorf("%d: %v, symmetric %v", uint8(a), a, a.Symmetric())
		}
	}
}
