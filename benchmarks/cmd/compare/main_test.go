package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"
)

// Every subject does its operation once without an error.
func TestEverySubjectDoesItsJob(t *testing.T) {
	groups, err := built()
	if err != nil {
		t.Fatal(err)
	}
	all := subjects(groups, func(string) bool { return true })
	seen := make(map[string]bool)
	for _, s := range all {
		if err := s.Op(); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		if seen[s.Name] {
			t.Errorf("%s: twice", s.Name)
		}
		seen[s.Name] = true
	}
	if len(all) < 100 {
		t.Errorf("%d subjects only", len(all))
	}
}

// The report of a short run has only the selected tables, and the targets that depend on them.
func TestAShortRunReports(t *testing.T) {
	file := filepath.Join(t.TempDir(), "RESULTS.md")
	if err := os.WriteFile(file, []byte("before\n"+beginMarker+"old\n"+endMarker+"after\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	bench := filepath.Join(t.TempDir(), "new.txt")
	args := []string{
		"-time", "2s", "-slice", "500us", "-run", "^(HS256|scopes|lookup)/", "-write", file, "-bench", bench,
	}
	if err := run(t.Context(), args, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := string(text)
	if strings.Contains(got, "old\n") || !strings.HasPrefix(got, "before\n"+beginMarker+"Recorded ") ||
		!strings.HasSuffix(got, endMarker+"after\n") {
		t.Errorf("the markers don't hold the report:\n%s", got)
	}
	for _, want := range []string{
		"### Token to claims, HS256", "| cristalhq v5 | ", "everything except the signature check",
		"uncached, against the fastest peer, HS256", "### Paired with the fastest peer",
		"### Where a peer was faster", "4 scopes against 20 granted", "| key look-up | ", "golang-jwt/jwt/v5 v5.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if strings.Contains(got, "### Token to claims, RS256") || strings.Contains(got, "NaN") ||
		strings.Contains(got, "Inf") {
		t.Errorf("too much in\n%s", got)
	}
	readBack(t, bench)
}

// readBack reads file as benchstat does: ten lines for each subject that was measured.
func readBack(t *testing.T, file string) {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	lines := make(map[string]int)
	reader := benchfmt.NewReader(in, file)
	for reader.Scan() {
		r, ok := reader.Result().(*benchfmt.Result)
		if !ok {
			t.Fatalf("not a result: %v", reader.Result())
		}
		lines[r.Name.String()]++
		seconds, timed := r.Value("sec/op")
		_, bytes := r.Value("B/op")
		_, allocs := r.Value("allocs/op")
		if !timed || !bytes || !allocs || seconds <= 0 || seconds > 1 || r.Iters < 1 ||
			r.GetConfig("goos") != runtime.GOOS {
			t.Errorf("%s: %d operations of %v s, %+v", r.Name, r.Iters, seconds, r.Values)
		}
	}
	if err := reader.Err(); err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("HS256/golang-jwt_v5,_into_a_map-%d", runtime.GOMAXPROCS(0))
	if len(lines) < 10 || lines[name] < 2 || lines[name] > 10 {
		t.Errorf("%d lines for %s, want 2 to 10, among those of at least 10 subjects: %v", lines[name], name, lines)
	}
}

func TestThePairedModeTellsARatio(t *testing.T) {
	var out bytes.Buffer
	args := []string{"-time", "200ms", "-paired", "HS256/golang-jwt v5, into a map|HS256/raw crypto"}
	if err := run(t.Context(), args, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "times as long as HS256/raw crypto (95 %: ") {
		t.Error(out.String())
	}
}

func TestMistakesOfTheCommandLine(t *testing.T) {
	unmarked := filepath.Join(t.TempDir(), "unmarked.md")
	if err := os.WriteFile(unmarked, []byte("no markers"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		args []string
	}{
		{"a pattern that doesn't compile", []string{"-run", "("}},
		{"a pattern that matches nothing", []string{"-run", "^nothing$"}},
		{"one subject instead of two", []string{"-paired", "HS256/bearerguard"}},
		{"an unknown subject", []string{"-paired", "HS256/bearerguard|nobody"}},
		{"a file without markers", []string{
			"-time", "10ms", "-slice", "100us", "-run", "^scopes/", "-write", unmarked,
		}},
	} {
		if err := run(t.Context(), tc.args, new(bytes.Buffer)); err == nil {
			t.Errorf("%s: no error", tc.name)
		}
	}
}
