package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// honest answers as each kind deserves, after a millisecond, and remembers what it saw.
type honest struct {
	mu   sync.Mutex
	seen map[string]int
}

func (h *honest) call(ctx context.Context, token string) (bool, error) {
	select {
	case <-time.After(time.Millisecond):
	case <-ctx.Done():
		return false, ctx.Err()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen[token]++
	return !strings.HasPrefix(token, "hostile"), nil
}

func stub() *traffic {
	t := &traffic{}
	t.tokens[known] = []string{"known 1", "known 2"}
	for i := range 300 {
		t.tokens[fresh] = append(t.tokens[fresh], "new "+string(rune('a'+i)))
	}
	t.tokens[hostile] = []string{"hostile"}
	return t
}

func TestLoadIsBounded(t *testing.T) {
	for _, tc := range []struct {
		name     string
		cfg      config
		d        time.Duration
		requests int
		took     time.Duration
	}{
		{"by the requests of a round", config{workers: 4, requests: 400, mix: mix{100, 0, 0}}, time.Hour, 400, 100 * time.Millisecond},
		{"by time", config{workers: 4, requests: 1e6, mix: mix{90, 0, 10}}, time.Second, 4000, time.Second},
		{"by the new tokens", config{workers: 4, requests: 1e6, mix: mix{0, 100, 0}}, time.Hour, 300, 75 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			tr := stub()
			h := &honest{seen: make(map[string]int)}
			s := &service{transport: "http", guarded: true, call: h.call}
			got := newSeries(s)
			if err := load(t.Context(), s, tr, tc.cfg, tc.d, got); err != nil {
				t.Fatalf("%s: %v", tc.name, err)
			}
			n := len(got.latency[known]) + len(got.latency[fresh]) + len(got.latency[hostile])
			if n != tc.requests || got.took != tc.took {
				t.Errorf("%s: %d requests in %v, want %d in %v", tc.name, n, got.took, tc.requests, tc.took)
			}
			for token, times := range h.seen {
				if strings.HasPrefix(token, "new") && times > 1 {
					t.Errorf("%s: a new token was sent %d times", tc.name, times)
				}
			}
		})
	}
}

func TestAWrongAnswerEndsTheRun(t *testing.T) {
	for _, tc := range []struct {
		name    string
		guarded bool
		mix     mix
		passes  bool
	}{
		{"a guard that lets a hostile token pass", true, mix{0, 0, 100}, true},
		{"a guard that refuses a known token", true, mix{100, 0, 0}, false},
		{"a guard that refuses a new token", true, mix{0, 100, 0}, false},
		{"a service without a guard that refuses", false, mix{100, 0, 0}, false},
	} {
		s := &service{transport: "http", guarded: tc.guarded, call: func(context.Context, string) (bool, error) { return tc.passes, nil }}
		if err := load(t.Context(), s, stub(), config{workers: 2, requests: 10, mix: tc.mix}, time.Minute, newSeries(s)); err == nil {
			t.Errorf("%s: no error", tc.name)
		}
	}
}

func TestAServiceThatHangsEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{transport: "grpc", call: func(ctx context.Context, _ string) (bool, error) {
			<-ctx.Done()
			return false, context.Cause(ctx)
		}}
		err := load(t.Context(), s, stub(), config{workers: 2, requests: 10, mix: mix{100, 0, 0}}, time.Second, newSeries(s))
		if !errors.Is(err, errStuck) {
			t.Errorf("%v, want %v", err, errStuck)
		}
	})
}

func TestPercentilesAreThoseOfTheSortedLatencies(t *testing.T) {
	var seen []time.Duration
	for i := 1000; i > 0; i-- {
		seen = append(seen, time.Duration(i)*time.Microsecond)
	}
	l := latencyOf(seen)
	if l.P50 != 501 || l.P90 != 901 || l.P99 != 991 || l.P999 != 1000 || l.Max != 1000 || l.Curve[0] != 5 || l.Curve[199] != 1000 {
		t.Errorf("%+v", l)
	}
}
