package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What loadgen writes is drawn: this runs it, for a second.
func TestTheLatenciesOfARunAreDrawn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "docs", "loadgen.svg")
	if err := run(t.Context(), []string{"-out", file, "--", "-duration", "1s", "-rounds", "1", "-requests", "100", "-workers", "2", "-mix", "50,30,20"}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	decoder := xml.NewDecoder(strings.NewReader(string(text)))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("not XML: %v", err)
		}
	}
	for _, want := range []string{"net/http: ", "gRPC: ", "no guard, median ", "known token, median ", "new token, median ", "hostile token, median ", "latency in µs"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is missing", want)
		}
	}
}

func TestWhatIsNoSummaryIsRefused(t *testing.T) {
	for name, text := range map[string]string{"no JSON": "latencies", "no services": "{}"} {
		in := filepath.Join(t.TempDir(), "in.json")
		if err := os.WriteFile(in, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := run(t.Context(), []string{"-in", in, "-out", filepath.Join(t.TempDir(), "out.svg")}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
