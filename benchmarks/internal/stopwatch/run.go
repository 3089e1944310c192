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
	Nanos  float64 // of one operation: the median of Blocks
	Spread string  // of the median, in percent, as benchstat prints it after ±
	Allocs Allocs
	Blocks []float64 // ns per operation, in the order of time
	Ops    int       // operations in each block, on average
}

// Results are the outcome of a Run, by the subjects' names.
type Results struct {
	Rounds int
	By     map[string]Result
}

// blocks is the number of blocks. Each block has a mean, and the result is the median of the
// means. A block spans several rounds, because it must include the garbage collections that the
// subject causes.
const blocks = 10

// minRounds is how many rounds there are at least, whatever Time says.
const minRounds = 2

var errTwice = errors.New("two subjects of one name")

// Run measures subjects, interleaved, until cfg.Time is over or ctx ends. The error is that of a
// subject, or that of ctx if ctx ended before the first rounds were complete.
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
		r.Blocks = means(rounds[i][:results.Rounds], blocks)
		median := Median(r.Blocks)
		r.Nanos, r.Spread = median.Center, median.PctRangeString()
		r.Ops = ops[i] * results.Rounds / len(r.Blocks)
		results.By[s.Name] = r
	}
	return results, nil
}

// Ratio is the time of a divided by the time of b: the median over the blocks. Within a block both
// were measured at about the same time. It is 0 if a or b was not measured.
func (r Results) Ratio(a, b string) float64 {
	return r.compare(a, b, func(x, y float64) float64 { return x / y })
}

// Difference is the time of a less the time of b in ns, computed in the same way.
func (r Results) Difference(a, b string) float64 {
	return r.compare(a, b, func(x, y float64) float64 { return x - y })
}

func (r Results) compare(a, b string, how func(x, y float64) float64) float64 {
	x, y := r.By[a].Blocks, r.By[b].Blocks
	if len(x) == 0 || len(x) != len(y) {
		return 0
	}
	list := make([]float64, len(x))
	for i := range x {
		list[i] = how(x[i], y[i])
	}
	return Median(list).Center
}
