package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// The run checks every answer itself, so it is enough that it ends without an error.
func TestARunPrintsTablesAndDraws(t *testing.T) {
	file := filepath.Join(t.TempDir(), "loadgen.svg")
	var out bytes.Buffer
	args := []string{
		"-workers", "4", "-rounds", "2", "-requests", "200", "-phase", "200ms", "-rate", "500",
		"-new", "30", "-hostile", "20", "-svg", file,
	}
	if err := run(t.Context(), args, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"no guard      all       400", "guarded      new       120", "issuer down", "key rotated", "p99.9",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output does not contain %q:\n%s", want, out.String())
		}
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "Protection costs ") {
		t.Errorf("last line = %q, want what protection costs", last)
	}
	drawing, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for decoder := xml.NewDecoder(bytes.NewReader(drawing)); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the drawing is not XML: %v", err)
		}
	}
	for _, want := range []string{
		"Protection costs", "guarded, known token", "issuer down", "median latency in µs", "Liberation Sans,Arial,",
	} {
		if !strings.Contains(string(drawing), want) {
			t.Errorf("the drawing does not contain %q", want)
		}
	}
}

func TestATrafficOfOneKindCanBeDrawn(t *testing.T) {
	args := []string{
		"-rounds", "1", "-requests", "50", "-phase", "100ms", "-rate", "200", "-new", "0", "-hostile", "0",
		"-svg", filepath.Join(t.TempDir(), "loadgen.svg"),
	}
	if err := run(t.Context(), args, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
}

func TestEvenTicksAreFew(t *testing.T) {
	for high, want := range map[float64]string{
		9: "[0]", 45: "[0 10 20 30 40]", 950: "[0 200 400 600 800]", 2500: "[0 500 1000 1500 2000 2500]",
	} {
		var got []string
		for _, tick := range evenTicks(0, high) {
			got = append(got, tick.Label)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("up to %v: %v, want %v", high, got, want)
		}
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, nil, new(bytes.Buffer)); !errors.Is(err, context.Canceled) {
		t.Errorf("run = %v, want %v", err, context.Canceled)
	}
}

func TestFlagsAreCheckedAsAWhole(t *testing.T) {
	for _, tc := range []struct {
		name string
		args []string
		want string
	}{
		{"no workers", []string{"-workers", "0"}, "-workers"},
		{"too many workers", []string{"-workers", "1000"}, "-workers"},
		{"no rounds", []string{"-rounds", "0"}, "-rounds"},
		{"too many requests", []string{"-requests", "1000000"}, "-requests"},
		{"a rate of nothing", []string{"-rate", "0"}, "-rate"},
		{"a phase of a day", []string{"-phase", "24h"}, "-phase"},
		{"two faults", []string{"-rounds", "0", "-rate", "0"}, "-rounds is 0, not within 1 to 1000\n-rate"},
		{"110 percent", []string{"-new", "60", "-hostile", "50"}, "-hostile is 50, not within 0 to 40"},
		{"a negative share", []string{"-new", "-1"}, "-new"},
		{"an argument", []string{"http://api.example"}, "not a flag"},
	} {
		if _, err := parse(tc.args); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
}

func TestRequestsHaveExactSharesAndNoNewTokenTwice(t *testing.T) {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer issuer.Close()
	tr, err := newTraffic(issuer, config{fresh: 30, hostile: 20})
	if err != nil {
		t.Fatal(err)
	}
	count := make(map[string]int)
	fresh := make(map[string]bool)
	for range 2 {
		for _, r := range tr.requests(100) {
			count[r.kind]++
			if r.kind == "new" && fresh[r.token] {
				t.Error("a new token comes twice")
			}
			fresh[r.token] = true
		}
	}
	if count["known"] != 100 || count["new"] != 60 || count["hostile"] != 40 {
		t.Errorf("requests = %v, want 100 known, 60 new, 40 hostile", count)
	}
}

func TestJudgeKnowsTheRightAnswers(t *testing.T) {
	for _, tc := range []struct {
		name    string
		kind    string
		status  uint16
		unknown bool
		right   bool
	}{
		{"a known token passes", "known", 200, false, true},
		{"a new token passes", "new", 200, false, true},
		{"a known token is refused", "known", 401, true, false},
		{"a new token is refused", "new", 401, false, false},
		{"a new token of an unknown key is refused", "new", 401, true, true},
		{"the issuer cannot be asked about the key of a new token", "new", 503, true, true},
		{"a new token of an unknown key fails", "new", 500, true, false},
		{"a hostile token is refused", "hostile", 401, false, true},
		{"the issuer cannot be asked about the key of a hostile token", "hostile", 503, false, true},
		{"a hostile token passes", "hostile", 200, true, false},
		{"a hostile token is forbidden", "hostile", 403, false, false},
	} {
		if err := judge(tc.kind, tc.status, tc.unknown); (err == nil) != tc.right {
			t.Errorf("%s: judge = %v, want right: %v", tc.name, err, tc.right)
		}
	}
}

func TestAttackEndsAtTheFirstWrongAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "broken" {
			panic(http.ErrAbortHandler)
		}
	}))
	defer server.Close()
	wrong := errors.New("wrong")
	list := make([]request, 1000)
	for _, tc := range []struct {
		name string
		kind string
		see  error
		want string
	}{
		{"all is well", "known", nil, ""},
		{"a wrong answer", "known", wrong, "wrong"},
		{"no answer", "broken", nil, "a broken token: "},
	} {
		for i := range list {
			list[i].kind = tc.kind
		}
		seen := 0
		cfg := config{workers: 2, client: client(2)}
		see := func(string, time.Duration, *vegeta.Result) error { seen++; return tc.see }
		_, err := attack(t.Context(), server.URL, list, cfg, vegeta.ConstantPacer{}, see)
		if tc.want == "" {
			if err != nil || seen != len(list) {
				t.Errorf("%s: attack = %v after %d answers, want nil after %d", tc.name, err, seen, len(list))
			}
		} else if err == nil || !strings.Contains(err.Error(), tc.want) || seen > 1 {
			t.Errorf("%s: attack = %v after %d answers, want %q after 1 at most", tc.name, err, seen, tc.want)
		}
		cfg.client.CloseIdleConnections()
	}
}
