package scopes_test

import (
	"os/exec"
	"strings"
	"testing"
)

func TestImportsTheStandardLibraryOnly(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Fields(string(out)); len(got) != 1 || got[0] != "github.com/bearerguard/bearerguard/scopes" {
		t.Errorf("packages outside of the standard library: %q", got)
	}
}
