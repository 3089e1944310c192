// Package readme_test does with README.md what a reader does. It pastes each program into a module of its
// own, writes an issuer and an address into it, runs it, and checks that it answers as the text says.
//
// It needs no network after go mod download: the modules that the programs need are those of this one.
package readme_test

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What the programs of the README say, and the tests replace.
const (
	exampleIssuer = "https://issuer.example"
	audience      = "https://api.example"
	exampleAddr   = "127.0.0.1:8080"
)

// frameworks are the adapters that the README has a program for.
var frameworks = []string{"httpauth", "echoauth", "ginauth", "grpcauth"}

// readme returns the text of README.md.
func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var block = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

// files returns the files of the README: the program of each framework by the name of its adapter, and the
// test by the name "test".
func files(t *testing.T) map[string]string {
	t.Helper()
	found := make(map[string]string)
	for _, m := range block.FindAllStringSubmatch(readme(t), -1) {
		language, text := m[1], m[2]
		if language != "go" || !strings.HasPrefix(text, "package ") {
			continue
		}
		name := "test"
		for _, adapter := range frameworks {
			if strings.Contains(text, "/adapters/"+adapter+`"`) {
				name = adapter
			}
		}
		if found[name] != "" {
			t.Fatalf("the README has two files for %s", name)
		}
		found[name] = text
	}
	if len(found) != len(frameworks)+1 {
		t.Fatalf("the README has %d files, want a program for each of %v, and a test", len(found), frameworks)
	}
	return found
}

// paste makes a module with these files.
func paste(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	const module = "github.com/bearerguard/bearerguard"
	content := map[string]string{
		"go.mod": fmt.Sprintf("module example.com/api\n\ngo 1.25.0\n\nrequire %s v0.0.0\n\nreplace %s => %s\n",
			module, module, root),
		"go.sum": string(sums),
	}
	for name, text := range files {
		content[name] = text
	}
	for name, text := range content {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// command returns a go command in the module dir. It changes go.mod as it must, and asks no proxy.
func command(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod", "GOWORK=off")
	return cmd
}

// build pastes a program, and returns the path of its binary.
func build(t *testing.T, program string) string {
	t.Helper()
	dir := paste(t, map[string]string{"main.go": program})
	if out, err := command(t, dir, "build", "-o", "api", ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return filepath.Join(dir, "api")
}

// replace puts text in the place of old, which must stand once in the program.
func replace(t *testing.T, program, old, text string) string {
	t.Helper()
	if n := strings.Count(program, `"`+old+`"`); n != 1 {
		t.Fatalf("%q stands %d times in the program, want once", old, n)
	}
	return strings.Replace(program, `"`+old+`"`, `"`+text+`"`, 1)
}

func TestTheFilesAreFormatted(t *testing.T) {
	for name, text := range files(t) {
		formatted, err := format.Source([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !bytes.Equal(formatted, []byte(text)) {
			t.Errorf("%s is not formatted as gofmt does", name)
		}
	}
}

func TestTheTestPassesBesideItsProgram(t *testing.T) {
	t.Parallel()
	files := files(t)
	dir := paste(t, map[string]string{"main.go": files["httpauth"], "main_test.go": files["test"]})
	out, err := command(t, dir, "test", "-v", ".").CombinedOutput()
	if err != nil || strings.Count(string(out), "    --- PASS") < 3 {
		t.Errorf("%v\n%s", err, out)
	}
}

// The README has the first table of docs/comparison.md, whose sources that page has.
func TestTheComparisonIsThatOfItsPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/comparison.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(readme(t), "\n## Comparison\n")
	section, _, _ = strings.Cut(section, "\n## ")
	begin := strings.Index(section, "\n|")
	if begin < 0 {
		t.Fatal("the README has no comparison")
	}
	if table := strings.TrimSpace(section[begin:]); !strings.Contains(string(page), table+"\n\n") {
		t.Errorf("docs/comparison.md does not have this table:\n%s", table)
	}
}
