package jose_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bearerguard/bearerguard/internal/jose"
)

func TestParseHeader(t *testing.T) {
	for _, row := range []struct {
		name, text string
		want       jose.Header
		ok         bool
	}{
		{"alg alone", `{"alg":"RS256"}`, jose.Header{Algorithm: jose.RS256}, true},
		{"all that is read", `{"typ":"at+jwt","alg":"ES256","kid":"1"}`, jose.Header{Algorithm: jose.ES256, KeyID: "1", Type: "at+jwt"}, true},
		{"escapes in names and values", `{"\u0061lg":"\u0052S256","kid":"a\/b"}`, jose.Header{Algorithm: jose.RS256, KeyID: "a/b"}, true},
		{"keys of its own are not read", `{"alg":"RS256","jwk":{"kty":"oct"},"jku":"x","x5u":1,"x5c":[],"x5t":null}`, jose.Header{Algorithm: jose.RS256}, true},
		{"unknown members are not read", `{"alg":"RS256","x":[{"crit":1,"b64":2,"alg":"none"}]}`, jose.Header{Algorithm: jose.RS256}, true},
		{"names are compared to the letter", `{"alg":"RS256","Kid":1,"TYP":2,"Alg":"none","CRIT":3}`, jose.Header{Algorithm: jose.RS256}, true},

		{"no alg", `{"kid":"1"}`, jose.Header{}, false},
		{"nothing in it", `{}`, jose.Header{}, false},
		{"alg none", `{"alg":"none"}`, jose.Header{}, false},
		{"alg None", `{"alg":"None"}`, jose.Header{}, false},
		{"alg NONE", `{"alg":"NONE"}`, jose.Header{}, false},
		{"an empty alg", `{"alg":""}`, jose.Header{}, false},
		{"an unknown alg", `{"alg":"ES256K"}`, jose.Header{}, false},
		{"alg in lower case", `{"alg":"rs256"}`, jose.Header{}, false},
		{"alg with a space", `{"alg":"RS256 "}`, jose.Header{}, false},
		{"alg is a number", `{"alg":256}`, jose.Header{}, false},
		{"alg is null", `{"alg":null}`, jose.Header{}, false},
		{"alg is an array", `{"alg":["RS256"]}`, jose.Header{}, false},
		{"alg twice", `{"alg":"RS256","alg":"RS256"}`, jose.Header{}, false},
		{"alg twice, once escaped", `{"alg":"none","\u0061lg":"RS256"}`, jose.Header{}, false},
		{"an empty kid", `{"alg":"RS256","kid":""}`, jose.Header{}, false},
		{"kid is a number", `{"alg":"RS256","kid":1}`, jose.Header{}, false},
		{"kid is null", `{"alg":"RS256","kid":null}`, jose.Header{}, false},
		{"an empty typ", `{"alg":"RS256","typ":""}`, jose.Header{}, false},
		{"typ is an array", `{"alg":"RS256","typ":["JWT"]}`, jose.Header{}, false},
		{"typ is null", `{"alg":"RS256","typ":null}`, jose.Header{}, false},
		{"crit", `{"alg":"RS256","crit":["exp"],"exp":1}`, jose.Header{}, false},
		{"an empty crit", `{"alg":"RS256","crit":[]}`, jose.Header{}, false},
		{"crit is null", `{"alg":"RS256","crit":null}`, jose.Header{}, false},
		{"crit escaped", `{"alg":"RS256","\u0063rit":[]}`, jose.Header{}, false},
		{"b64 true", `{"alg":"RS256","b64":true}`, jose.Header{}, false},
		{"b64 false", `{"alg":"RS256","b64":false}`, jose.Header{}, false},
		{"invalid JSON", `{"alg":"RS256"`, jose.Header{}, false},
		{"invalid JSON in a member that is not read", `{"alg":"RS256","jwk":{"a":1,"a":2}}`, jose.Header{}, false},
		{"text after it", `{"alg":"RS256"}x`, jose.Header{}, false},
		{"no object", `"RS256"`, jose.Header{}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := jose.ParseHeader(row.text)
			if (err == nil) != row.ok {
				t.Fatalf("got err = %v, want ok %v", err, row.ok)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func TestDecodeHeader(t *testing.T) {
	longest := `{"alg":"RS256","x":"` + strings.Repeat("x", jose.MaxHeader/4*3-len(`{"alg":"RS256","x":""}`)) + `"}`
	for _, row := range []struct {
		name, segment string
		ok            bool
	}{
		{"a header", encode(`{"alg":"RS256"}`), true},
		{"the longest one", encode(longest), true},
		{"one that is longer by a character", encode(longest + " ")[:jose.MaxHeader+1], false},
		{"one that is longer by an octet", encode(longest + " "), false},
		{"padding", encode(`{"alg":"RS256"} `) + "==", false},
		{"no JSON", encode(`{"alg":"RS256"`), false},
		{"nothing", "", false},
	} {
		got, err := jose.DecodeHeader(row.segment)
		if ok := err == nil; ok != row.ok || ok != (got.Algorithm == jose.RS256) {
			t.Errorf("%s: %+v, %v", row.name, got, err)
		}
	}
}

// TestDecodeHeaderReturnsTextOfItsOwn decodes several headers, because they share a buffer in turn.
func TestDecodeHeaderReturnsTextOfItsOwn(t *testing.T) {
	decode := func(text string) jose.Header {
		h, err := jose.DecodeHeader(encode(text))
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	for range 100 {
		first := decode(`{"alg":"ES256","kid":"first","typ":"at+jwt"}`)
		decode(`{"alg":"RS256","kid":"XXXXX","typ":"XXXXXX"}`)
		if want := (jose.Header{Algorithm: jose.ES256, KeyID: "first", Type: "at+jwt"}); first != want {
			t.Fatalf("%+v, want %+v", first, want)
		}
	}
}

// FuzzParseHeader compares with the members that an independent decoder finds.
func FuzzParseHeader(f *testing.F) {
	for _, seed := range []string{
		`{"alg":"RS256"}`, benchHeader, `{"alg":"none"}`, `{"alg":"ES256","crit":[]}`, `{"alg":"ES256","b64":true}`,
		`{"\u0061lg":"HS256","kid":""}`, `{"kid":"1","typ":"JWT"}`,
		`{"alg":"EdDSA","jwk":{"alg":"none"}}`, `{}`, ``,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := jose.ParseHeader(text)
		if err != nil {
			if got != (jose.Header{}) {
				t.Fatalf("%+v beside an error", got)
			}
			return
		}
		var want jose.Header
		for name, v := range oracleMembers(t, text) {
			s, _ := v.(string)
			switch name {
			case "alg":
				want.Algorithm, _ = jose.ParseAlgorithm(s)
			case "kid":
				want.KeyID = s
			case "typ":
				want.Type = s
			case "crit", "b64":
				t.Fatalf("%q: accepted, want an error", text)
			}
			if name == "kid" || name == "typ" || name == "alg" {
				if s == "" {
					t.Fatalf("%q: accepted, want an error", text)
				}
			}
		}
		if want.Algorithm == 0 {
			t.Fatalf("%q: accepted, want an error", text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
	})
}
