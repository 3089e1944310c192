package jose_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/bearerguard/bearerguard/internal/jose"
)

func TestSplitKeySet(t *testing.T) {
	for _, row := range []struct {
		name, text string
		want       []string
		ok         bool
	}{
		{"no key", `{"keys":[]}`, nil, true},
		{"two keys", `{"keys":[{"kty":"RSA"},{"kty":"EC"}]}`, []string{`{"kty":"RSA"}`, `{"kty":"EC"}`}, true},
		{"white space and other members", " {\"a\":{\"keys\":[1]},\"keys\" : [ {} ,\n{\"b\":\"]}\"} ] , \"c\":null } ", []string{`{}`, `{"b":"]}"}`}, true},
		{"keys with its name escaped", `{"\u006beys":[{}]}`, []string{`{}`}, true},
		{"a duplicate name inside of an element", `{"keys":[{"a":1,"a":2},{}]}`, []string{`{"a":1,"a":2}`, `{}`}, true},
		{"invalid JSON inside of an element", `{"keys":[{"a":01,},{}]}`, []string{`{"a":01,}`, `{}`}, true},
		{"invalid UTF-8 inside of an element", "{\"keys\":[{\"a\":\"\xff\"},{}],\"b\":\"é\"}", []string{"{\"a\":\"\xff\"}", `{}`}, true},
		{"a lone surrogate inside of an element", `{"keys":[{"a":"\ud83d"},{}]}`, []string{`{"a":"\ud83d"}`, `{}`}, true},
		{"an element nested too deeply", `{"keys":[` + strings.Repeat("[", 99) + strings.Repeat("]", 99) + `,{}]}`, []string{strings.Repeat("[", 99) + strings.Repeat("]", 99), `{}`}, true},
		{"elements that are no objects", `{"keys":[1,"a",null,[2],tru]}`, []string{`1`, `"a"`, `null`, `[2]`, `tru`}, true},

		{"no keys", `{}`, nil, false},
		{"Keys in capitals", `{"Keys":[]}`, nil, false},
		{"keys further inside", `{"a":{"keys":[{}]}}`, nil, false},
		{"keys is an object", `{"keys":{}}`, nil, false},
		{"keys is an object closed as an array", `{"keys":{]}`, nil, false},
		{"keys is an array without its opening", `{"keys":1]}`, nil, false},
		{"keys is null", `{"keys":null}`, nil, false},
		{"keys twice", `{"keys":[{}],"keys":[]}`, nil, false},
		{"another member twice", `{"a":1,"a":2,"keys":[]}`, nil, false},
		{"an array", `[{}]`, nil, false},
		{"nothing", ``, nil, false},
		{"a byte order mark", "\ufeff{\"keys\":[]}", nil, false},
		{"text after the object", `{"keys":[]}x`, nil, false},
		{"invalid UTF-8 before the keys", "{\"a\":\"\xff\",\"keys\":[{}]}", nil, false},
		{"invalid UTF-8 after the keys", "{\"keys\":[{}],\"a\":\"\xff\"}", nil, false},
		{"invalid UTF-8 beside an empty array", "{\"keys\":[],\"a\":\"\xff\"}", nil, false},
		{"invalid JSON in another member", `{"a":01,"keys":[]}`, nil, false},
		{"a trailing comma", `{"keys":[{},]}`, nil, false},
		{"a leading comma", `{"keys":[,{}]}`, nil, false},
		{"two commas", `{"keys":[{},,{}]}`, nil, false},
		{"no comma", `{"keys":[{}{}]}`, nil, false},
		{"an array that does not end", `{"keys":[{}`, nil, false},
		{"an array that does not end after a comma", `{"keys":[{},`, nil, false},
		{"an array that ends as an object", `{"keys":[{}}}`, nil, false},
		{"an element that does not end", `{"keys":[{"a":1]}`, nil, false},
		{"a string that does not end", `{"keys":["a]}`, nil, false},
		{"a string that ends in a backslash", `{"keys":["\`, nil, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := jose.SplitKeySet(row.text, 64)
			if (err == nil) != row.ok {
				t.Fatalf("got err = %v, want ok %v", err, row.ok)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestSplitKeySetReturnsNoMoreThanItsLimit(t *testing.T) {
	for _, row := range []struct {
		name, text string
		limit      int
		want       []string
		ok         bool
	}{
		{"fewer", `{"keys":[1,2]}`, 3, []string{"1", "2"}, true},
		{"just as many", `{"keys":[1,2]}`, 2, []string{"1", "2"}, true},
		{"more", `{"keys":[1,2,3,4]}`, 2, []string{"1", "2"}, true},
		{"none wanted", `{"keys":[1,2]}`, 0, nil, true},
		{"what is left out is delimited all the same", `{"keys":[1,{"a":[2},3]}`, 1, nil, false},
		{"what follows is read all the same", `{"keys":[1,2],"a":01}`, 1, nil, false},
		{"bad UTF-8 in what is left out harms nothing", "{\"keys\":[1,\"\xff\"]}", 1, []string{"1"}, true},
		{"bad UTF-8 after it", "{\"keys\":[1,2],\"\xff\":1}", 1, nil, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := jose.SplitKeySet(row.text, row.limit)
			if (err == nil) != row.ok {
				t.Fatalf("got err = %v, want ok %v", err, row.ok)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func FuzzSplitKeySet(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `{"keys":[]}`, `{"keys":[{"kty":"RSA"},{"kty":"EC"}]}`, `{"a":1,"keys":[1,"a",[2]],"b":{}}`,
		`{"keys":[{"a":01}]}`, "{\"keys\":[\"\xff\"]}",
		`{"keys":["\`, `{"keys":[{]}`, `{"keys":[{}`, `{"keys":[{}{}]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		elements, err := jose.SplitKeySet(text, len(text))
		if err != nil && elements != nil {
			t.Fatal("elements beside an error")
		}

		first, limited := jose.SplitKeySet(text, 2)
		if diff := cmp.Diff(elements[:min(2, len(elements))], first); diff != "" || (limited == nil) != (err == nil) {
			t.Fatalf("%q: with a limit %v: %s", text, limited, diff)
		}

		// For what ParseObject accepts, the elements are those of the Value.
		var keys jose.Value
		strict := jose.ParseObject(text, func(name string, v jose.Value) error {
			if name == "keys" {
				keys = v
			}
			return nil
		})
		if strict == nil {
			var want []string
			for e := range keys.Elements() {
				want = append(want, string(e))
			}
			if (err == nil) != (keys.Kind() == '[') {
				t.Fatalf("%q: err = %v", text, err)
			}
			if diff := cmp.Diff(want, elements); diff != "" {
				t.Fatalf("%q: %s", text, diff)
			}
		}

		// If SplitKeySet accepts text and all elements are valid, ParseObject must accept text, too.
		if err == nil && utf8.ValidString(text) && shallow(text) && (strict == nil) != allValid(elements) {
			t.Fatalf("%q: accepted with elements %q, ParseObject says %v", text, elements, strict)
		}
	})
}

// allValid reports whether each element is valid JSON.
func allValid(elements []string) bool {
	for _, e := range elements {
		if jose.ParseObject(`{"e":`+e+`}`, ignore) != nil {
			return false
		}
	}
	return true
}

// shallow reports whether text has so few levels that one more or one fewer does not
// matter.
func shallow(text string) bool {
	return strings.Count(text, "{")+strings.Count(text, "[") < jose.MaxDepth
}
