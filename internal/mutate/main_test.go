package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const fixture = "testdata/gate"

// file writes a file for the test, and returns its name.
func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestItReportsTheMutantsThatNoTestDetects(t *testing.T) {
	const (
		ban      = "gate.go: Enter: if banned => if false: "
		survivor = "survived: gate.go:16: Enter: if banned => if false\n"
	)
	stale := file(t, "gate.go: Enter: if sober => if false: nobody is\n")
	tests := []struct {
		name string
		args []string
		exit int
		out  string
	}{
		{"one rule has a test and one has none", []string{"."}, 1, survivor + "5 mutants: 4 killed, 1 survived, 0 equivalent, 0 not viable\n"},
		{"only what is chosen is tried", []string{"-run", "age < 18", "."}, 0, "3 mutants: 3 killed, 0 survived, 0 equivalent, 0 not viable\n"},
		{"the test that detects a mutant is named", []string{"-v", "-run", "age < 18 => age <=", "."}, 0, "killed: gate.go:13: Enter: age < 18 => age <= 18: by TestAge/who_is_18_enters\n1 mutants: 1 killed, 0 survived, 0 equivalent, 0 not viable\n"},
		{"a witness detects a mutant that the package's own tests do not", []string{"-witness", "./door", "."}, 0, "5 mutants: 5 killed, 0 survived, 0 equivalent, 0 not viable\n"},
		{"a known equivalent is not tried", []string{"-skip", file(t, "# why\n\n"+ban+"nobody is banned\n"), "."}, 0, "5 mutants: 4 killed, 0 survived, 1 equivalent, 0 not viable\n"},
		{"a stale line is reported", []string{"-skip", stale, "-run", "age < 18", "."}, 1, stale + ":1: fits no mutant: gate.go: Enter: if sober => if false: nobody is\n3 mutants: 3 killed, 0 survived, 0 equivalent, 0 not viable\n"},
		{"a line for a package that is not named is not stale", []string{"-list", "-skip", stale, "./door"}, 0, "door/door.go:7: Opens: return gate.Enter(age, banned) == nil => return true\ndoor/door.go:7: Opens: return gate.Enter(age, banned) == nil => return false\n2 mutants, 0 of them equivalent\n"},
		{"a line without a reason is refused", []string{"-skip", file(t, ban+"\n"), "."}, 2, ""},
		{"no package", nil, 2, ""},
		{"a package that does not exist", []string{"./nowhere"}, 2, ""},
		{"an unknown flag", []string{"-fast", "."}, 2, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out, progress bytes.Buffer
			exit := run(t.Context(), fixture, append([]string{"-j", "1"}, tt.args...), &out, &progress)
			if exit != tt.exit {
				t.Errorf("exit status %d, want %d\n%s", exit, tt.exit, &progress)
			}
			if out.String() != tt.out {
				t.Errorf("output\n%s\nwant\n%s", &out, tt.out)
			}
		})
	}
}

func TestNothingIsTriedWhileTheTestsFailAnyway(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(fixture)); err != nil {
		t.Fatal(err)
	}
	failing := []byte("package gate_test\n\nimport \"testing\"\n\nfunc TestNever(t *testing.T) { t.Fail() }\n")
	if err := os.WriteFile(filepath.Join(dir, "never_test.go"), failing, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, progress bytes.Buffer
	if exit := run(t.Context(), dir, []string{"."}, &out, &progress); exit != 2 || out.Len() > 0 {
		t.Errorf("exit status %d, want 2; output %q, want none", exit, &out)
	}
}

func TestABuildThatFailsForAnotherReasonIsAnError(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "gate.go")
	source := []byte("package gate\n\nfunc f(a bool) int {\n\tif a {\n\t\treturn 1\n\t}\n\treturn 2\n}\n")
	module := []byte("module example.com/gate\n\ngo 1.25.0\n")
	for file, text := range map[string][]byte{name: source, filepath.Join(dir, "go.mod"): module} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, err := mutants("gate.go", source)
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{root: dir, work: t.TempDir()}
	_, _, err = l.try(t.Context(), found[0], &pkg{Dir: dir, ImportPath: "example.com/gate/none"})
	if err == nil || !strings.Contains(err.Error(), "can't be built any more") {
		t.Errorf("no such package: %v", err)
	}
	broken := found[0]
	broken.text = "("
	result, _, err := l.try(t.Context(), broken, &pkg{Dir: dir, ImportPath: "example.com/gate"})
	if err != nil || result != notViable {
		t.Errorf("a mutant that does not compile: %v, %v", result, err)
	}
}
