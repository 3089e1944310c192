package stopwatch_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/benchmarks/internal/stopwatch"
)

var sink float64

// work takes n units of processor time.
func work(n int) func() error {
	return func() error {
		for i := range n * 2000 {
			sink += math.Sqrt(float64(i))
		}
		return nil
	}
}

var quick = stopwatch.Config{Time: 300 * time.Millisecond, Slice: 2 * time.Millisecond}

func TestRunTellsTwiceTheWorkFromOnce(t *testing.T) {
	results, err := stopwatch.Run(t.Context(), []stopwatch.Subject{{"once", work(1)}, {"twice", work(2)}}, quick)
	if err != nil {
		t.Fatal(err)
	}
	if ratio := results.Ratio("twice", "once"); ratio < 1.6 || ratio > 2.4 {
		t.Errorf("twice the work takes %.2f of the time", ratio)
	}
	if d := results.Difference("twice", "once"); d < 0.6*results.By["once"].Nanos || d > 1.4*results.By["once"].Nanos {
		t.Errorf("twice the work takes %.0f ns more than %.0f", d, results.By["once"].Nanos)
	}
	if results.Rounds < 2 || results.By["once"].Nanos <= 0 {
		t.Errorf("%d rounds, %v ns", results.Rounds, results.By["once"].Nanos)
	}
}

func TestTimeAsleepDoesNotCount(t *testing.T) {
	sleepy := func() error {
		time.Sleep(20 * time.Microsecond) // of the wall clock: the subject of this test
		return work(1)()
	}
	results, err := stopwatch.Run(t.Context(), []stopwatch.Subject{{"awake", work(20)}, {"asleep", sleepy}}, quick)
	if err != nil {
		t.Fatal(err)
	}
	if results.By["asleep"].Nanos >= results.By["awake"].Nanos {
		t.Errorf("asleep %v ns, awake %v ns", results.By["asleep"].Nanos, results.By["awake"].Nanos)
	}
}

func TestASubjectThatFailsEndsTheRun(t *testing.T) {
	failure := errors.New("failure")
	broken := stopwatch.Subject{"broken", func() error { return failure }}
	if _, err := stopwatch.Run(t.Context(), []stopwatch.Subject{{"good", work(1)}, broken}, quick); !errors.Is(err, failure) {
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
	if _, err := stopwatch.Run(t.Context(), []stopwatch.Subject{{"a", work(1)}, {"a", work(1)}}, quick); err == nil {
		t.Error("no error")
	}
}

func TestRunAndPairEndWithTheirContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := stopwatch.Run(ctx, []stopwatch.Subject{{"a", work(1)}}, quick); !errors.Is(err, context.Canceled) {
		t.Errorf("Run: %v", err)
	}
	if _, err := stopwatch.Pair(ctx, stopwatch.Subject{"a", work(1)}, stopwatch.Subject{"b", work(1)}, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("Pair: %v", err)
	}
}

func TestPairKnowsHowSureItIs(t *testing.T) {
	a, b := stopwatch.Subject{"three", work(3)}, stopwatch.Subject{"two", work(2)}
	p, err := stopwatch.Pair(t.Context(), a, b, 400*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if p.Low > p.Ratio || p.Ratio > p.High || p.Ratio < 1.2 || p.Ratio > 1.8 {
		t.Errorf("%+v, want about 1.5", p)
	}
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
		t.Errorf("%+v, want 3 allocations of some 600 bytes", got)
	}
}

// Two operations for Contend, which knows them by their names.
var mu sync.Mutex

func locked() error {
	mu.Lock()
	defer mu.Unlock()
	runtime.Gosched() // whoever runs meanwhile finds it locked
	return work(20)()
}

var baton = make(chan struct{}, 1)

func passing() error {
	select {
	case baton <- struct{}{}:
	default:
	}
	select {
	case <-baton:
	default:
	}
	return nil
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
	// Two goroutines meet at the lock of a channel if they run at once, and not within any given time.
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
