package oracle_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// This is Project Wycheproof's own module (Apache-2.0). The module proxy serves it under this lower-case
// path.
const (
	wycheproofModule = "github.com/c2sp/wycheproof@v0.0.0-20260902155932-3fa63dd0344a"
	wycheproofSum    = "h1:pNbL2nztRsWfW/ispAwsvcDFxs9Id38uIsR2/Up5G2c="
)

// vector is one test of a file, with its group's keys.
type vector struct {
	file  string // "signature", "key" or "crypto"
	id    int
	name  string // file, number and comment
	group string // the group's comment
	token string // a JWS, or a JWE
	valid bool   // the label

	public, private json.RawMessage // a JWK or a JWK Set; public is nil for secrets and for sets that mix both
}

// vectors reads the three files on JSON Web Signatures. If the module cannot be downloaded, it skips the
// test. If CI is set in the environment, it fails the test instead, because the gate must not skip it.
func vectors(t *testing.T) []vector {
	t.Helper()
	dir := fetch(t)
	var all []vector
	for _, file := range []struct {
		name string
		want int // the number of its tests, so that the test notices if a member is renamed
	}{{"signature", 401}, {"key", 26}, {"crypto", 83}} {
		document, err := os.ReadFile(filepath.Join(dir, "testvectors_v1", "json_web_"+file.name+"_test.json"))
		if err != nil {
			t.Fatal(err)
		}
		var content struct {
			TestGroups []struct {
				Comment         string
				Public, Private json.RawMessage
				Tests           []struct {
					TcID     int
					Comment  string
					JWS, JWE json.RawMessage
					Result   string
				}
			}
		}
		if err := json.Unmarshal(document, &content); err != nil {
			t.Fatal(err)
		}
		before := len(all)
		for _, g := range content.TestGroups {
			for _, test := range g.Tests {
				if test.Result != "valid" && test.Result != "invalid" {
					t.Fatalf("%s %d: unknown label %q", file.name, test.TcID, test.Result)
				}
				// A token in the JSON serialisation is an object here.
				text := string(test.JWS) + string(test.JWE)
				_ = json.Unmarshal([]byte(text), &text)
				all = append(all, vector{
					file: file.name, id: test.TcID, name: fmt.Sprintf("%s %d %s: %s", file.name, test.TcID, g.Comment, test.Comment),
					group: g.Comment, token: text, valid: test.Result == "valid", public: g.Public, private: g.Private,
				})
			}
		}
		if got := len(all) - before; got != file.want {
			t.Fatalf("%s: %d tests, want %d", file.name, got, file.want)
		}
	}
	return all
}

// fetch returns the directory of the module in the module cache.
func fetch(t *testing.T) string {
	t.Helper()
	// The command runs outside of this module, so that it cannot change go.mod or go.sum.
	cmd := exec.Command("go", "mod", "download", "-json", wycheproofModule)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := cmd.Output()
	var module struct{ Dir, Sum, Error string }
	if jsonErr := json.Unmarshal(out, &module); err == nil {
		err = jsonErr
	}
	switch {
	case err != nil && os.Getenv("CI") != "":
		t.Fatalf("Wycheproof's vectors can't be had, and in CI they must: %v %s", err, module.Error)
	case err != nil:
		t.Skipf("Wycheproof's vectors can't be had: %v %s", err, module.Error)
	case module.Sum != wycheproofSum:
		t.Fatalf("the module's content is not what the tables were made for: %s", module.Sum)
	}
	return module.Dir
}
