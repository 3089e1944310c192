package adaptertest_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/adaptertest"
	"github.com/bearerguard/bearerguard/scopes"
)

// child is the variable that makes a test of this file run in a process of its own,
// since it must fail.
const child = "ADAPTERTEST_CHILD"

func TestRunFailsForWhatNobodyListed(t *testing.T) {
	whole := sound().adapter()
	some := func(s adaptertest.Setup) (*adaptertest.Server, error) {
		if err := s.Unsupported(adaptertest.OverTLS); err != nil {
			return nil, err
		}
		return whole(s)
	}
	if os.Getenv(child) != "" {
		adaptertest.Run(t, some, adaptertest.Streams)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), child+"=1")
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Error("Run does not fail")
	}
	for _, c := range adaptertest.Cases() {
		want := "PASS"
		switch {
		case slices.Contains(c.Features(), adaptertest.Streams):
			want = "SKIP"
		case slices.Contains(c.Features(), adaptertest.OverTLS):
			want = "FAIL"
		}
		name := fmt.Sprintf("--- %s: %s/%s ", want, t.Name(), strings.ReplaceAll(c.Name, " ", "_"))
		if !strings.Contains(string(out), name) {
			t.Errorf("no line %q", name)
		}
	}
}

func TestUnsupportedIsTheAdaptersWordAlone(t *testing.T) {
	broken := func(s adaptertest.Setup) (*adaptertest.Server, error) {
		return &adaptertest.Server{
			Send: func(adaptertest.Call) (adaptertest.Answer, error) {
				return adaptertest.Answer{}, http.ErrNotSupported // is errors.ErrUnsupported, too
			},
			Close: func() {},
		}, nil
	}
	for _, c := range adaptertest.Cases() {
		if err := c.Run(broken); err == nil || errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}

func TestNoTwoCasesHaveOneName(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range adaptertest.Cases() {
		if seen[c.Name] {
			t.Errorf("%q twice", c.Name)
		}
		seen[c.Name] = true
	}
}

func TestASetupWithoutAPolicyAsksForItsNeedOnEachRoute(t *testing.T) {
	read := scopes.All("read")
	s := adaptertest.Setup{Routes: []string{"GET /a", "HEAD /b"}, Need: read}
	rules := s.Rules()
	if len(rules.Routes) != 2 || !rules.Routes["GET /a"].Equal(read) || !rules.Routes["HEAD /b"].Equal(read) {
		t.Errorf("rules %v", rules.Routes)
	}
	if rules.Default.Level() != scopes.LevelDeny || rules.Unrouted.Level() != scopes.LevelDeny {
		t.Errorf("default %v, unrouted %v", rules.Default, rules.Unrouted)
	}
}
