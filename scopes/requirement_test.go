package scopes_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/scopes"
	"github.com/google/go-cmp/cmp"
)

// numbered is n names with a common prefix.
func numbered(prefix string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s%02d", prefix, i)
	}
	return names
}

func anyOf(names []string) scopes.Requirement { return scopes.Any(names[0], names[1:]...) }
func allOf(names []string) scopes.Requirement { return scopes.All(names[0], names[1:]...) }

// panicText returns the value with which f panics, as text. It is empty if f does not
// panic.
func panicText(f func()) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprint(p)
		}
	}()
	f()
	return ""
}

func TestZeroRequirementDenies(t *testing.T) {
	var zero scopes.Requirement
	if zero.Level() != scopes.LevelDeny || zero.String() != "deny" {
		t.Errorf("zero requirement: level %d, text %q", zero.Level(), zero)
	}
	if v := zero.Evaluate(scopes.Granted{Names: []string{"deny", "a"}}); v.OK || v.Need != nil {
		t.Errorf("zero requirement: verdict %+v", v)
	}
}

func TestDenyIsTheZeroRequirement(t *testing.T) {
	if deny := scopes.Deny(); !deny.Equal(scopes.Requirement{}) {
		t.Errorf("got %v, want deny", deny)
	}
}

func TestLevelsAreOrdered(t *testing.T) {
	order := []scopes.Requirement{{}, scopes.All("a"), scopes.Authenticated(), scopes.Optional(), scopes.Public()}
	for i, strict := range order {
		if int(strict.Level()) != i {
			t.Errorf("%v has level %d, want %d", strict, strict.Level(), i)
		}
		for _, lax := range order[i:] {
			if and := strict.And(lax); !and.Equal(strict) {
				t.Errorf("%v and %v = %v, want the stricter", strict, lax, and)
			}
			if or := strict.Or(lax); !or.Equal(lax) {
				t.Errorf("%v or %v = %v, want the laxer", strict, lax, or)
			}
		}
	}
}

func TestText(t *testing.T) {
	for _, tt := range []struct {
		name string
		r    scopes.Requirement
		want string
	}{
		{"names stay in order", scopes.All("c", "a", "b"), "c & a & b"},
		{"repeated names count once", scopes.All("a", "a"), "a"},
		{"repeated alternatives count once, in the first place", scopes.Any("b", "a", "b"), "b | a"},
		{"repeated names count once, in the first place", scopes.All("b", "a", "b"), "b & a"},
		{"equal alternatives count once, as they were written first", scopes.All("b", "a").Or(scopes.All("c")).Or(scopes.All("a", "b")), "b & a | c"},
		{"an absorbed alternative does not change the order", scopes.All("c", "b", "a").Or(scopes.All("d")).Or(scopes.All("a", "c")), "d | a & c"},
		{"each alternative has its own order of names", scopes.All("a", "b").Or(scopes.All("c", "b")).Or(scopes.All("c", "a")), "a & b | c & b | c & a"},
		{"a larger alternative is absorbed", scopes.All("a", "b").Or(scopes.All("a")), "a"},
		{"a name that no alternative has any more is removed", scopes.Any("a", "b").And(scopes.All("a")), "a"},
		{"alternatives stay in order", scopes.All("b").Or(scopes.All("a", "d")).Or(scopes.All("a", "c")), "b | a & d | a & c"},
		{"a product is multiplied out, the left side first", scopes.Any("d", "a").And(scopes.Any("c", "b")), "d & c | d & b | a & c | a & b"},
		{"a name of both sides of a product keeps its place in the left side", scopes.All("c", "a").And(scopes.All("b", "a", "d")), "c & a & b & d"},
		{"syntax characters are quoted", scopes.All("a&b", "c|d", "e(f", "g)h"), `"a&b" & "c|d" & "e(f" & "g)h"`},
		{"names like keywords are quoted", scopes.Any("deny", "authenticated", "optional", "public"), `"deny" | "authenticated" | "optional" | "public"`},
		{"names like keywords but for case are quoted", scopes.All("Public", "DENY", "Publicly"), `"Public" & "DENY" & Publicly`},
		{"the ends of RFC 6749's ranges are names", scopes.All("!#[]~"), "!#[]~"},
		{"the first and the last of 64 names stay apart", anyOf(numbered("n", 64)).And(scopes.Any("n00", "n63")), "n00 | n63"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.r.String(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestOperandsStayAsTheyWere(t *testing.T) {
	a, b := scopes.Any("a", "c"), scopes.Any("b", "c")
	a.And(b)
	a.Or(b)
	if a.String() != "a | c" || b.String() != "b | c" {
		t.Errorf("operands became %v and %v", a, b)
	}
}

func TestArgumentsStayAsTheyWere(t *testing.T) {
	more := make([]string, 2, 8)
	more[0], more[1] = "c", "b"
	r := scopes.All("a", more...)
	if diff := cmp.Diff([]string{"c", "b"}, more); diff != "" {
		t.Error("All wrote to its argument", diff)
	}
	if more[0] = "z"; r.String() != "a & c & b" {
		t.Errorf("a change of the argument reached the requirement: %v", r)
	}
}

func TestEqual(t *testing.T) {
	for _, tt := range []struct {
		name string
		a, b scopes.Requirement
		want bool
	}{
		{"the same names in another order", scopes.All("a", "b"), scopes.All("b", "a"), true},
		{"the same meaning in another form", scopes.Any("a", "b").And(scopes.All("c")), scopes.All("b", "c").Or(scopes.All("c", "a")), true},
		{"the same level", scopes.Public(), scopes.Public(), true},
		{"another level", scopes.Public(), scopes.Optional(), false},
		{"a level and a name like it", scopes.Public(), scopes.All("public"), false},
		{"deny and a name", scopes.Deny(), scopes.All("a"), false},
		{"alternatives in another order", scopes.Any("a", "b", "c"), scopes.Any("c", "a", "b"), true},
		{"the same sizes and names in other alternatives", scopes.All("a", "b").Or(scopes.All("c", "d")), scopes.All("a", "c").Or(scopes.All("b", "d")), false},
		{"one alternative more of the same names", scopes.All("a", "b").Or(scopes.All("b", "c")), scopes.All("a", "b").Or(scopes.All("b", "c")).Or(scopes.All("a", "c")), false},
		{"all and any of the same names", scopes.All("a", "b"), scopes.Any("a", "b"), false},
		{"any of other names", scopes.Any("a", "b"), scopes.Any("a", "c"), false},
		{"one name more", scopes.All("a"), scopes.All("a", "b"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.a.Equal(tt.b) != tt.want || tt.b.Equal(tt.a) != tt.want {
				t.Errorf("%v equals %v: %t, want %t", tt.a, tt.b, !tt.want, tt.want)
			}
		})
	}
}

func TestValidName(t *testing.T) {
	for c := range 256 {
		// This is the grammar of RFC 6749 §3.3 in other words: all printable characters except
		// three.
		want := c > ' ' && c <= '~' && c != '"' && c != '\\'
		for _, name := range []string{string([]byte{byte(c)}), string([]byte{'a', byte(c)}), string([]byte{byte(c), 'a'})} {
			if scopes.ValidName(name) != want {
				t.Errorf("ValidName(%q) = %t", name, !want)
			}
		}
	}
	if scopes.ValidName("") {
		t.Error("an empty name is valid")
	}
}

func TestRequirementsCannotBeComparedByIdentity(t *testing.T) {
	if reflect.TypeFor[scopes.Requirement]().Comparable() {
		t.Error("== compiles, although it compares pointers")
	}
}

func TestLiteralsPanicOnWhatIsNotOneName(t *testing.T) {
	for _, tt := range []struct{ name, scope string }{
		{"an empty name", ""},
		{"two names in one string", "read write"},
		{"a tab", "a\tb"},
		{"a double quote", `a"b`},
		{"a backslash", `a\b`},
		{"a control character", "a\x1f"},
		{"DEL", "a\x7f"},
		{"a letter beyond ASCII", "café"},
		{"a byte that is no UTF-8", "a\xff"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for caller, f := range map[string]func(){
				"All": func() { scopes.All(tt.scope) }, "All, later": func() { scopes.All("a", tt.scope) },
				"Any": func() { scopes.Any(tt.scope) }, "Any, later": func() { scopes.Any("a", tt.scope) },
			} {
				if got := panicText(f); !strings.HasPrefix(got, "scopes: "+caller[:3]+": ") || !strings.Contains(got, "RFC 6749") {
					t.Errorf("%s panics with %q", caller, got)
				}
			}
		})
	}
}

func TestBoundsOfLiterals(t *testing.T) {
	// 32 and 33 names on the right make 64 and 66 alternatives with two on the left.
	pair := scopes.Any("a", "b")
	long := strings.Repeat("x", 16<<10)
	for _, tt := range []struct {
		name string
		f    func()
		want string
	}{
		{"All takes 64 names", func() { allOf(numbered("n", 64)) }, ""},
		{"All refuses 65 names", func() { allOf(numbered("n", 65)) }, "scopes: All: more than 64 scope names in one requirement"},
		{"All counts a repeated name once", func() { allOf(append(numbered("n", 64), numbered("n", 64)...)) }, ""},
		{"Any takes 64 names", func() { anyOf(numbered("n", 64)) }, ""},
		{"Any refuses 65 names", func() { anyOf(numbered("n", 65)) }, "scopes: Any: more than 64 scope names in one requirement"},
		{"All takes 16 KiB", func() { scopes.All(long) }, ""},
		{"All refuses a byte more", func() { scopes.All(long + "x") }, "scopes: All: a requirement of more than 16 KiB as text"},
		{"And takes 64 names", func() { allOf(numbered("m", 32)).And(allOf(numbered("n", 32))) }, ""},
		{"And refuses 65 names", func() { allOf(numbered("m", 32)).And(allOf(numbered("n", 33))) }, "scopes: And: more than 64 scope names in one requirement"},
		{"Or takes 64 names", func() { allOf(numbered("m", 32)).Or(allOf(numbered("n", 32))) }, ""},
		{"Or refuses 65 names", func() { allOf(numbered("m", 32)).Or(allOf(numbered("n", 33))) }, "scopes: Or: more than 64 scope names in one requirement"},
		{"And takes 64 alternatives", func() { pair.And(anyOf(numbered("n", 32))) }, ""},
		{"And refuses 66 alternatives", func() { pair.And(anyOf(numbered("n", 33))) }, "scopes: And: more than 64 alternatives in one requirement"},
		{"And refuses a product of 1024", func() { anyOf(numbered("m", 32)).And(anyOf(numbered("n", 32))) }, "scopes: And: more than 64 alternatives in one requirement"},
		{"And counts what absorption leaves", func() { anyOf(numbered("n", 64)).And(anyOf(numbered("n", 64))) }, ""},
		{"Or takes 64 alternatives", func() { pair.And(anyOf(numbered("n", 31))).Or(scopes.Any("c", "d")) }, ""},
		{"Or refuses 65 alternatives", func() { pair.And(anyOf(numbered("n", 31))).Or(scopes.Any("c", "d", "e")) }, "scopes: Or: more than 64 alternatives in one requirement"},
		{"And takes 16 KiB", func() { scopes.All(long[:8<<10]).And(scopes.All(long[:8<<10-3])) }, ""},
		{"And refuses a byte more", func() { scopes.All(long[:8<<10]).And(scopes.All(long[:8<<10-2])) }, "scopes: And: a requirement of more than 16 KiB as text"},
		{"And counts quotes", func() { scopes.All(long[:8<<10]).And(scopes.All("(" + long[:8<<10-4])) }, "scopes: And: a requirement of more than 16 KiB as text"},
		{"Or refuses a byte more", func() { scopes.All(long[:8<<10]).Or(scopes.All(long[:8<<10-2])) }, "scopes: Or: a requirement of more than 16 KiB as text"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := panicText(tt.f); got != tt.want {
				t.Errorf("panics with %q, want %q", got, tt.want)
			}
		})
	}
}
