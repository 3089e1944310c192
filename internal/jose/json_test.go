package jose_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/bearerguard/bearerguard/internal/jose"
)

func ignore(string, jose.Value) error { return nil }

func TestParseObject(t *testing.T) {
	deep := func(levels int) string {
		return strings.Repeat(`{"a":`, levels-1) + "{}" + strings.Repeat("}", levels-1)
	}
	deepArray := func(levels int) string {
		return `{"a":` + strings.Repeat("[", levels-1) + strings.Repeat("]", levels-1) + "}"
	}
	for _, row := range []struct {
		name, text string
		ok         bool
	}{
		{"an empty object", `{}`, true},
		{"white space everywhere", " \t\r\n{ \"a\" : [ 1 , { \"b\" : null } ] , \"c\" : \"\" } \n", true},
		{"every literal", `{"a":true,"b":false,"c":null}`, true},
		{"every escape", `{"a":"\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00"}`, true},
		{"longer UTF-8 sequences", `{"é€😀":"é€😀"}`, true},
		{"an empty name", `{"":1}`, true},
		{"names that differ in case", `{"a":1,"A":2}`, true},
		{"the same name at different levels", `{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}`, true},
		{"an escaped NUL", `{"a":"\u0000"}`, true},
		{"U+FFFD, escaped and not", `{"a":"\ufffd�"}`, true},
		{"DEL in a string", "{\"a\":\"\x7f\"}", true},
		{"as many levels of objects as allowed", deep(32), true},
		{"as many levels of arrays as allowed", deepArray(32), true},
		{"more empty objects side by side than levels are allowed", `{"a":[` + strings.Repeat("{},", 99) + `{}]}`, true},
		{"more objects side by side than levels are allowed", `{"a":[` + strings.Repeat(`{"b":1},`, 99) + `{}]}`, true},
		{"more empty arrays side by side than levels are allowed", `{"a":[` + strings.Repeat("[],", 99) + `[]]}`, true},
		{"more arrays side by side than levels are allowed", `{"a":[` + strings.Repeat("[1],", 99) + `[]]}`, true},

		{"nothing", ``, false},
		{"white space alone", "  ", false},
		{"an array", `[]`, false},
		{"an object opened as an array", `["a":1}`, false},
		{"an object that is not opened", `"a":1}`, false},
		{"a string", `"a"`, false},
		{"null", `null`, false},
		{"a byte order mark", "\ufeff{}", false},
		{"a form feed as white space", "\f{}", false},
		{"a no-break space as white space", "{\u00a0}", false},
		{"text after the object", `{}x`, false},
		{"a second object", `{} {}`, false},
		{"NUL after the object", "{}\x00", false},
		{"NUL inside of the object", "{\x00}", false},
		{"an object that does not end", `{`, false},
		{"an object that ends after a name", `{"a"`, false},
		{"an object that ends after a colon", `{"a":`, false},
		{"an object that ends after a value", `{"a":1`, false},
		{"an object that ends after a comma", `{"a":1,`, false},
		{"an object closed as an array", `{"a":1]`, false},
		{"an array that does not end", `{"a":[1`, false},
		{"an array closed as an object", `{"a":[1}}`, false},
		{"a string that does not end", `{"a":"b`, false},
		{"a string that ends in a backslash", `{"a":"b\`, false},
		{"a name that does not end", `{"a`, false},
		{"a trailing comma in an object", `{"a":1,}`, false},
		{"a trailing comma in an array", `{"a":[1,]}`, false},
		{"a leading comma in an object", `{,"a":1}`, false},
		{"a leading comma in an array", `{"a":[,1]}`, false},
		{"two commas", `{"a":1,,"b":2}`, false},
		{"no comma between members", `{"a":1 "b":2}`, false},
		{"no comma between elements", `{"a":[1 2]}`, false},
		{"no colon", `{"a" 1}`, false},
		{"an equals sign for a colon", `{"a"=1}`, false},
		{"no value", `{"a":}`, false},
		{"no name", `{:1}`, false},
		{"a name without quotes", `{a:1}`, false},
		{"a name in single quotes", `{'a':1}`, false},
		{"a name opened in a single quote", `{'a":1}`, false},
		{"a number as a name", `{1:1}`, false},
		{"a comment", `{"a":1/**/}`, false},
		{"a literal in capitals", `{"a":True}`, false},
		{"a literal cut short", `{"a":tru}`, false},
		{"a literal run on", `{"a":nullx}`, false},
		{"NaN", `{"a":NaN}`, false},
		{"Infinity", `{"a":-Infinity}`, false},

		{"a duplicate name", `{"a":1,"a":2}`, false},
		{"a duplicate name with other members between", `{"a":1,"b":2,"a":2}`, false},
		{"a duplicate name that is empty", `{"":1,"":2}`, false},
		{"a duplicate name in a nested object", `{"x":{"a":1,"a":2}}`, false},
		{"a duplicate name in an object in an array", `{"x":[[{"a":1,"a":2}]]}`, false},
		{"a duplicate name after an inner object that has it too", `{"a":{"b":1},"b":2,"b":3}`, false},
		{"a duplicate name once unescaped", `{"iss":1,"\u0069ss":2}`, false},
		{"a duplicate name with two spellings of an escape", `{"\/":1,"\u002f":2}`, false},
		{"a duplicate name by a surrogate pair", `{"😀":1,"\ud83d\ude00":2}`, false},

		{"invalid UTF-8 in a string", "{\"a\":\"\xff\"}", false},
		{"invalid UTF-8 in a name", "{\"\xc3\":1}", false},
		{"an overlong UTF-8 sequence", "{\"a\":\"\xc0\xaf\"}", false},
		{"a surrogate in UTF-8", "{\"a\":\"\xed\xa0\x80\"}", false},
		{"invalid UTF-8 between tokens", "{\xff}", false},
		{"a lone high surrogate", `{"a":"\ud83d"}`, false},
		{"a lone high surrogate before text", `{"a":"\ud83dxxxxxx"}`, false},
		{"a lone low surrogate", `{"a":"\ude00"}`, false},
		{"a high surrogate and the digits of a low one", `{"a":"\ud83dxude00"}`, false},
		{"a high surrogate and a low one after another escape", `{"a":"\ud83d\nde00"}`, false},
		{"two high surrogates", `{"a":"\ud83d\ud83d"}`, false},
		{"a high surrogate and another character", `{"a":"\ud83d\u0041"}`, false},
		{"a surrogate pair in the wrong order", `{"a":"\ude00\ud83d"}`, false},
		{"a lone surrogate in a name", `{"\ud83d":1}`, false},
		{"a lone surrogate deep inside", `{"a":[{"b":["\ud83d"]}]}`, false},
		{"an unknown escape", `{"a":"\x41"}`, false},
		{"an escaped capital U", `{"a":"\U0041"}`, false},
		{"an escape of three digits", `{"a":"\u041"}`, false},
		{"an escape with a digit that is not hexadecimal", `{"a":"\u004g"}`, false},
		{"a LF in a string", "{\"a\":\"\n\"}", false},
		{"a tab in a string", "{\"a\":\"\t\"}", false},
		{"NUL in a string", "{\"a\":\"\x00\"}", false},
		{"U+001F in a name", "{\"\x1f\":1}", false},

		{"one level of objects too many", deep(33), false},
		{"one level of arrays too many", deepArray(33), false},
		{"very many levels", deepArray(1 << 20), false},
		{"very many levels that never end", `{"a":` + strings.Repeat("[", 1<<20), false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if err := jose.ParseObject(row.text, ignore); (err == nil) != row.ok {
				t.Errorf("got err = %v, want ok %v", err, row.ok)
			}
		})
	}
}

// TestParseObjectSaysWhy wants the error to name the first fault, at any level.
func TestParseObjectSaysWhy(t *testing.T) {
	for why, values := range map[string][]string{
		"not valid JSON":        {`tru`, `nul`, `[1 2]`, `{"b" 1}`, `{"b":1 "c":2}`, `{1:2}`, `"x`, `[1`, `[[1`, `{"b":[1}`},
		"nested too deeply":     {strings.Repeat("[", 32), strings.Repeat(`{"b":`, 32)},
		"duplicate member name": {`{"b":1,"b":2}`, `[{"b":1,"b":2}]`},
		"string with a control character or an invalid escape": {"\"\n\"", `"\x"`, `["\x"]`, `{"\x":1}`, `"\ud800"`},
		"not a JSON number": {`-`, `+1`, `[.5]`, `{"b":1e}`, `x`},
	} {
		for _, value := range values {
			text := `{"a":` + value + `}`
			if err := jose.ParseObject(text, ignore); err == nil || !strings.HasSuffix(err.Error(), why) {
				t.Errorf("%s: %v, want %q", text, err, why)
			}
			if _, err := jose.SplitKeySet(`{"keys":[],"a":`+value+`}`, 1); err == nil || !strings.HasSuffix(err.Error(), why) {
				t.Errorf("a key set beside %s: %v, want %q", value, err, why)
			}
		}
	}
}

func TestParseObjectNumbers(t *testing.T) {
	for text, ok := range map[string]bool{
		"0": true, "-0": true, "1": true, "-1": true, "10": true, "0.0": true, "1.50": true, "1e5": true, "1E+5": true,
		"1e-05": true, "-0.1e0": true, "1e400": true,
		"": false, "-": false, "+1": false, "01": false, "-01": false, "00": false, ".5": false, "1.": false,
		"1.e5": false, "1e": false, "1e+": false,
		"0x1": false, "1_0": false, "--1": false, "1-": false, "1.2.3": false, "1e5.5": false, "1 2": false, "٣": false,
	} {
		for _, object := range []string{`{"a":` + text + `}`, `{"a":[` + text + `,1]}`} {
			if err := jose.ParseObject(object, ignore); (err == nil) != ok {
				t.Errorf("%s: got err = %v, want ok %v", object, err, ok)
			}
		}
	}
}

func TestParseObjectVisitsInOrderAndUnescapes(t *testing.T) {
	var got []string
	const text = ` { "b" : 1.5 , "\u0061\n" : [ 1, {"x":2} ] , "c":"d\u00e9" } `
	err := jose.ParseObject(text, func(name string, v jose.Value) error {
		got = append(got, name, string(v))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b", "1.5", "a\n", `[ 1, {"x":2} ]`, "c", `"d\u00e9"`}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestParseObjectStopsAtTheVisitorsError(t *testing.T) {
	stop, visits := errors.New("stop"), 0
	err := jose.ParseObject(`{"a":1,"b":2,"c":`, func(name string, _ jose.Value) error {
		visits++
		if name == "b" {
			return stop
		}
		return nil
	})
	if err != stop || visits != 2 {
		t.Errorf("got err = %v after %d visits, want the visitor's own after 2", err, visits)
	}
}

func TestParseObjectNeverVisitsADuplicate(t *testing.T) {
	visits := 0
	err := jose.ParseObject(`{"a":1,"a":2}`, func(string, jose.Value) error { visits++; return nil })
	if err == nil || visits != 1 {
		t.Errorf("err = %v after %d visits", err, visits)
	}
}

// members returns the inside of an object with n distinct names.
func members(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"%d":0,`, i)
	}
	return strings.TrimSuffix(b.String(), ",")
}

// TestParseObjectFindsDuplicatesAmongAnyNumberOfMembers has the numbers of members at which the names of a
// level move from the list to a map.
func TestParseObjectFindsDuplicatesAmongAnyNumberOfMembers(t *testing.T) {
	for _, n := range []int{1, 2, 31, 32, 33, 34, 63, 64, 65, 66, 2000} {
		all := members(n)
		if err := jose.ParseObject("{"+all+"}", ignore); err != nil {
			t.Errorf("%d members: %v", n, err)
		}
		for _, i := range []int{0, n / 2, n - 1} {
			if err := jose.ParseObject("{"+all+`,"`+strconv.Itoa(i)+`":0}`, ignore); err == nil {
				t.Errorf("%d members and then member %d again: accepted, want an error", n, i)
			}
			if err := jose.ParseObject("{"+all+`,"x":{},"`+strconv.Itoa(i)+`":0}`, ignore); err == nil {
				t.Errorf("%d members, a nested object and then member %d again: accepted, want an error", n, i)
			}
		}
		// All levels are open at once, so the list is full at one of them.
		nested := strings.Repeat("{"+all+`,"x":`, 8) + "{" + all + "}" + strings.Repeat("}", 8)
		if err := jose.ParseObject(nested, ignore); err != nil {
			t.Errorf("8 levels of %d members: %v", n, err)
		}
		for level := range 8 {
			again := strings.Repeat("{"+all+`,"x":`, 8) + "{" + all + "}" +
				strings.Repeat("}", 7-level) + `,"0":1}` + strings.Repeat("}", level)
			if err := jose.ParseObject(again, ignore); err == nil {
				t.Errorf("8 levels of %d members and a duplicate at level %d: accepted, want an error", n, 8-level)
			}
		}
	}
}

// TestParseObjectForgetsTheNamesOfClosedObjects has siblings with the same names, few enough for the list or
// enough for a map.
func TestParseObjectForgetsTheNamesOfClosedObjects(t *testing.T) {
	for _, n := range []int{1, 20, 40, 100} {
		one := "{" + members(n) + "}"
		text := `{"a":[` + strings.Repeat(one+",", 200) + one + `],"b":` + one + `,"c":` + one + "}"
		if err := jose.ParseObject(text, ignore); err != nil {
			t.Errorf("siblings of %d members: %v", n, err)
		}
	}
}

// oracle flattens text with an independent strict decoder. depth is the deepest level.
func oracle(text string) (flat []string, depth int, err error) {
	d := jsontext.NewDecoder(strings.NewReader(text))
	for {
		tok, err := d.ReadToken()
		if err == io.EOF {
			return flat, depth, nil
		}
		if err != nil {
			return nil, depth, err
		}
		depth = max(depth, d.StackDepth())
		s := tok.String()
		if tok.Kind() == '"' {
			s = `"` + s
		}
		flat = append(flat, s)
	}
}

// flatten does the same with the methods of Value.
func flatten(flat []string, v jose.Value) []string {
	switch v.Kind() {
	case '{':
		flat = append(flat, "{")
		for name, m := range v.Members() {
			flat = flatten(append(flat, `"`+name), m)
		}
		return append(flat, "}")
	case '[':
		flat = append(flat, "[")
		for e := range v.Elements() {
			flat = flatten(flat, e)
		}
		return append(flat, "]")
	case '"':
		s, _ := v.Text()
		return append(flat, `"`+s)
	}
	return append(flat, string(v))
}

func FuzzParseObject(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `[]`, `{} {}`, benchHeader, benchPayload, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`,
		`{"a":"\ud83d\ude00\ud83d"}`, `{"a":[[],{},[1,2,{"b":null}]]}`,
		`{"a":-0.5e+7,"b":[true,false,null]}`, "{\"a\":\"\xff\"}", `{"a":"\"\\\/\b\f\n\r\t"}`,
		" \t\r\n{ \"a\" : [ 1 , 2 ] } ", "\ufeff{}", `{"a":01}`, `{"a":[1,]}`,
		"{" + members(70) + "}", "{" + members(40) + `,"7":1}`, `{"a":{"a":{"a":{"b":1,"b":2}}}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want, depth, oracleErr := oracle(text)
		object := oracleErr == nil && len(want) > 0 && want[0] == "{" && depth <= jose.MaxDepth
		// A second value after the object is a stream to the oracle.
		if object {
			level := 0
			for i, token := range want {
				switch token {
				case "{", "[":
					level++
				case "}", "]":
					level--
				}
				if level == 0 && i < len(want)-1 {
					object = false
				}
			}
		}

		got := []string{"{"}
		err := jose.ParseObject(text, func(name string, v jose.Value) error {
			got = flatten(append(got, `"`+name), v)
			return nil
		})
		if (err == nil) != object {
			t.Fatalf("%q: err = %v, the oracle says %v", text, err, oracleErr)
		}
		if err != nil {
			if bytes.Contains([]byte(err.Error()), []byte(text)) && len(text) > 3 {
				t.Fatalf("the error repeats the text: %v", err)
			}
			return
		}
		if diff := cmp.Diff(want, append(got, "}")); diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
		if diff := cmp.Diff(want, flatten(nil, jose.Value(strings.Trim(text, " \t\r\n")))); diff != "" {
			t.Fatalf("%q, as one value: %s", text, diff)
		}
	})
}
