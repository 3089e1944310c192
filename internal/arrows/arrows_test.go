// Package arrows_test checks the imports of the modules: which package may import which.
// CONTRIBUTING.md shows the plan. It also checks that no module and no version is forgotten elsewhere.
package arrows_test

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/bearerguard/bearerguard/"

// frameworks are those that packages of the main module import.
var frameworks = []string{
	"github.com/labstack/echo", "github.com/gin-gonic/gin",
	"google.golang.org/grpc", "google.golang.org/protobuf",
}

// deps returns the import paths of packages and of all packages that they depend on. args are those
// of go list, which runs in the module dir. Without -test, it leaves out what only tests import.
func deps(t *testing.T, dir string, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-deps"}, args...)...)
	cmd.Dir = filepath.Join(root, dir)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: go list -deps %v: %v", dir, args, err)
	}
	return strings.Fields(string(out))
}

// under reports whether path is root or below it.
func under(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

func TestArrowsPointDown(t *testing.T) {
	tests := []struct {
		name, pattern string
		never         []string
	}{
		{"the core imports no framework", "./middleware/...", frameworks},
		{"the core imports no adapter", "./middleware/...", []string{module + "adapters", module + "examples"}},
		{"middleware does not import its own test kit, which signs", "./middleware", []string{module + "middleware/authtest", "github.com/lestrrat-go/jwx/v2/jws"}},
		{"middleware does not import its presets", "./middleware", []string{module + "middleware/providers"}},
		{"providers imports the public part of the core alone", "./middleware/providers", append(frameworks[:len(frameworks):len(frameworks)], module+"adapters", module+"middleware/authtest")},
		{"jwks imports neither scopes nor middleware", "./jwks", []string{module + "scopes", module + "middleware", module + "adapters"}},
		{"scopes imports no other package of the module", "./scopes", []string{module + "jwks", module + "middleware", module + "adapters", module + "internal"}},
		{"jose imports the standard library alone", "./internal/jose", []string{module + "jwks", module + "scopes", module + "middleware", module + "adapters", "github.com", "golang.org"}},
		{"adaptertest imports no framework", "./adapters/adaptertest", frameworks},
		{"adaptertest imports no adapter", "./adapters/adaptertest", []string{
			module + "adapters/httpauth", module + "adapters/echoauth", module + "adapters/ginauth",
			module + "adapters/grpcauth", module + "adapters/internal",
		}},
		{"httpauth imports net/http alone", "./adapters/httpauth", append(frameworks[:len(frameworks):len(frameworks)], module+"adapters/echoauth", module+"adapters/ginauth", module+"adapters/grpcauth")},
		{"echoauth imports Echo alone", "./adapters/echoauth", append(frameworks[1:len(frameworks):len(frameworks)], module+"adapters/httpauth", module+"adapters/ginauth", module+"adapters/grpcauth")},
		{"ginauth imports Gin alone", "./adapters/ginauth", []string{frameworks[0], frameworks[2], module + "adapters/httpauth", module + "adapters/echoauth", module + "adapters/grpcauth"}},
		{"grpcauth imports gRPC alone", "./adapters/grpcauth", append(frameworks[:2:2], module+"adapters/httpauth", module+"adapters/echoauth", module+"adapters/ginauth")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, path := range deps(t, ".", tt.pattern) {
				for _, root := range tt.never {
					if under(path, root) && path != module+strings.TrimPrefix(tt.pattern, "./") {
						t.Errorf("%s depends on %s", tt.pattern, path)
					}
				}
			}
		})
	}
}

func TestNoAdapterImportsATestKit(t *testing.T) {
	for _, name := range []string{"httpauth", "echoauth", "ginauth", "grpcauth"} {
		for _, path := range deps(t, ".", "./adapters/"+name) {
			if under(path, module+"adapters/adaptertest") || under(path, module+"middleware/authtest") || path == "testing" {
				t.Errorf("%s depends on %s", name, path)
			}
		}
	}
}

func TestScopesImportsTheStandardLibraryAlone(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./scopes")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Fields(string(out)); !slices.Equal(got, []string{module + "scopes"}) {
		t.Errorf("./scopes depends on %v", got)
	}
}

// What users may write themselves uses the public part of the core alone, so that they can.
func TestProvidersImportsNothingInternal(t *testing.T) {
	cmd := exec.Command("go", "list", "-f", `{{join .Imports "\n"}}`, "./middleware/providers")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(out)) {
		if under(path, strings.TrimSuffix(module, "/")) && path != module+"middleware" && path != module+"jwks" {
			t.Errorf("./middleware/providers imports %s", path)
		}
	}
}

// No exported signature has a type of jwx. So another library can replace jwx without a change for users.
func TestNoForeignTypeInAnExportedSignature(t *testing.T) {
	for _, pkg := range []string{
		"./jwks", "./middleware", "./middleware/authtest", "./middleware/providers", "./scopes",
		"./adapters/httpauth", "./adapters/adaptertest",
	} {
		cmd := exec.Command("go", "doc", "-all", "-short", pkg)
		cmd.Dir = "../.."
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, foreign := range []string{"jwk.", "jws.", "jwt.", "jwa.", "jose.", "jsontext."} {
			for line := range strings.Lines(string(out)) {
				if strings.HasPrefix(strings.TrimSpace(line), "func") && strings.Contains(line, foreign) {
					t.Errorf("%s: %s", pkg, strings.TrimSpace(line))
				}
			}
		}
	}
}
