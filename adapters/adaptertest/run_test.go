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

// child is the environment variable of the process in which a test runs that must fail.
const child = "ADAPTERTEST_CHILD"

func TestRunFailsForAFeatureThatIsNotListed(t *testing.T) {
	whole := sound().adapter()
	some := func(s adaptertest.Setup) (*adaptertest.Server, error) {
		if s.TLS != nil {
			return nil, errors.ErrUnsupported
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
		name := fmt.Sprintf("--- %s: %s/%s ", want, t.Name(), strings.ReplaceAll(c.Name(), " ", "_"))
		if !strings.Contains(string(out), name) {
			t.Errorf("no line %q", name)
		}
	}
}

func TestEachCaseFailsIfNothingCanBeSent(t *testing.T) {
	deaf := func(adaptertest.Setup) (*adaptertest.Server, error) {
		return &adaptertest.Server{
			Send: func(adaptertest.Call) (adaptertest.Answer, error) {
				return adaptertest.Answer{}, http.ErrServerClosed
			},
			Close: func() {},
		}, nil
	}
	for _, c := range adaptertest.Cases() {
		if err := c.Run(deaf); err == nil {
			t.Errorf("%s: no error", c.Name())
		}
	}
}

func TestTheAdapterOfTheExampleIsSound(t *testing.T) {
	adaptertest.Run(t, adaptertest.HTTP(serve), adaptertest.WholePolicy, adaptertest.Streams)
}

func TestTheIncorrectAdapterOfTheExampleFails(t *testing.T) {
	for _, c := range adaptertest.Cases() {
		if c.Name() != "a token passes" {
			continue
		}
		err := c.Run(adaptertest.HTTP(serveWrongly))
		if want := `the handler saw claims of "", want "user-1"`; err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
		return
	}
	t.Error("the case is not in the table")
}

func TestNoTwoCasesHaveOneName(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range adaptertest.Cases() {
		if seen[c.Name()] {
			t.Errorf("%q twice", c.Name())
		}
		seen[c.Name()] = true
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
