package jose_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bearerguard/bearerguard/internal/jose"
)

func TestValueKind(t *testing.T) {
	for v, want := range map[jose.Value]byte{
		"": 0, "null": 'n', "true": 't', "false": 'f', `""`: '"', "{}": '{', "[]": '[',
		"0": '0', "1": '0', "5.5": '0', "9": '0', "-0": '0', "-1e5": '0',
	} {
		if got := v.Kind(); got != want {
			t.Errorf("%q: %q, want %q", v, got, want)
		}
	}
}

func TestValueText(t *testing.T) {
	for _, row := range []struct {
		name string
		v    jose.Value
		want string
		ok   bool
	}{
		{"an empty string", `""`, "", true},
		{"a plain string", `"abc"`, "abc", true},
		{"every escape", `"\"\\\/\b\f\n\r\t\u00e9\uD83D\ude00"`, "\"\\/\b\f\n\r\té😀", true},
		{"text around escapes", `"a\nb\nc"`, "a\nb\nc", true},
		{"an escaped backslash before an n", `"\\n"`, `\n`, true},
		{"a number", `1`, "", false},
		{"null", `null`, "", false},
		{"an array of a string", `["a"]`, "", false},
		{"no value", ``, "", false},
		{"a lone quote, which was never checked", `"`, "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got, ok := row.v.Text(); got != row.want || ok != row.ok {
				t.Errorf("got %q, %v", got, ok)
			}
		})
	}
}

func TestValueElements(t *testing.T) {
	for _, row := range []struct {
		name string
		v    jose.Value
		want []jose.Value
	}{
		{"an empty array", `[]`, nil},
		{"an empty array with space", "[ \n]", nil},
		{"one element", `[1]`, []jose.Value{"1"}},
		{"elements of every kind", `[ null,true , -1.5e3,"a,]\"",[1,[2]] ,{"b":[3]}]`, []jose.Value{"null", "true", "-1.5e3", `"a,]\""`, "[1,[2]]", `{"b":[3]}`}},
		{"a string that ends in an escaped backslash", `["\\","b"]`, []jose.Value{`"\\"`, `"b"`}},
		{"an object", `{"a":1}`, nil},
		{"a string", `"[1]"`, nil},
		{"no value", ``, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			if diff := cmp.Diff(row.want, slices.Collect(row.v.Elements())); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestValueMembers(t *testing.T) {
	type member struct {
		Name string
		V    jose.Value
	}
	for _, row := range []struct {
		name string
		v    jose.Value
		want []member
	}{
		{"an empty object", `{}`, nil},
		{"an empty object with space", "{ \n}", nil},
		{"members in order", `{ "b" : 1 ,"a":[ 2 ], "c":{"d":"}"}}`, []member{{"b", "1"}, {"a", "[ 2 ]"}, {"c", `{"d":"}"}`}}},
		{"an escaped name", `{"\u0061\"":null}`, []member{{`a"`, "null"}}},
		{"an array", `["a",1]`, nil},
		{"no value", ``, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			var got []member
			for name, v := range row.v.Members() {
				got = append(got, member{name, v})
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestValueIterationCanBeLeft(t *testing.T) {
	n := 0
	for range jose.Value(`[1,2,3]`).Elements() {
		n++
		break
	}
	for range jose.Value(`{"a":1,"b":2}`).Members() {
		n++
		break
	}
	if n != 2 {
		t.Errorf("%d rounds, want one each", n)
	}
}
