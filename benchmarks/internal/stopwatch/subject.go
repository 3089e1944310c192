// Package stopwatch compares the processor time of functions that do the same job.
//
// Figures from separate runs differ by more than the functions do: the machine is
// busy at one moment and idle at the next, and its clock goes up and down. Here
// every round visits all subjects, in an order of its own, for a short slice each,
// so that whatever slows the machine slows all of them.
//
//	results, err := stopwatch.Run(ctx, subjects, stopwatch.Config{Time: 5 * time.Minute})
//	fmt.Println(results["ours"].PerOp, results.Ratio("theirs", "ours"))
//
// Even so a difference of a few percent is lost between the slices. [Pair]
// alternates two subjects within one loop and tells how sure it is.
package stopwatch

import (
	"fmt"
	"runtime"
	"time"
)

// A Subject is something to measure. Op does its job once; it is called from one
// goroutine at a time, and an error ends the measurement: a subject that fails
// must not win.
type Subject struct {
	Name string
	Op   func() error
}

// run does n times what s does, and tells how long the processor took.
func (s *Subject) run(n int) (time.Duration, error) {
	begin := cpu()
	for range n {
		if err := s.Op(); err != nil {
			return 0, fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	return cpu() - begin, nil
}

// calibrate finds how often s fits into slice, at least once, and warms it up. The
// shortest of three runs counts: a garbage collection that falls into one would
// make a slice of a few operations, in which the clock costs more than they do.
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

// Allocs are the allocations of one operation and their bytes. They are means,
// since pools are emptied and maps grow now and then.
type Allocs struct{ Count, Bytes float64 }

// CountAllocs runs s some hundred times on one processor and counts. Of several
// attempts the least counts, since the runtime allocates too, now and then.
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
