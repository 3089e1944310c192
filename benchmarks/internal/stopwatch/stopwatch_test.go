package stopwatch_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/benchmarks/internal/stopwatch"
)

// takes is an operation of d. Within virtual, time passes only in such operations.
func takes(d time.Duration) func() error {
	return func() error {
		time.Sleep(d)
		return nil
	}
}

// virtual runs f in a bubble whose clock is both the wall clock and the processor time. All figures
// are then exact.
func virtual(t *testing.T, f func(t *testing.T)) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		stopwatch.UseClock(t, func() time.Duration { return time.Since(begin) })
		f(t)
	})
}

var quick = stopwatch.Config{Time: 300 * time.Millisecond, Slice: 4 * time.Millisecond}

func TestRunReturnsTheTimeOfEachSubject(t *testing.T) {
	virtual(t, func(t *testing.T) {
		subjects := []stopwatch.Subject{{"once", takes(time.Millisecond)}, {"twice", takes(2 * time.Millisecond)}}
		results, err := stopwatch.Run(t.Context(), subjects, quick)
		if err != nil {
			t.Fatal(err)
		}
		ratio, more := results.Ratio("twice", "once"), results.Difference("twice", "once")
		if ratio != 2 || more != 1e6 {
			t.Errorf("Ratio = %v, Difference = %v ns, want 2 and 1e6 ns", ratio, more)
		}
		once := results.By["once"]
		if once.Nanos != 1e6 || once.Spread != "0%" || len(once.Blocks) != 10 {
			t.Errorf("once = %v ns ± %s in %d blocks, want 1e6 ns ± 0%% in 10",
				once.Nanos, once.Spread, len(once.Blocks))
		}
		// A round takes 4 ms for each subject.
		if results.Rounds != 38 || once.Ops != 4*38/10 {
			t.Errorf("%d rounds, %d operations in a block, want 38 and 15", results.Rounds, once.Ops)
		}
		if got := results.Ratio("once", "absent"); got != 0 {
			t.Errorf("Ratio to a subject that was not measured = %v, want 0", got)
		}
	})
}

func TestTimeAsleepIsNoProcessorTime(t *testing.T) {
	begin := stopwatch.CPU()
	for spin := 0; stopwatch.CPU()-begin < 2*time.Millisecond; spin++ {
		if spin == 1e9 {
			t.Fatal("CPU does not advance while the processor works")
		}
	}
	const nap = 100 * time.Millisecond
	begin = stopwatch.CPU()
	time.Sleep(nap) // of the wall clock: the subject of this test
	if used := stopwatch.CPU() - begin; used >= nap {
		t.Errorf("CPU advanced by %v in a sleep of %v", used, nap)
	}
}

func TestASubjectThatFailsEndsTheRun(t *testing.T) {
	failure := errors.New("failure")
	broken := stopwatch.Subject{"broken", func() error { return failure }}
	subjects := []stopwatch.Subject{{"good", idle}, broken}
	if _, err := stopwatch.Run(t.Context(), subjects, quick); !errors.Is(err, failure) {
		t.Errorf("Run: %v", err)
	}
	if _, err := stopwatch.Pair(t.Context(), broken, broken, time.Second); !errors.Is(err, failure) {
		t.Errorf("Pair: %v", err)
	}
	if _, err := stopwatch.CountAllocs(broken); !errors.Is(err, failure) {
		t.Errorf("CountAllocs: %v", err)
	}
	if _, err := stopwatch.Contend(broken.Op, "", time.Hour); !errors.Is(err, failure) {
		t.Errorf("Contend: %v", err)
	}
}

func TestTwoSubjectsOfOneNameAreRefused(t *testing.T) {
	if _, err := stopwatch.Run(t.Context(), []stopwatch.Subject{{"a", idle}, {"a", idle}}, quick); err == nil {
		t.Error("no error")
	}
}

func TestRunAndPairEndWithTheirContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := stopwatch.Run(ctx, []stopwatch.Subject{{"a", idle}}, quick); !errors.Is(err, context.Canceled) {
		t.Errorf("Run: %v", err)
	}
	a, b := stopwatch.Subject{"a", idle}, stopwatch.Subject{"b", idle}
	if _, err := stopwatch.Pair(ctx, a, b, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("Pair: %v", err)
	}
}

func TestPairReturnsTheRatioAndItsInterval(t *testing.T) {
	virtual(t, func(t *testing.T) {
		n := 0
		uneven := func() error { // 2, 3 or 4 ms
			n++
			return takes(time.Duration(2+n%3) * time.Millisecond)()
		}
		a, b := stopwatch.Subject{"uneven", uneven}, stopwatch.Subject{"even", takes(time.Millisecond)}
		p, err := stopwatch.Pair(t.Context(), a, b, 400*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if p.Ratio != 3 || p.Low < 2 || p.Low > 3 || p.High < 3 || p.High > 4 || p.Pairs < 75 || p.Pairs > 85 {
			t.Errorf("Pair = %+v, want 3 within 2 to 4 of about 80 pairs", p)
		}
	})
}

func TestCountAllocsCountsOneOperation(t *testing.T) {
	var keep [][]byte
	s := stopwatch.Subject{"three", func() error {
		keep = append(keep[:0], make([]byte, 100), make([]byte, 200), make([]byte, 300))
		return nil
	}}
	got, err := stopwatch.CountAllocs(s)
	if err != nil {
		t.Fatal(err)
	}
	if math.Round(got.Count) != 3 || got.Bytes < 600 || got.Bytes > 700 {
		t.Errorf("CountAllocs = %+v, want 3 allocations of some 600 bytes", got)
	}
}

// These are operations for Contend, which finds them by their names. The goroutine that has the
// lock sleeps, so that the others run and must wait.
var (
	mu    sync.Mutex
	baton = make(chan struct{}, 1)
)

func locked() error {
	mu.Lock()
	defer mu.Unlock()
	return takes(time.Millisecond)()
}

func passing() error {
	baton <- struct{}{}
	defer func() { <-baton }()
	return takes(time.Millisecond)()
}

func idle() error { return nil }

const here = "github.com/bearerguard/bearerguard/benchmarks/internal/stopwatch_test."

func TestContendSeesALockThatAllShare(t *testing.T) {
	shared, err := stopwatch.Contend(locked, here+"locked", 300*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if shared.Waits == 0 || len(shared.Where) == 0 {
		t.Errorf("a shared lock: %+v", shared)
	}
	// Two goroutines wait for the lock of a channel only if they run at once. It is not certain when
	// this happens.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0)))
	for d := 300 * time.Millisecond; ; d *= 2 {
		channel, err := stopwatch.Contend(passing, here+"passing", d)
		if err != nil {
			t.Fatal(err)
		}
		if channel.Waits > 0 {
			break
		}
		if d > 20*time.Second {
			t.Fatalf("a shared channel: %+v", channel)
		}
	}
	free, err := stopwatch.Contend(idle, here+"idle", 100*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if free.Waits != 0 || free.Ops == 0 {
		t.Errorf("no lock: %+v", free)
	}
}
