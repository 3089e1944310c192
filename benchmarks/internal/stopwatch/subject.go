// Package stopwatch compares the processor time of functions that do the same job.
//
// Separate runs cannot be compared, because the load and the clock rate of the machine change from
// one run to the next. Here every round visits all subjects, in a random order, for a short slice
// each. If something slows the machine, it slows all subjects.
//
//	results, err := stopwatch.Run(ctx, subjects, stopwatch.Config{Time: 5 * time.Minute})
//	fmt.Println(results.By["ours"].Nanos, results.Ratio("theirs", "ours"))
//
// A difference of a few percent may still be invisible, because the slices differ. [Pair]
// alternates two subjects within one loop, and returns a confidence interval.
package stopwatch

import (
	"fmt"
	"runtime"
	"time"
)

// cpu is the clock. Tests replace it.
var cpu = CPU

// A Subject is something to measure. Op does its job once. It is called from one goroutine at a time.
// An error ends the measurement, because the time of a failure says nothing.
type Subject struct {
	Name string
	Op   func() error
}

// run calls s.Op n times and returns the processor time.
func (s *Subject) run(n int) (time.Duration, error) {
	begin := cpu()
	for range n {
		if err := s.Op(); err != nil {
			return 0, fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	return cpu() - begin, nil
}

// calibrate finds how many operations of s fit into slice, at least one, and warms s up. It takes the
// shortest of three runs, because a garbage collection within a run makes the number too small.
func (s *Subject) calibrate(slice time.Duration) (int, error) {
	for n := 1; ; n *= 2 {
		least := slice
		for range 3 {
			d, err := s.run(n)
			if err != nil {
				return 0, err
			}
			least = min(least, d)
		}
		if least >= slice/4 {
			return max(1, int(float64(n)*float64(slice)/float64(least))), nil
		}
	}
}

// Allocs are the allocations of one operation and their bytes. They are means, because not every
// operation refills a pool or grows a map.
type Allocs struct{ Count, Bytes float64 }

// CountAllocs counts the allocations of s on one processor. It returns the least of several attempts,
// because the runtime itself allocates too.
func CountAllocs(s Subject) (Allocs, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const ops, attempts = 64, 4
	var least Allocs
	for attempt := range attempts + 1 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := s.run(ops); err != nil {
			return least, err
		}
		runtime.ReadMemStats(&after)
		got := Allocs{float64(after.Mallocs-before.Mallocs) / ops, float64(after.TotalAlloc-before.TotalAlloc) / ops}
		switch {
		case attempt == 0: // fills pools
		case attempt == 1 || got.Count < least.Count:
			least = got
		}
	}
	return least, nil
}
