package attack_test

import (
	"context"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/internal/faults"
	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

const (
	pace    = 40 * time.Millisecond // between two requests of a caller; fewer requests use fewer ports
	callers = 2                     // for each transport and kind
	refresh = 2 * time.Second       // the longest time between two fetches
	settled = 15 * time.Second      // a change of keys must be seen within this time, on a busy machine
)

// TestSoak mixes rotation, outages, withdrawal and hostile traffic on all transports. It runs for as
// long as BEARERGUARD_SOAK says ("20s", "10m"). Each request knows which answers are right when it
// is sent.
func TestSoak(t *testing.T) {
	text := os.Getenv("BEARERGUARD_SOAK")
	if text == "" {
		t.Skip("BEARERGUARD_SOAK is not set to a duration, such as 20s")
	}
	length, err := time.ParseDuration(text)
	if err != nil || length < 5*time.Second {
		t.Fatalf("BEARERGUARD_SOAK=%q is not a duration of at least 5s", text)
	}
	goroutines := runtime.NumGoroutine()
	t.Run("traffic", func(t *testing.T) { newSoak(t).run(length) })

	// A connection ends a little after Close has returned.
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > goroutines && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		stacks := make([]byte, 1<<16)
		t.Errorf("%d goroutines before, %d after:\n%s", goroutines, n, stacks[:runtime.Stack(stacks, true)])
	}
}

// soak is one guard in front of several servers, and the present state of the issuer's keys.
type soak struct {
	*testing.T
	issuer *authtest.Issuer
	apis   map[string]api
	stop   chan struct{}

	// Each request holds it for reading until its answer has been checked, so that the state does
	// not change in between.
	mu        sync.RWMutex
	served    []*authtest.Key // published, and known to the guard: their tokens must pass
	withdrawn []*authtest.Key // withdrawn, and the guard knows it: their tokens must not pass

	counting sync.Mutex
	counts   map[string]int // of requests, by kind
}

type api struct {
	grpc bool
	send func(request) (answer, error)
}

func newSoak(t *testing.T) *soak {
	issuer := must(authtest.New(authtest.Config{}))
	t.Cleanup(func() { _ = issuer.Close() })
	keys := must(jwks.New(jwks.Config{
		Issuer: issuer.URL(), Client: issuer.Client(), MinRefresh: time.Second, MaxRefresh: refresh,
		UnknownKeyInterval: 500 * time.Millisecond,
	}))
	t.Cleanup(func() { _ = keys.Close() })
	guard := must(middleware.New(middleware.JWTConfig{
		Issuer: issuer.URL(), Audience: []string{issuer.Audience()}, Keys: keys,
		CacheBytes: 1 << 20, // it is full within seconds, so its growth does not look like a leak
	}, middleware.Options{}))
	t.Cleanup(func() { _ = guard.Close() })
	s := &soak{
		T: t, issuer: issuer, apis: map[string]api{}, counts: map[string]int{}, stop: make(chan struct{}),
		served: []*authtest.Key{issuer.Key()},
	}
	for _, tr := range transports(false) {
		send, done := tr.serve(guard, scopes.All("read"), func(context.Context) {})
		t.Cleanup(done)
		s.apis[tr.name] = api{tr.grpc, send}
	}
	if err := guard.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *soak) run(length time.Duration) {
	var all sync.WaitGroup
	for name, api := range s.apis {
		for range callers {
			all.Go(func() { s.call(name, api, s.friendly) })
			all.Go(func() { s.call(name, api, s.hostile) })
		}
	}
	all.Go(s.direct)

	time.Sleep(length / 3) // until all caches and pools are full
	heap, goroutines := usage()
	time.Sleep(length - length/3)
	laterHeap, laterGoroutines := usage()
	close(s.stop)
	ended := make(chan struct{})
	go func() { all.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(2 * settled):
		stacks := make([]byte, 1<<20)
		s.Fatalf("a deadlock:\n%s", stacks[:runtime.Stack(stacks, true)])
	}

	const slack = 8 << 20
	if laterHeap > heap+slack {
		s.Errorf("the heap has grown from %d to %d octets", heap, laterHeap)
	}
	if limit := goroutines + 10*callers*len(s.apis); laterGoroutines > limit {
		s.Errorf("goroutines have grown from %d to %d, of which connections explain %d", goroutines, laterGoroutines, limit)
	}
	for _, kind := range slices.Sorted(maps.Keys(s.counts)) {
		s.Logf("%6d × %s", s.counts[kind], kind)
	}
	s.Logf("heap %d to %d octets, goroutines %d to %d", heap, laterHeap, goroutines, laterGoroutines)
}

func usage() (heap uint64, goroutines int) {
	runtime.GC()
	runtime.GC() // frees what finalizers and pools have released
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc, runtime.NumGoroutine()
}

// visit is a request and the statuses on HTTP that are right for it.
type visit struct {
	kind    string
	request request
	right   []int
}

// call sends the visits that next makes, until the soak ends.
func (s *soak) call(name string, api api, next func() visit) {
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for s.wait(tick.C) {
		s.mu.RLock()
		v := next()
		got, err := api.send(v.request)
		s.mu.RUnlock()
		fits := func(status int) bool {
			return got.status == (&world{grpc: api.grpc}).status(status, onGRPCFor[status])
		}
		if err != nil || !slices.ContainsFunc(v.right, fits) {
			s.Errorf("%s on %s: status %d, %v; want one of %v", v.kind, name, got.status, err, v.right)
		}
		s.counting.Lock()
		s.counts[v.kind]++
		s.counting.Unlock()
	}
}

// wait returns false when the soak ends.
func (s *soak) wait(c <-chan time.Time) bool {
	select {
	case <-s.stop:
		return false
	default:
	}
	select {
	case <-s.stop:
		return false
	case <-c:
		return true
	}
}

var onGRPCFor = map[int]int{200: 0, 400: 16, 401: 16, 403: 7, 503: 14}

// friendly is a good token of a key that serves. It passes, also during an outage.
func (s *soak) friendly() visit {
	key := s.served[rand.N(len(s.served))]
	return visit{"a good token", bearer(s.issuer.Mint(authtest.Token{Key: key, Scope: "read"})), []int{200}}
}

// hostile is any other request. During an outage, the guard cannot tell whether an unknown key is
// good.
func (s *soak) hostile() visit {
	good := s.served[rand.N(len(s.served))]
	mint := func(t authtest.Token) request {
		if t.Key == nil {
			t.Key = good
		}
		t.Scope = "read"
		return bearer(s.issuer.Mint(t))
	}
	visits := []func() visit{
		func() visit { return visit{"no token", request{}, []int{401}} },
		func() visit {
			return visit{"no scope", bearer(s.issuer.Mint(authtest.Token{Key: good})), []int{403}}
		},
		func() visit { return visit{"two headers", field("Bearer x", "Bearer x"), []int{400}} },
		func() visit {
			return visit{
				"an expired token", mint(authtest.Token{Claims: map[string]any{"exp": time.Now().Add(-time.Minute)}}),
				[]int{401},
			}
		},
		func() visit {
			return visit{
				"a forged token", mint(authtest.Token{Key: stranger(), Header: map[string]any{"kid": good.ID()}}), []int{401},
			}
		},
		func() visit { return visit{"an unsigned token", mint(authtest.Token{Algorithm: "none"}), []int{401}} },
		func() visit {
			return visit{
				"an unknown key", mint(authtest.Token{Key: stranger(), Header: map[string]any{"kid": time.Now().String()}}),
				[]int{401, 503},
			}
		},
		func() visit {
			return visit{
				"another audience", mint(authtest.Token{Claims: map[string]any{"aud": "https://other.test"}}), []int{401},
			}
		},
	}
	if n := len(s.withdrawn); n > 0 {
		visits = append(visits, func() visit {
			return visit{"a withdrawn key", mint(authtest.Token{Key: s.withdrawn[rand.N(n)]}), []int{401, 503}}
		})
	}
	return visits[rand.N(len(visits))]()
}

// direct changes the issuer in turn: it adds a key, has an outage, withdraws an old key, and
// starts again.
func (s *soak) direct() {
	days := []authtest.Fault{
		{Down: true},
		{Status: http.StatusInternalServerError},
		{Hang: true},
		{Body: "<html>"},
		{Handler: faults.Drip(100 * time.Millisecond)},
		{Handler: faults.Oversized(1 << 30)},
		{Handler: faults.GzipBomb(1 << 30)},
	}
	for n := 0; s.wait(time.After(time.Second)); n++ {
		key := s.issuer.Rotate()
		if !s.until("a new key is not seen", key, 200) {
			return
		}
		s.mu.Lock()
		s.served = append(s.served, key)
		s.mu.Unlock()

		s.issuer.Break(days[n%len(days)])
		if !s.wait(time.After(time.Second + rand.N(time.Second))) {
			return
		}
		s.issuer.Heal()

		if len(s.served) < 3 {
			continue
		}
		s.mu.Lock()
		old := s.served[0]
		s.served = slices.Clone(s.served[1:])
		s.mu.Unlock()
		s.issuer.Withdraw(old)
		if !s.until("a withdrawn key still serves", old, 401) {
			return
		}
		s.mu.Lock()
		s.withdrawn = append(s.withdrawn, old)
		s.withdrawn = s.withdrawn[max(0, len(s.withdrawn)-4):]
		s.mu.Unlock()
	}
}

// until sends tokens of key until the status is right. It returns false when the soak ends.
func (s *soak) until(otherwise string, key *authtest.Key, status int) bool {
	for end := time.Now().Add(settled); time.Now().Before(end); {
		got, err := s.apis["net/http"].send(bearer(s.issuer.Mint(authtest.Token{Key: key, Scope: "read"})))
		if err != nil {
			s.Error(err)
		}
		if got.status == status {
			return true
		}
		if !s.wait(time.After(pace)) {
			return false
		}
	}
	s.Errorf("%s after %v", otherwise, settled)
	<-s.stop
	return false
}
