package main

import (
	"context"
	"time"

	"github.com/bearerguard/bearerguard/benchmarks/internal/stopwatch"
	vegeta "github.com/tsenart/vegeta/v12/lib"
	"golang.org/x/perf/benchmath"
)

// tally has the figures for each kind of token, and for "all".
type tally map[string]*vegeta.Metrics

func newTally() tally {
	t := tally{"all": new(vegeta.Metrics)}
	for _, kind := range kinds {
		t[kind] = new(vegeta.Metrics)
	}
	return t
}

func (t tally) add(kind string, answer *vegeta.Result) {
	t[kind].Add(answer)
	t["all"].Add(answer)
}

// cost is the outcome of the first part. In each pair, the first value is for the service without a
// guard, and the second is for the service with a guard.
type cost struct {
	seen       [2]tally
	took       [2]time.Duration  // processor time of all requests
	bare       []float64         // µs of processor time for a request without a guard, in each round
	difference benchmath.Summary // between the two
}

// measureCost sends the same requests to both services, in turns. There is one more round before the
// first one. It is not counted, because it opens the connections and lets the guard remember the
// known tokens.
func measureCost(ctx context.Context, cfg config, t *traffic, bare, safe string) (*cost, error) {
	c := &cost{seen: [2]tally{newTally(), newTally()}}
	var differences []float64
	for round := range cfg.rounds + 1 {
		requests := t.requests(cfg.requests)
		var cpu [2]float64 // µs
		for turn := range 2 {
			side := (round + turn) % 2
			begin := time.Now()
			took, err := attack(ctx, [2]string{bare, safe}[side], requests, cfg, vegeta.ConstantPacer{},
				func(kind string, _ time.Duration, answer *vegeta.Result) error {
					if round > 0 {
						c.seen[side].add(kind, answer)
					}
					if side == 0 { // everybody passes
						kind = "known"
					}
					return judge(kind, answer.Code, false)
				})
			if err != nil {
				return nil, err
			}
			if round > 0 {
				c.took[side] += time.Since(begin)
			}
			cpu[side] = µs(took)
		}
		if round > 0 {
			c.bare = append(c.bare, cpu[0])
			differences = append(differences, cpu[1]-cpu[0])
		}
	}
	c.difference = stopwatch.Median(differences)
	return c, nil
}
