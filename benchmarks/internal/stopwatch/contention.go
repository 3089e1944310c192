package stopwatch

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Contention counts how often goroutines waited while they did the same work at once.
type Contention struct {
	Goroutines int
	Ops        int64
	Waits      int64    // waits for a mutex, a channel or the like
	Where      []string // the functions that waited, outside of the runtime and of sync
	Runtime    int64    // waits for the locks of the runtime's allocator and collector; not among Waits
}

// Contend calls op from several goroutines at once for d, and from each at least once. It counts the
// events of the mutex profile and the block profile whose stack has a function whose name begins with
// prefix. An error of op ends it.
func Contend(op func() error, prefix string, d time.Duration) (Contention, error) {
	oldFraction := runtime.SetMutexProfileFraction(1)
	runtime.SetBlockProfileRate(1)
	defer func() {
		runtime.SetMutexProfileFraction(oldFraction)
		runtime.SetBlockProfileRate(0)
	}()
	before := waits(prefix)

	c := Contention{Goroutines: 4 * runtime.GOMAXPROCS(0)}
	var stop atomic.Bool
	var ops atomic.Int64
	var failure atomic.Pointer[error]
	var running sync.WaitGroup
	for range c.Goroutines {
		running.Go(func() {
			var n int64
			for n == 0 || !stop.Load() { // at least once, however late it begins
				if err := op(); err != nil {
					failure.Store(&err)
					stop.Store(true)
				}
				n++
			}
			ops.Add(n)
		})
	}
	timer := time.AfterFunc(d, func() { stop.Store(true) })
	running.Wait()
	timer.Stop()
	if err := failure.Load(); err != nil {
		return c, *err
	}
	after := waits(prefix)
	c.Ops = ops.Load()
	c.Waits = after.count - before.count
	c.Runtime = after.runtime - before.runtime
	for name, n := range after.by {
		if n > before.by[name] {
			c.Where = append(c.Where, name)
		}
	}
	slices.Sort(c.Where)
	return c, nil
}

// tally is the sum over the profiles.
type tally struct {
	count   int64
	by      map[string]int64 // events by the function that waited
	runtime int64            // events at the runtime's own locks, not in count
}

// waits sums the events of both profiles whose stack has a function that begins with prefix.
func waits(prefix string) tally {
	sum := tally{by: make(map[string]int64)}
	for _, profile := range []func([]runtime.BlockProfileRecord) (int, bool){
		runtime.MutexProfile, runtime.BlockProfile,
	} {
		records := make([]runtime.BlockProfileRecord, 256)
		n, ok := profile(records)
		for !ok {
			records = make([]runtime.BlockProfileRecord, 2*n)
			n, ok = profile(records)
		}
		for _, r := range records[:n] {
			where, own, ok := within(r.Stack(), prefix)
			switch {
			case !ok:
			case own:
				sum.runtime += r.Count
			default:
				sum.count += r.Count
				sum.by[where] += r.Count
			}
		}
	}
	return sum
}

// within returns three results: whether stack has a function that begins with prefix, which function
// waited, and whether it waited for a lock of the runtime's allocator or collector. The lock inside
// a channel is not among these, because the program chose the channel.
func within(stack []uintptr, prefix string) (where string, own, ok bool) {
	frames := runtime.CallersFrames(stack)
	for more := len(stack) > 0; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		switch frame.Function {
		case "runtime.mallocgc", "runtime.gcAssistAlloc", "runtime.bgsweep", "runtime.gcBgMarkWorker":
			own = true
		}
		if where == "" && !strings.HasPrefix(frame.Function, "runtime.") &&
			!strings.HasPrefix(frame.Function, "sync.") &&
			!strings.HasPrefix(frame.Function, "internal/sync.") {
			where = frame.Function
		}
		ok = ok || strings.HasPrefix(frame.Function, prefix)
	}
	return where, own, ok
}
