package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// series is what was measured of a service, over all rounds.
type series struct {
	service *service
	took    time.Duration // while requests were sent
	latency [kinds][]time.Duration
}

func newSeries(s *service) *series { return &series{service: s} }

// patience is how long the last answers of a round may take.
const patience = 10 * time.Second

var errStuck = errors.New("the service does not answer")

// load sends requests to s from all workers for d, or until the round's requests or the
// new tokens are used up, and adds to into what it sees. Each answer is held against
// what the token deserves; the first one that is wrong ends it.
func load(ctx context.Context, s *service, t *traffic, cfg config, d time.Duration, into *series) error {
	ctx, stop := context.WithTimeoutCause(ctx, d+patience, errStuck)
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var left atomic.Int64
	left.Store(int64(cfg.requests))
	var mu sync.Mutex
	var workers sync.WaitGroup
	begin := time.Now()
	for range cfg.workers {
		workers.Go(func() {
			var seen [kinds][]time.Duration
			for ctx.Err() == nil && time.Since(begin) < d && left.Add(-1) >= 0 {
				k := cfg.mix.pick()
				token, ok := t.token(k, s.guarded)
				if !ok {
					break
				}
				sent := time.Now()
				passed, err := s.call(ctx, token)
				if err == nil && passed != (k != hostile || !s.guarded) {
					err = errors.New("the wrong answer")
				}
				if err != nil {
					cancel(fmt.Errorf("%s, a %s token: %w", s.name(), k, err))
					break
				}
				seen[k] = append(seen[k], time.Since(sent))
			}
			mu.Lock()
			defer mu.Unlock()
			for k := range seen {
				into.latency[k] = append(into.latency[k], seen[k]...)
			}
		})
	}
	workers.Wait()
	into.took += time.Since(begin)
	return context.Cause(ctx)
}

// name is what tables and plots call s.
func (s *service) name() string {
	name := map[string]string{"http": "net/http", "grpc": "gRPC"}[s.transport]
	if s.guarded {
		return name + ", guarded"
	}
	return name + ", no guard"
}
