package arrows_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// modules returns the directories of all modules of the repository, from its root. Modules below a testdata
// are fixtures.
func modules(t *testing.T) []string {
	t.Helper()
	var dirs []string
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && file != root && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if d.Name() == "go.mod" {
			dir, err := filepath.Rel(root, filepath.Dir(file))
			dirs = append(dirs, filepath.ToSlash(dir))
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

// A gomod is what these tests read of a go.mod.
type gomod struct {
	Module  struct{ Path string }
	Go      string
	Require []struct {
		Path, Version string
		Indirect      bool
	}
}

func readMod(t *testing.T, dir string) gomod {
	t.Helper()
	cmd := exec.Command("go", "mod", "edit", "-json")
	cmd.Dir = filepath.Join(root, dir)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	var mod gomod
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	return mod
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A module that neither the gate nor Dependabot knows would rot without notice.
func TestTheGateAndDependabotKnowEveryModule(t *testing.T) {
	found := modules(t)
	if !slices.Contains(found, ".") || !slices.Contains(found, "adapters/chiauth") {
		t.Fatalf("found only %v", found)
	}
	line := regexp.MustCompile(`(?m)^MODULES=\((.*)\)`).FindStringSubmatch(readFile(t, ".ci/run"))
	if line == nil {
		t.Fatal(".ci/run has no line MODULES=(...)")
	}
	gate := append(strings.Fields(line[1]), "benchmarks") // benchmarks has a step of its own
	var dependabot []string
	directory := regexp.MustCompile(`(?m)^ +- /(\S*)$`)
	for _, m := range directory.FindAllStringSubmatch(readFile(t, ".github/dependabot.yml"), -1) {
		dependabot = append(dependabot, path.Clean(m[1]))
	}
	for name, listed := range map[string][]string{"MODULES of .ci/run": gate, ".github/dependabot.yml": dependabot} {
		for _, dir := range found {
			if !slices.Contains(listed, dir) {
				t.Errorf("%s does not have the module %s", name, dir)
			}
		}
		for _, dir := range listed {
			if !slices.Contains(found, dir) {
				t.Errorf("%s has %s, which is no module", name, dir)
			}
		}
	}
}

// Only the main module is for others to require. A requirement of a nested one would reach users.
func TestNoModuleRequiresANestedOne(t *testing.T) {
	for _, dir := range modules(t) {
		mod := readMod(t, dir)
		if want := path.Join(strings.TrimSuffix(module, "/"), dir); mod.Module.Path != want {
			t.Errorf("%s: the module's path is %s, want %s", dir, mod.Module.Path, want)
		}
		for _, r := range mod.Require {
			if strings.HasPrefix(r.Path, module) {
				t.Errorf("%s requires %s", dir, r.Path)
			}
		}
	}
}

// A module of adapters/ may import its own framework, and of the adapters httpauth alone, because a framework
// may stand on net/http.
func TestArrowsOfNestedModulesPointDown(t *testing.T) {
	rest := []string{module + "adapters/echoauth", module + "adapters/ginauth", module + "adapters/grpcauth"}
	tests := map[string]struct {
		tests bool // looks at tests, too
		never []string
	}{
		"internal/mutate":  {true, []string{"github.com", "golang.org", "google.golang.org"}},
		"internal/oracle":  {true, append([]string{module + "adapters"}, frameworks...)},
		"internal/routers": {true, append(rest, frameworks...)},
	}
	for _, dir := range modules(t) {
		tt, known := tests[dir]
		if strings.HasPrefix(dir, "adapters/") {
			known, tt.never = true, slices.Concat(frameworks, rest, []string{
				module + "adapters/adaptertest", module + "middleware/authtest", "testing",
			})
		}
		if !known { // the main module, which has tests of its own, and those that may import everything
			continue
		}
		t.Run(dir, func(t *testing.T) {
			args := []string{"./..."}
			if tt.tests {
				args = []string{"-test", "./..."}
			}
			own := path.Join(strings.TrimSuffix(module, "/"), dir)
			for _, imported := range deps(t, dir, args...) {
				for _, never := range tt.never {
					if under(imported, never) && !strings.HasPrefix(imported, own) {
						t.Errorf("%s depends on %s", dir, imported)
					}
				}
			}
		})
	}
}

// The tables of the pages name the versions that users get by a requirement, and no others.
func TestThePagesNameTheVersionsOfGoMod(t *testing.T) {
	want := map[string]string{}
	for _, dir := range modules(t) {
		if dir != "." && !strings.HasPrefix(dir, "adapters/") {
			continue
		}
		mod := readMod(t, dir)
		for _, r := range mod.Require {
			if !r.Indirect && r.Path+"/" != module {
				want[r.Path] = r.Version
			}
		}
		release := "Go " + strings.Join(strings.Split(mod.Go, ".")[:2], ".")
		if !strings.Contains(readFile(t, "docs/versions.md"), release) {
			t.Errorf("docs/versions.md does not name %s, which %s requires", release, dir)
		}
	}
	row := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (v[^ ]+) \\|")
	for _, page := range []string{"docs/versions.md", "CONTRIBUTING.md"} {
		got := map[string]string{}
		for _, m := range row.FindAllStringSubmatch(readFile(t, page), -1) {
			got[m[1]] = m[2]
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if got[name] != want[name] {
				t.Errorf("%s: the row of %s has %q, and go.mod %s", page, name, got[name], want[name])
			}
			delete(got, name)
		}
		for name := range got {
			t.Errorf("%s has a row for %s, which no module for users requires", page, name)
		}
	}
}
