package middleware_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// granted returns the scopes of a token whose claims have the members, for a verifier with the
// grants. ok is false if the token is refused.
func granted(
	t *testing.T, issuer *authtest.Issuer, grants []middleware.Grant, members string,
) (names []string, ok bool) {
	t.Helper()
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Grants, c.CacheBytes = grants, -1 })
	c, err := v.Verify(t.Context(), issuer.Mint(authtest.Token{
		Payload: `{"iss":"https://issuer.test","aud":"https://api.test","exp":4000000000,` + members + `}`,
	}))
	return c.Scopes(), err == nil
}

// repeated returns n texts, which format makes of their numbers.
func repeated(n int, format, separator string) string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(texts, separator)
}

func TestGrantsOfEachShape(t *testing.T) {
	type list = []middleware.Grant
	plain := list{{Path: "roles", Prefix: "r:"}}
	keys := list{{Path: "urn:roles", Prefix: "r:", Keys: true}}
	nested := list{{Path: "a.b", Prefix: "r:", Keys: true}}
	commas := list{{Path: "roles", Prefix: "r:", Separator: ","}}
	wide := list{{Path: "roles", Prefix: "r:", Separator: ", "}}
	bare := list{{Path: "permissions", InsecureNoPrefix: true}}
	both := list{bare[0], plain[0], {Path: "groups", Prefix: "a%20"}}
	for _, tt := range []struct {
		name    string
		grants  list
		members string
		want    string // joined with |
	}{
		{"a space", plain, `"roles":["Order Admin"]`, "r:Order%20Admin"},
		{"a percent sign", plain, `"roles":["Order%20Admin","50%"]`, "r:Order%2520Admin|r:50%25"},
		{"the two characters of ASCII that no scope has, and the ends of it", plain, `"roles":["a\"b\\c","\u0000","\u007f","!~"]`, "r:a%22b%5Cc|r:%00|r:%7F|r:!~"},
		{"characters beyond ASCII", plain, `"roles":"Käufer\u2028"`, "r:K%C3%A4ufer%E2%80%A8"},
		{"a pair of surrogates", plain, `"roles":"\ud83d\ude00"`, "r:%F0%9F%98%80"},
		{"operators of an expression are characters of a scope", plain, `"roles":"a&b|(c)"`, "r:a&b|(c)"},
		{"a name of white space", plain, `"roles":[" ","\t",""]`, "r:%20|r:%09"},
		{"scopes are not spelled in another way", plain, `"scope":["a b","50%"],"roles":"50%"`, "a b|50%|r:50%25"},
		{"a role twice", plain, `"roles":["a","a"]`, "r:a|r:a"},

		{"an object", keys, `"urn:roles":{"admin":{"org-7":"acme.example"},"sales":{"org-7":"acme.example","org-8":"b.example"}}`, "r:admin|r:sales"},
		{"an array of objects", keys, `"urn:roles":[{"admin":{"org-7":"a"}},7,"x",["y"],{"sales":true,"off":false}]`, "r:admin|r:sales"},
		{"values that say yes", keys, `"urn:roles":{"a":true,"b":{"x":null},"c":[0],"d":{ "x" : {} },"e":[ [] ]}`, "r:a|r:b|r:c|r:d|r:e"},
		{"values that may say no", keys, `"urn:roles":{"a":false,"b":null,"c":0,"d":1,"e":"","f":"true","g":{},"h":[],"i":{ },"j":[ ]}`, ""},
		{"a key with odd characters", keys, `"urn:roles":{"Order Admin":true,"50%":true,"\u00e4":true}`, "r:Order%20Admin|r:50%25|r:%C3%A4"},
		{"an empty key", keys, `"urn:roles":{"":true,"a":true}`, "r:a"},
		{"keys further inside are not roles", keys, `"urn:roles":{"admin":{"root":{"x":true}}}`, "r:admin"},
		{"objects in an array in an array", keys, `"urn:roles":[[{"admin":true}]]`, ""},
		{"an array of strings", keys, `"urn:roles":["admin"]`, ""},
		{"a string", keys, `"urn:roles":"admin"`, ""},
		{"what stands beside the object grants nothing", nested, `"a":{"x":{"root":true},"b":{"dev":true}},"b":{"root":true}`, "r:dev"},
		{"a path that ends early", nested, `"a":[{"b":{"root":true}}]`, ""},
		{"1000 keys", keys, `"urn:roles":{` + repeated(1000, `"%d":true`, ",") + `}`, repeated(1000, "r:%d", "|")},

		{"a delimited string", commas, `"roles":"admin,sales"`, "r:admin|r:sales"},
		{"one name", commas, `"roles":"admin"`, "r:admin"},
		{"nothing between the separators", commas, `"roles":",,admin,,sales,"`, "r:admin|r:sales"},
		{"separators alone", commas, `"roles":",,"`, ""},
		{"an empty string", commas, `"roles":""`, ""},
		{"white space belongs to a name", commas, `"roles":"admin, sales"`, "r:admin|r:%20sales"},
		{"an escaped separator", commas, `"roles":"admin\u002csales"`, "r:admin|r:sales"},
		{"an element of an array is one name", commas, `"roles":["guest,admin","sales"]`, "r:guest,admin|r:sales"},
		{"an object is not split", commas, `"roles":{"admin":true}`, ""},
		{"without a separator a string is one name", plain, `"roles":"guest,admin"`, "r:guest,admin"},
		{"a separator of two characters", wide, `"roles":"admin, sales,dev"`, "r:admin|r:sales,dev"},
		{"2000 names", commas, `"roles":"` + repeated(2000, "%d", ",") + `"`, repeated(2000, "r:%d", "|")},
		{"a separator of two bytes", list{{Path: "roles", Prefix: "r:", Separator: "é"}}, `"roles":"aéb\u00e9c"`, "r:a|r:b|r:c"},

		{"no prefix", bare, `"scope":"read","permissions":["read:orders","write:orders"]`, "read|read:orders|write:orders"},
		{"no prefix, and a scope of the same name", bare, `"scope":"read","permissions":["read"]`, "read|read"},
		{"no prefix, and a name in two words is one name", bare, `"permissions":["read write"]`, "read%20write"},
		{"no prefix, and an empty name", bare, `"permissions":["",""]`, ""},
		{"no prefix, and keys", list{{Path: "p", InsecureNoPrefix: true, Keys: true}}, `"p":{"read":true,"write":false}`, "read"},
		{"no prefix, and a separator", list{{Path: "p", InsecureNoPrefix: true, Separator: " "}}, `"p":"read write"`, "read|write"},
		{"no prefix, and names of other grants", both, `"scope":"r:x","permissions":["r:admin","read","r:","r","a b"],"roles":["dev"]`, "read|r|r:dev"},
		{"the order of the claims does not matter", both, `"roles":["dev"],"permissions":["r:admin","read"],"scope":"r:x"`, "r:dev|read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			names, ok := granted(t, newIssuer(t, authtest.Config{}), tt.grants, tt.members)
			if got := strings.Join(names, "|"); got != tt.want || !ok {
				t.Errorf("got  %.200s\nwant %.200s\naccepted: %t", got, tt.want, ok)
			}
		})
	}
}

func TestAClaimThatCannotBeReadGrantsNothing(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	grants := []middleware.Grant{{Path: "roles", Prefix: "r:", Keys: true}}
	for _, roles := range []string{
		"{\"a\xff\":true}", `{"\ud83d":true}`, "[\"\xc3\"]", `{"a":true,"\u0061":true}`,
		`{` + repeated(10_000, `"%d":true`, ",") + `}`, // longer than a token may be
	} {
		if names, ok := granted(t, issuer, grants, `"roles":`+roles); ok {
			t.Errorf("%.40q is accepted, and grants %.100q", roles, names)
		}
	}
}

// The naive model decodes the claims with encoding/json, and spells each name with Sprintf.
func FuzzGrant(f *testing.F) {
	for _, roles := range []string{
		`"admin"`, `["a b","%20","a%20b",""]`, `{"admin":{"org":"x"},"off":false,"":true}`,
		`[{"a":[1]},{"b":[]},7]`, `"a,b,,c"`, `["a,b"]`, `"r:a"`, `["r:a","r","read"]`, `null`,
		`"\ud83d\ude00\u0000"`, `{"a":{ },"b":[ ]}`, `{"r:a":true}`,
	} {
		f.Add(roles, "", false, false)
		f.Add(roles, ",", false, true)
		f.Add(roles, "", true, true)
	}
	issuer := newIssuer(f, authtest.Config{})
	f.Fuzz(func(t *testing.T, roles, separator string, keys, bare bool) {
		var model any
		if keys && separator != "" || !utf8.ValidString(separator) || json.Unmarshal([]byte(roles), &model) != nil {
			return
		}
		g := middleware.Grant{Path: "roles", Prefix: "q:", Keys: keys, Separator: separator, InsecureNoPrefix: bare}
		if bare {
			g.Prefix = ""
		}
		got, ok := granted(t, issuer, []middleware.Grant{g, {Path: "none", Prefix: "r:"}}, `"roles":`+roles)
		if !ok { // too long, too deep, a duplicate, or a lone surrogate
			return
		}
		var want []string
		for _, name := range namesIn(model, separator, keys) {
			var spelt strings.Builder
			for _, c := range []byte(name) {
				if c <= ' ' || c >= 0x7f || strings.ContainsRune(`"\%`, rune(c)) {
					fmt.Fprintf(&spelt, "%%%02X", c)
				} else {
					spelt.WriteByte(c)
				}
			}
			if name != "" && !(bare && strings.HasPrefix(name, "r:")) {
				want = append(want, g.Prefix+spelt.String())
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%+v of %q: %q, want %q", g, roles, got, want)
		}
		for _, name := range got {
			if !scopes.ValidName(name) {
				t.Errorf("no requirement can ask for %q", name)
			}
			role, err := url.PathUnescape(strings.TrimPrefix(name, g.Prefix))
			if err != nil || !slices.Contains(namesIn(model, separator, keys), role) {
				t.Errorf("%q does not lead back to a role: %v", name, err)
			}
		}
	})
}

// namesIn is the naive model of the three shapes.
func namesIn(claim any, separator string, keys bool) (names []string) {
	switch v := claim.(type) {
	case string:
		if separator != "" && !keys {
			return strings.Split(v, separator)
		}
		if !keys {
			return []string{v}
		}
	case map[string]any:
		for name, value := range v {
			object, _ := value.(map[string]any)
			array, _ := value.([]any)
			if keys && (value == true || len(object)+len(array) > 0) {
				names = append(names, name)
			}
		}
	case []any:
		for _, element := range v {
			if _, object := element.(map[string]any); object && keys {
				names = append(names, namesIn(element, separator, keys)...)
			}
			if name, ok := element.(string); ok && !keys {
				names = append(names, name)
			}
		}
	}
	return names
}
