// Package arrows_test holds the imports of the module against its plan: who may
// stand on whom. CONTRIBUTING.md draws it.
package arrows_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/bearerguard/bearerguard/"

// deps returns the import paths that the packages of pattern depend on, their own
// included, tests left out.
func deps(t *testing.T, pattern string) []string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", pattern)
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list -deps %s: %v", pattern, err)
	}
	return strings.Fields(string(out))
}

// under tells whether path is root or below it.
func under(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

func TestArrowsPointDown(t *testing.T) {
	frameworks := []string{
		"github.com/labstack/echo", "github.com/gin-gonic/gin", "google.golang.org/grpc", "google.golang.org/protobuf",
	}
	tests := []struct {
		name, pattern string
		never         []string
	}{
		{"the core knows no framework", "./middleware/...", frameworks},
		{"the core knows no adapter", "./middleware/...", []string{module + "adapters", module + "examples"}},
		{"middleware does not know its own test kit, which signs", "./middleware", []string{module + "middleware/authtest", "github.com/lestrrat-go/jwx/v2/jws"}},
		{"keys know neither scopes nor middleware", "./jwks", []string{module + "scopes", module + "middleware", module + "adapters"}},
		{"scopes know nobody", "./scopes", []string{module + "jwks", module + "middleware", module + "adapters", module + "internal"}},
		{"octets know nobody", "./internal/jose", []string{module + "jwks", module + "scopes", module + "middleware", module + "adapters", "github.com", "golang.org"}},
		{"the kit for adapters knows no framework", "./adapters/adaptertest", frameworks},
		{"the kit for adapters knows no adapter", "./adapters/adaptertest", []string{
			module + "adapters/httpauth", module + "adapters/echoauth", module + "adapters/ginauth",
			module + "adapters/grpcauth", module + "adapters/internal",
		}},
		{"httpauth knows net/http alone", "./adapters/httpauth", append(frameworks, module+"adapters/echoauth", module+"adapters/ginauth", module+"adapters/grpcauth")},
		{"echoauth knows Echo alone", "./adapters/echoauth", append(frameworks[1:], module+"adapters/httpauth", module+"adapters/ginauth", module+"adapters/grpcauth")},
		{"ginauth knows Gin alone", "./adapters/ginauth", []string{frameworks[0], frameworks[2], module + "adapters/httpauth", module + "adapters/echoauth", module + "adapters/grpcauth"}},
		{"grpcauth knows gRPC alone", "./adapters/grpcauth", append(frameworks[:2:2], module+"adapters/httpauth", module+"adapters/echoauth", module+"adapters/ginauth")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, path := range deps(t, tt.pattern) {
				for _, root := range tt.never {
					if under(path, root) && path != module+strings.TrimPrefix(tt.pattern, "./") {
						t.Errorf("%s depends on %s", tt.pattern, path)
					}
				}
			}
		})
	}
}

func TestNoAdapterNeedsItsTestKit(t *testing.T) {
	for _, name := range []string{"httpauth", "echoauth", "ginauth", "grpcauth"} {
		for _, path := range deps(t, "./adapters/"+name) {
			if under(path, module+"adapters/adaptertest") || under(path, module+"middleware/authtest") || path == "testing" {
				t.Errorf("%s depends on %s", name, path)
			}
		}
	}
}

func TestScopesStandOnTheStandardLibraryAlone(t *testing.T) {
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

// TestNoForeignTypeInAnExportedSignature keeps jwx out of the API, so that it can be replaced without a
// change for users.
func TestNoForeignTypeInAnExportedSignature(t *testing.T) {
	for _, pkg := range []string{
		"./jwks", "./middleware", "./middleware/authtest", "./scopes", "./adapters/httpauth", "./adapters/adaptertest",
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
