package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
)

// Every answer of the run is checked by the program itself: a good token that is refused, or a
// bad one that passes, makes it fail. The requests are used up long before the time is.
func TestRunChecksEveryAnswerAndCountsThem(t *testing.T) {
	var out bytes.Buffer
	args := []string{
		"-duration", "10m", "-rounds", "2", "-requests", "200", "-workers", "4", "-mix", "50,30,20", "-json", "-",
	}
	if err := run(t.Context(), args, &out); err != nil {
		t.Fatal(err)
	}
	var got summary
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Services) != 4 {
		t.Fatalf("%d services, want net/http and gRPC with and without a guard", len(got.Services))
	}
	for _, s := range got.Services {
		if s.Requests == 0 || s.Requests > 400 {
			t.Errorf("%s: %d requests, want 1 to 400", s.Name, s.Requests)
		}
		for _, k := range []string{"known", "new", "hostile"} {
			if l := s.Tokens[k]; l.Requests == 0 || l.P50 <= 0 || l.P50 > l.P99 || len(l.Curve) != 200 {
				t.Errorf("%s, %s: %d requests, p50 %v, p99 %v", s.Name, k, l.Requests, l.P50, l.P99)
			}
		}
	}
}

func TestRunPrintsATable(t *testing.T) {
	var out bytes.Buffer
	args := []string{"-transport", "http", "-duration", "10m", "-rounds", "1", "-requests", "100"}
	if err := run(t.Context(), args, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"net/http, no guard", "net/http, guarded", "p99.9"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, nil, new(bytes.Buffer)); err == nil {
		t.Error("no error")
	}
}

func TestFlagsAreCheckedAsAWhole(t *testing.T) {
	for _, tc := range []struct {
		name string
		args []string
		want string
	}{
		{"an unknown transport", []string{"-transport", "carrier-pigeon"}, "-transport"},
		{"no workers", []string{"-workers", "0"}, "-workers"},
		{"too many workers", []string{"-workers", "1000"}, "-workers"},
		{"no rounds", []string{"-rounds", "0"}, "-rounds"},
		{"more requests than are bearable", []string{"-requests", "1000000"}, "-requests"},
		{"a day", []string{"-duration", "24h"}, "-duration"},
		{"a mix of 110 percent", []string{"-mix", "80,25,5"}, "add up"},
		{"a mix with a negative share", []string{"-mix", "110,-15,5"}, "add up"},
		{"a mix of two", []string{"-mix", "80,20"}, "add up"},
		{"a mix of four", []string{"-mix", "80,15,5,0"}, "add up"},
		{"an argument", []string{"http://api.example"}, "flags only"},
	} {
		if _, err := parse(tc.args); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
}
