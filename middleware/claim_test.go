package middleware_test

import (
	stdjson "encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
)

func parse(t testing.TB, payload string) middleware.Claims {
	t.Helper()
	c, err := middleware.ParseClaims([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const tenants = ` {
	"tenant": "acme", "empty": "", "null": null, "seven": 7, "yes": true, "groups": ["a", "b"], "\u0061ge": 41,
	"org": {"id": "o-1", "parent": {"id": "o-0"}, "v1.0": "dots", "null": null, "members": [{"Name": "x", "name": "y"}]},
	"https://example.com/tenant": "by URL", "https://example.com/v1": {"roles": ["r"]},
	"a\\b": "backslash", "Tenant": "evil"
} `

// claimed returns what Claim does, with its type left out.
func claimed[T any](c middleware.Claims, path string) (any, error) {
	return middleware.Claim[T](c, path)
}

type person struct {
	Name string `json:"name"`
}

func TestClaimFindsOneClaim(t *testing.T) {
	c := parse(t, tenants)
	tests := []struct {
		name, path string
		get        func(middleware.Claims, string) (any, error)
		want       any
	}{
		{"a string", "tenant", claimed[string], "acme"},
		{"an empty string that is there", "empty", claimed[string], ""},
		{"a number", "seven", claimed[int], 7},
		{"a boolean", "yes", claimed[bool], true},
		{"an array", "groups", claimed[[]string], []string{"a", "b"}},
		{"a name with an escape", "age", claimed[float64], 41.0},
		{"a nested name", "org.id", claimed[string], "o-1"},
		{"a name nested twice", "org.parent.id", claimed[string], "o-0"},
		{"a dot in a nested name", `org.v1\.0`, claimed[string], "dots"},
		{"a URL", `https://example\.com/tenant`, claimed[string], "by URL"},
		{"a name below a URL", `https://example\.com/v1.roles`, claimed[[]string], []string{"r"}},
		{"a backslash in a name", `a\\b`, claimed[string], "backslash"},
		{"an object, whose names match to the letter", "org.members", claimed[[]person], []person{{"y"}}},
		{"an object as a map", "org.parent", claimed[map[string]any], map[string]any{"id": "o-0"}},
		{"any type", "org.parent", claimed[any], any(map[string]any{"id": "o-0"})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.get(c, tt.path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestClaimSaysWhichClaimItDoesNotFind(t *testing.T) {
	tests := []struct {
		name, path string
		get        func(middleware.Claims, string) (any, error)
		want       string
	}{
		{"absent", "team", claimed[string], `claim "team": absent`},
		{"another case", "TENANT", claimed[string], `claim "TENANT": absent`},
		{"absent below an object", "org.team", claimed[string], `claim "org.team": absent`},
		{"below a string", "tenant.id", claimed[string], `claim "tenant.id": absent`},
		{"below an array", "groups.a", claimed[string], `claim "groups.a": absent`},
		{"below null", "null.a", claimed[string], `claim "null.a": absent`},
		{"null for a string", "null", claimed[string], `claim "null": null`},
		{"null for a pointer", "null", claimed[*string], `claim "null": null`},
		{"null for any type", "null", claimed[any], `claim "null": null`},
		{"null for JSON", "null", claimed[stdjson.RawMessage], `claim "null": null`},
		{"null for Strings", "null", claimed[middleware.Strings], `claim "null": null`},
		{"null below an object", "org.null", claimed[string], `claim "org.null": null`},
		{"another type", "seven", claimed[string], `claim "seven": json: `},
		{"a type that nothing decodes into", "seven", claimed[chan int], `claim "seven": json: `},
		{"an element of another type", "groups", claimed[[]int], `claim "groups": json: `},
		{"no path", "", claimed[string], `claim "": the path has an empty name`},
		{"an empty name", "org..id", claimed[string], `claim "org..id": the path has an empty name`},
		{"a stray backslash", `a\b`, claimed[string], `claim "a\\b": the path has a backslash before`},
		{
			"a URL without a backslash", "https://example.com/tenant", claimed[string],
			"claim \"https://example.com/tenant\": the path is split at a dot of the URL: " +
				"write a backslash before each dot of a name, as in `https://example\\.com/tenant`",
		},
	}
	c := parse(t, tenants)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.get(c, tt.path)
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("error %v, want %s", err, tt.want)
			}
			if list, ok := got.([]int); ok && list != nil {
				t.Errorf("%v beside an error", list)
			}
		})
	}
	if _, err := middleware.Claim[string](middleware.Claims{}, "tenant"); err == nil ||
		err.Error() != `claim "tenant": no verified claims in this context` {
		t.Errorf("of the zero Claims: %v", err)
	}
}

func TestClaimSharesNothingWithItsClaims(t *testing.T) {
	c := parse(t, tenants)
	for range 2 {
		raw, err := middleware.Claim[stdjson.RawMessage](c, "tenant")
		if err != nil || string(raw) != `"acme"` {
			t.Fatalf("%s, %v", raw, err)
		}
		copy(raw, "xxxxxx")
		list, err := middleware.Claim[[]string](c, "groups")
		if err != nil || list[0] != "a" {
			t.Fatalf("%v, %v", list, err)
		}
		list[0] = "x"
	}
}

func TestClientID(t *testing.T) {
	tests := []struct{ name, payload, want string }{
		{"none", `{"sub":"s"}`, ""},
		{"client_id before all others", `{"cid":"4","appid":"3","azp":"2","client_id":"1"}`, "1"},
		{"azp", `{"cid":"4","appid":"3","azp":"2"}`, "2"},
		{"appid", `{"cid":"4","appid":"3"}`, "3"},
		{"cid", `{"cid":"4"}`, "4"},
		{"an empty one counts as absent", `{"client_id":"","azp":"","appid":"3"}`, "3"},
		{"one of a wrong type counts as absent", `{"azp":["2"],"appid":{"a":"3"},"cid":"4"}`, "4"},
		{"so does null", `{"azp":null,"appid":7,"cid":true}`, ""},
		{"a nested one is another claim", `{"act":{"azp":"2"}}`, ""},
		{"names match to the letter", `{"AZP":"2","Cid":"4"}`, ""},
		{"white space around the claims", "\n {\"azp\":\"2\"}\t", "2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := parse(t, tt.payload).ClientID(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// RFC 9068 §2.2 requires client_id, and knows no other name for it.
func TestRFC9068DemandsClientIDItself(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.RequireRFC9068 = true })
	profile := func(name string) string {
		token := header("typ", "at+jwt")
		token.Claims = map[string]any{"sub": "s", "jti": "j", "client_id": nil}
		token.Claims[name] = "c"
		return issuer.Mint(token)
	}
	if _, err := v.Verify(t.Context(), profile("client_id")); err != nil {
		t.Errorf("with client_id: %v", err)
	}
	for _, name := range []string{"azp", "appid", "cid"} {
		if _, err := v.Verify(t.Context(), profile(name)); !errors.Is(err, middleware.ErrInvalidToken) ||
			!strings.Contains(err.Error(), "RFC 9068") {
			t.Errorf("with %s: %v", name, err)
		}
	}
}

// How a program may decode a claim into Strings. Each returns the strings in the JSON text.
var intoStrings = map[string]func(text string) (middleware.Strings, error){
	"encoding/json": func(text string) (middleware.Strings, error) {
		var v struct {
			Aud middleware.Strings `json:"aud"`
		}
		err := stdjson.Unmarshal([]byte(`{"aud":`+text+`}`), &v)
		return v.Aud, err
	},
	"go-json-experiment": func(text string) (middleware.Strings, error) {
		var v middleware.Strings
		err := json.Unmarshal([]byte(text), &v)
		return v, err
	},
	"Decode": func(text string) (middleware.Strings, error) {
		var v struct {
			Groups middleware.Strings `json:"groups"`
		}
		c, err := middleware.ParseClaims([]byte(`{"groups":` + text + `}`))
		if err != nil {
			return nil, err
		}
		err = c.Decode(&v)
		return v.Groups, err
	},
	"Claim": func(text string) (middleware.Strings, error) {
		c, err := middleware.ParseClaims([]byte(`{"groups":` + text + `}`))
		if err != nil {
			return nil, err
		}
		return middleware.Claim[middleware.Strings](c, "groups")
	},
	"UnmarshalJSON": func(text string) (middleware.Strings, error) {
		var v middleware.Strings
		err := v.UnmarshalJSON([]byte(text))
		return v, err
	},
}

func TestStringsTakesAStringOrAnArrayOfStrings(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string // nil: an error
	}{
		{"a string", `"a"`, []string{"a"}},
		{"an empty string", `""`, []string{""}},
		{"a string with spaces is one", `"a b"`, []string{"a b"}},
		{"an escape", `"\u0061"`, []string{"a"}},
		{"white space around it", " [\n\"a\" ]\t", []string{"a"}},
		{"an array", `["a","b","a"]`, []string{"a", "b", "a"}},
		{"an empty array", `[]`, []string{}},
		{"null", `null`, nil},
		{"a number", `7`, nil},
		{"a boolean", `true`, nil},
		{"an object", `{"a":"b"}`, nil},
		{"an array with null", `["a",null]`, nil},
		{"an array with a number", `["a",7]`, nil},
		{"an array in an array", `[["a"]]`, nil},
		{"a lone surrogate", `"\ud800"`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for by, decode := range intoStrings {
				got, err := decode(tt.text)
				if (err == nil) != (tt.want != nil) || !slices.Equal(got, tt.want) || tt.want != nil && got == nil {
					t.Errorf("by %s: %q, %v", by, got, err)
				}
			}
		})
	}
}

func TestStringsStaysAsItIsAfterAnError(t *testing.T) {
	v := middleware.Strings{"before"}
	for _, text := range []string{``, `nul`, `"a`, `["a"`, `["a",null]`, `"a" "b"`, "\"\xff\""} {
		if err := v.UnmarshalJSON([]byte(text)); err == nil || len(v) != 1 || v[0] != "before" {
			t.Errorf("%s: %q, %v", text, v, err)
		}
	}
}

func TestStringsIsWrittenAsAnArray(t *testing.T) {
	text, err := stdjson.Marshal(middleware.Strings{"a"})
	if err != nil || string(text) != `["a"]` {
		t.Errorf("%s, %v", text, err)
	}
}

// The naive model knows a value of any type, and looks at what it got.
func FuzzStrings(f *testing.F) {
	for _, text := range []string{
		`"a"`, `["a","b"]`, `[]`, `null`, `[null]`, `{"a":1}`, `7`, `["a",["b"]]`, ` "\u0061" `,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var model any
		var want []string
		good := json.Unmarshal([]byte(text), &model) == nil
		switch v := model.(type) {
		case string:
			want = []string{v}
		case []any:
			for _, e := range v {
				s, ok := e.(string)
				want, good = append(want, s), good && ok
			}
		default:
			good = false
		}
		var got middleware.Strings
		err := got.UnmarshalJSON([]byte(text))
		if (err == nil) != good || good && !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v; want %q, good: %t", text, got, err, want, good)
		}
	})
}

// The naive model decodes all claims and walks down.
func FuzzClaim(f *testing.F) {
	for _, path := range []string{"tenant", "org.parent.id", `org.v1\.0`, `a\\b`, "null", "groups.0", "", "a..b", "age"} {
		f.Add(tenants, path)
	}
	f.Fuzz(func(t *testing.T, payload, path string) {
		c, err := middleware.ParseClaims([]byte(payload))
		if err != nil || strings.Contains(path, "://") || strings.ContainsAny(path, "\x00\x01") {
			return
		}
		var model any
		if err := json.Unmarshal([]byte(payload), &model); err != nil {
			t.Fatal(err)
		}
		// Escaped characters become ones that the path does not have.
		malformed := false
		for name := range strings.SplitSeq(strings.NewReplacer(`\\`, "\x00", `\.`, "\x01").Replace(path), ".") {
			malformed = malformed || name == "" || strings.Contains(name, `\`)
			object, _ := model.(map[string]any)
			model = object[strings.NewReplacer("\x00", `\`, "\x01", ".").Replace(name)]
		}
		if malformed {
			model = nil
		}
		got, err := middleware.Claim[any](c, path)
		if (err == nil) != (model != nil) || fmt.Sprint(got) != fmt.Sprint(model) {
			t.Errorf("%q of %q: %v, %v; want %v", path, payload, got, err, model)
		}
	})
}
