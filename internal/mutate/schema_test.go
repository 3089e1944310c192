package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// kinds returns the mutants of the package with a rule of every kind, and schemata of them.
func kinds(t *testing.T) (*hunt, *schemata) {
	t.Helper()
	h := &hunt{progress: io.Discard}
	t.Cleanup(h.lab.clean)
	if err := h.prepare(t.Context(), "testdata/kinds", "", "", "", []string{"."}); err != nil {
		t.Fatal(err)
	}
	s, err := newSchemata(t.Context(), &h.lab, h.suspects)
	if err != nil {
		t.Fatal(err)
	}
	return h, s
}

func TestWhatNoSchemaCanHoldIsAlone(t *testing.T) {
	h, s := kinds(t)
	var got []string
	for _, m := range h.suspects {
		if m.number == 0 {
			got = append(got, m.function+": "+m.mutation)
		}
	}
	want := []string{
		"package: limit = 3 => +1", "package: limit = 3 => -1",
		"package: pause = 2 * time.Second => twice", "package: pause = 2 * time.Second => half",
		"package: 2 < limit => 2 <= limit", // a constant
		"kind: case 0 => (left out)",       // a label is not used then
		"kind: case 6 => (left out)",       // another case falls through to it
		"unused: case 1 => (left out)",     // its build does not compile
		"send: sink.words = <-make(chan []string) => (left out)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("alone are\n%q\nwant\n%q", got, want)
	}
	for _, f := range []form{never, always, swapped, replaced, leftOut, struck} {
		if !slices.ContainsFunc(h.suspects, func(m *suspect) bool { return m.number > 0 && m.form == f }) {
			t.Errorf("form %d is in no schema", f)
		}
	}
	if s.count < 100 {
		t.Errorf("%d mutants are in the schema", s.count)
	}
}

// main prints what the package does with the mutant of the environment.
const traceOnce = "package main\n\nimport \"example.com/kinds\"\n\nfunc main() { print(kinds.Trace()) }\n"

func TestAMutantInASchemaDoesWhatItDoesAlone(t *testing.T) {
	h, s := kinds(t)
	source, err := os.ReadFile(filepath.Join(h.lab.root, "kinds.go"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := func(output, pattern string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "go", "build", "-o", output, pattern)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	run := func(name, env string, args ...string) string {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Env = append(os.Environ(), env)
		out, err := cmd.CombinedOutput()
		if err != nil { // a deadlock, whose trace differs
			first, _, _ := strings.Cut(string(out), "\n")
			return err.Error() + ": " + first
		}
		return string(out)
	}

	// All mutants alone are copies of the package in one program. Number 0 is the original.
	var imports, calls strings.Builder
	add := func(number int, text []byte) {
		write(fmt.Sprintf("m%d/kinds.go", number), string(text))
		fmt.Fprintf(&imports, "import m%d \"example.com/all/m%[1]d\"\n", number)
		fmt.Fprintf(&calls, "\tcase \"%d\":\n\t\tprint(m%[1]d.Trace())\n", number)
	}
	add(0, source)
	for _, m := range h.suspects {
		if m.number > 0 {
			add(m.number, m.apply(source))
		}
	}
	write("go.mod", "module example.com/all\n\ngo 1.25.0\n")
	write("main.go", "package main\n\nimport \"os\"\n\n"+imports.String()+
		"\nfunc main() {\n\tswitch os.Args[1] {\n"+calls.String()+"\t}\n}\n")
	all := filepath.Join(dir, "all")
	build(all, ".")

	// The schema is one package.
	program := t.TempDir()
	if err := os.CopyFS(program, os.DirFS(h.lab.root)); err != nil {
		t.Fatal(err)
	}
	dir = program
	write("once/main.go", traceOnce)
	for name, file := range s.files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		write(filepath.Base(name), string(text))
	}
	once := filepath.Join(program, "once.exe")
	build(once, "./once")

	differ := 0
	original := run(once, activeEnv+"=")
	if want := run(all, "", "0"); original != want {
		t.Fatalf("without an active mutant:\n%s\nwant\n%s", original, want)
	}
	for _, m := range h.suspects {
		if m.number == 0 {
			continue
		}
		number := fmt.Sprint(m.number)
		got, want := run(once, activeEnv+"="+number), run(all, "", number)
		if got != want {
			t.Errorf("%s:\n%s\nwant\n%s", m, got, want)
		}
		if got != original {
			differ++
		}
	}
	if differ*10 < s.count*8 {
		t.Errorf("only %d mutants of %d change what the package does", differ, s.count)
	}
}

func TestASchemaKeepsLines(t *testing.T) {
	const source = "package p\n\nfunc f() bool {\n\tif a && b {\n\t\tg()\n\t\th()\n\t}\n\treturn c()\n}\n"
	found, err := mutants("p.go", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	var suspects []*suspect
	for i, m := range found {
		suspects = append(suspects, &suspect{mutant: m, number: i + 1})
	}
	want := `package p

func f() bool {
	if (mutant__ != 1 && ((mutant__ == 2 || ((mutant__ == 3 || (a)) && (mutant__ == 4 || (b)))))) {
		if mutant__ != 5 { g() }
		if mutant__ != 6 { h() }
	}
	return (mutant__ == 7 || ((mutant__ != 8 && (c()))))
}
`
	if got := newSchema([]byte(source), suspects, variable).text; !bytes.Equal(got, []byte(want)) {
		t.Errorf("schema\n%s\nwant\n%s", got, want)
	}
}
