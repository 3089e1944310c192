package stopwatch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// Config bounds a measurement. The zero value is a minute of slices of 20 ms.
type Config struct {
	Time  time.Duration // for all rounds together, without the warm-up; 0: a minute
	Slice time.Duration // of processor time for each subject in each round; 0: 20 ms
}

// Result is what was measured of a subject.
type Result struct {
	Name   string
	PerOp  time.Duration // the median over blocks of rounds; sub-nanoseconds are lost
	Nanos  float64       // the same with its fraction
	Spread float64       // half of the interquartile range of the blocks, as a share of PerOp
	Allocs Allocs
	blocks []float64 // ns per operation, in the order of time
}

// Results are the outcome of a Run, by the subjects' names.
type Results struct {
	Rounds int
	By     map[string]Result
}

// blocks is how many means the median is taken of. A block spans several rounds so that
// what the subject leaves to the garbage collector falls into it, too.
const blocks = 10

// minRounds is how many rounds there are at least, whatever Time says.
const minRounds = 2

var errTwice = errors.New("two subjects of one name")

// Run measures subjects, interleaved, until cfg.Time is over or ctx ends; the
// error is that of a subject which failed, or that of ctx if it ended before the first
// rounds did.
func Run(ctx context.Context, subjects []Subject, cfg Config) (Results, error) {
	if cfg.Time <= 0 {
		cfg.Time = time.Minute
	}
	if cfg.Slice <= 0 {
		cfg.Slice = 20 * time.Millisecond
	}
	results := Results{By: make(map[string]Result, len(subjects))}
	ops := make([]int, len(subjects))
	for i := range subjects {
		s := &subjects[i]
		if _, twice := results.By[s.Name]; twice {
			return results, fmt.Errorf("%s: %w", s.Name, errTwice)
		}
		var err error
		if ops[i], err = s.calibrate(cfg.Slice); err != nil {
			return results, err
		}
		allocs, err := CountAllocs(*s)
		if err != nil {
			return results, err
		}
		results.By[s.Name] = Result{Name: s.Name, Allocs: allocs}
	}

	rounds := make([][]float64, len(subjects)) // ns per operation
	for end := time.Now().Add(cfg.Time); results.Rounds < minRounds || time.Now().Before(end); results.Rounds++ {
		for _, i := range rand.Perm(len(subjects)) {
			if ctx.Err() != nil {
				break
			}
			took, err := subjects[i].run(ops[i])
			if err != nil {
				return results, err
			}
			rounds[i] = append(rounds[i], float64(took)/float64(ops[i]))
		}
		if ctx.Err() != nil {
			break
		}
	}
	if results.Rounds < minRounds {
		return results, context.Cause(ctx)
	}
	for i, s := range subjects {
		r := results.By[s.Name]
		r.blocks = means(rounds[i][:results.Rounds], blocks)
		r.Nanos = quantile(r.blocks, 0.5)
		r.PerOp = time.Duration(r.Nanos)
		if r.Nanos > 0 {
			r.Spread = (quantile(r.blocks, 0.75) - quantile(r.blocks, 0.25)) / 2 / r.Nanos
		}
		results.By[s.Name] = r
	}
	return results, nil
}

// Ratio is how many times as long as b a takes: the median over the blocks, in each
// of which both were measured at about the same time. It is 0 if either is missing.
func (r Results) Ratio(a, b string) float64 {
	return r.compare(a, b, func(x, y float64) float64 { return x / y })
}

// Difference is how many ns longer than b a takes, found in the same way.
func (r Results) Difference(a, b string) float64 {
	return r.compare(a, b, func(x, y float64) float64 { return x - y })
}

func (r Results) compare(a, b string, how func(x, y float64) float64) float64 {
	x, y := r.By[a].blocks, r.By[b].blocks
	if len(x) == 0 || len(x) != len(y) {
		return 0
	}
	list := make([]float64, len(x))
	for i := range x {
		list[i] = how(x[i], y[i])
	}
	return quantile(list, 0.5)
}
