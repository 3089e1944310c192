package main

import (
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

func TestRules(t *testing.T) {
	tests := []struct {
		name, code string
		want       []string
	}{
		{"a condition", `func f(a bool) error { if a { return x }; return nil }`, []string{"if a => if false", "if a => if true"}},
		{"a condition with a statement before it", `func f() error { if err := g(); err != nil { return err }; return nil }`, []string{"if err := g(); err != nil => if false", "if err := g(); err != nil => if true"}},
		{"two equal conditions", `func f() { if a() { b() }; if a() { b() } }`, []string{"if a() => if false", "if a() => if true", "if a() => if false #2", "if a() => if true #2"}},
		{"an && loses each operand and the whole", `func f() { if a && b && !c { d() } }`, []string{"if a && b && !c => if false", "if a && b && !c => if true", "a => true", "b => true", "!c => true"}},
		{"an || loses each operand", `func f() { if a || b { d() } }`, []string{"if a || b => if true", "a => false", "b => false"}},
		{"a nested chain is an operand, and loses its own", `func f() { if a && (b || c) { d() } }`, []string{"if a && (b || c) => if false", "if a && (b || c) => if true", "a => true", "(b || c) => true", "b => false", "c => false"}},
		{"a case without a tag", `func f() { switch { case a: d(); case b, c: d(); default: d() } }`, []string{"case a => case false", "case a => case true", "case b => case false", "case b => case true", "case c => case false", "case c => case true", "d() => (left out)"}},
		{"a case with a tag", "func f() { switch a {\ncase 1: d()\ncase 2, 3: } }", []string{"case 1 => (left out)", "d() => (left out)", "case 2 => (left out)", "case 3 => (left out)"}},
		{"a switch over types", `func f() { switch a.(type) { case int: } }`, nil},
		{"bounds", `func f() bool { a(b < c, b <= c); return (b > c) != (b >= c) }`, []string{
			"a(b < c, b <= c) => (left out)", "b < c => b <= c", "b <= c => b < c",
			"return (b > c) != (b >= c) => return true", "return (b > c) != (b >= c) => return false",
			"b > c => b >= c", "b >= c => b > c",
		}},
		{"a length above zero", `const a = len(b) > 0`, nil},
		{"moments", `func f() { a = b.Before(c); a = b.After(c.d()) }`, []string{"b.Before(c) => (!b.After(c))", "b.After(c.d()) => (!b.Before(c.d()))"}},
		{"no moments", `func f() { <-time.After(a) }`, nil},
		{"a negation in an argument", `func f() { a = g(!b) }`, []string{"!b => b"}},
		{"an error at the end", `func f() error { return a() }`, []string{"return a() => return nil as the error"}},
		{"an error beside a value", `func f() (int, error) { return a, b }`, []string{"return a, b => return nil as the error"}},
		{"an error out of a call for two", `func f() (int, error) { return a() }`, []string{"return a() => return nil as the error"}},
		{"an error type", `func f() *ParseError { return a }`, []string{"return a => return nil as the error"}},
		{"success", `func f() (int, error) { return 1, nil }`, nil},
		{"a verdict at the end", `func f() bool { if a { return true }; return false }`, []string{"if a => if false", "if a => if true", "false => true"}},
		{"a computed verdict", `func f() bool { return a == b }`, []string{"return a == b => return true", "return a == b => return false"}},
		{"a verdict of operands", `func f() bool { return a && b }`, []string{"a => true", "b => true"}},
		{"a refusal that hangs on a condition", `func f() (int, error) { if a { return 0, b }; if c { return T{}, g() }; return 1, nil }`, []string{"if a => if false", "if a => if true", "if c => if false", "if c => if true"}},
		{"what a call says, though it hangs on a condition", `func f() (int, error) { if a { return b, g() }; return 1, nil }`, []string{"if a => if false", "if a => if true", "return b, g() => return nil as the error"}},
		{"an else", `func f() error { if a { b() } else { return c }; return nil }`, []string{"if a => if false", "if a => if true", "return c => return nil as the error"}},
		{"a function in a function has results of its own", `func f() error { a(func() bool { return false }); return nil }`, []string{"a(func() bool { return false }) => (left out)", "false => true"}},
		{"a number", `const a = 16 << 10`, []string{"a = 16 << 10 => +1", "a = 16 << 10 => -1"}},
		{"a duration", `const a = 2 * time.Second`, []string{"a = 2 * time.Second => twice", "a = 2 * time.Second => half"}},
		{"no numbers", `const (a = "b"; c = 'd'; e = iota; g = a + 1)`, nil},
		{"assignments to what outlives the function", `func f() { a := 1; a = 2; b.c = a; b.d[a], b.e = a, a }`, []string{"b.c = a => (left out)", "b.d[a], b.e = a, a => (left out)"}},
		{"locks and panics are kept", `func f() { mu.Lock(); mu.RUnlock(); panic(a) }`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			source := []byte("package p\n\n" + tt.code + "\n")
			found, err := mutants("p.go", source)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range found {
				got = append(got, m.mutation)
				mutated := m.apply(source)
				if _, err := parser.ParseFile(token.NewFileSet(), "p.go", mutated, 0); err != nil {
					t.Errorf("%s does not parse: %v\n%s", m, err, mutated)
				}
				if string(mutated) == string(source) {
					t.Errorf("%s changes nothing", m)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("mutants\n%q\nwant\n%q", got, tt.want)
			}
		})
	}
}

func TestAMutantIsOneEdit(t *testing.T) {
	const source = `package p

func (r *T) f() error {
	if a(1) == nil &&
		b {
		return x
	}
	return y
}
`
	found, err := mutants("p.go", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	want := []struct{ key, before, after string }{
		{"p.go:4: T.f: if a(1) == nil && b => if false", "a(1) == nil &&\n\t\tb", "false && (a(1) == nil &&\n\t\tb)"},
		{"p.go:4: T.f: if a(1) == nil && b => if true", "a(1) == nil &&\n\t\tb", "true || (a(1) == nil &&\n\t\tb)"},
		{"p.go:4: T.f: a(1) == nil => true", "a(1) == nil", "(true || (a(1) == nil))"},
		{"p.go:5: T.f: b => true", "\tb {", "\t(true || (b)) {"},
		{"p.go:8: T.f: return y => return nil as the error", "return y", "{ _ = y; return nil }"},
	}
	if len(found) != len(want) {
		t.Fatalf("%d mutants, want %d: %v", len(found), len(want), found)
	}
	for i, w := range want {
		if got := found[i].String(); got != w.key {
			t.Errorf("mutant %d is %q, want %q", i, got, w.key)
		}
		mutated, want := string(found[i].apply([]byte(source))), strings.Replace(source, w.before, w.after, 1)
		if mutated != want {
			t.Errorf("%s:\n%s\nwant\n%s", w.key, mutated, want)
		}
	}
}

func TestGeneratedFilesHoldNoRules(t *testing.T) {
	if !generated([]byte("// Code generated by x. DO NOT EDIT.\n\npackage p\n")) {
		t.Error("a generated file is not seen as one")
	}
	if generated([]byte("package p\n\n// Code generated by x. DO NOT EDIT.\n")) {
		t.Error("a comment after the package clause makes a file generated")
	}
}
