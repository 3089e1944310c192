package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/bearerguard/bearerguard/benchmarks/internal/peers"
	"github.com/bearerguard/bearerguard/benchmarks/internal/stopwatch"
	"github.com/bearerguard/bearerguard/benchmarks/internal/workload"
)

// measured is the content of a report.
type measured struct {
	groups     []group
	results    stopwatch.Results
	pairs      []pair
	contention stopwatch.Contention
	memory     memory
	took       time.Duration
}

type pair struct {
	a, b string
	stopwatch.Paired
}

// measure runs the whole suite in about the time d.
func measure(ctx context.Context, groups []group, keep func(string) bool, d, slice time.Duration) (*measured, error) {
	begin := time.Now()
	m := &measured{groups: groups}
	all := subjects(groups, keep)
	if len(all) == 0 {
		return nil, fmt.Errorf("no subject has such a name; -list names them")
	}
	var err error
	if m.results, err = stopwatch.Run(ctx, all, stopwatch.Config{Time: d * 8 / 10, Slice: slice}); err != nil {
		return nil, err
	}
	for _, algorithm := range workload.Algorithms {
		peer := m.fastestPeer(algorithm)
		// The peer is compared with ours twice: with the defaults, and with the roles, because
		// the peers decode the roles.
		for _, ours := range []string{algorithm + "/" + peers.Ours, algorithm + "/" + peers.OursRoles} {
			if _, ok := m.results.By[ours]; !ok || peer == "" {
				continue
			}
			a, err := find(all, ours)
			if err != nil {
				return nil, err
			}
			b, err := find(all, peer)
			if err != nil {
				return nil, err
			}
			p, err := stopwatch.Pair(ctx, a, b, d*2/10/time.Duration(2*len(workload.Algorithms)))
			if err != nil {
				return nil, err
			}
			m.pairs = append(m.pairs, pair{ours, peer, p})
		}
	}
	if keep("known/" + rowCheckKnown) {
		if m.contention, err = contend(min(2*time.Second, d/20)); err != nil {
			return nil, err
		}
		if m.memory, err = weigh(); err != nil {
			return nil, err
		}
	}
	m.took = time.Since(begin)
	return m, nil
}

// fastestPeer returns the name of the peer that took the least time with algorithm, or "" if no
// peer was measured.
func (m *measured) fastestPeer(algorithm string) string {
	best, least := "", math.Inf(1)
	for _, v := range peers.Verifiers {
		if r, ok := m.results.By[algorithm+"/"+v.Name]; ok && !v.Ours() && r.Nanos < least {
			best, least = r.Name, r.Nanos
		}
	}
	return best
}

// contend checks one known token in many goroutines at once. This is the worst case for a cache that
// locks.
func contend(d time.Duration) (stopwatch.Contention, error) {
	w, err := workload.New("RS256")
	if err != nil {
		return stopwatch.Contention{}, err
	}
	guard, err := peers.NewWithVerifier(w, 0)
	if err != nil {
		return stopwatch.Contention{}, err
	}
	op := checks(guard, w.Good())
	if err := op(); err != nil { // from here on the token is known
		return stopwatch.Contention{}, err
	}
	return stopwatch.Contend(op, "github.com/bearerguard/bearerguard/middleware", d)
}

// memory is the size of things in bytes.
type memory struct {
	key    float64 // of a set of 1,000, compiled, EdDSA
	token  float64 // of a known token, without the token itself
	length int     // of that token
	flood  float64 // the cache after many more tokens than it has room for
}

const (
	cachedTokens = 1000
	floodTokens  = 40000
)

// weigh measures sizes by the heap before and after.
func weigh() (m memory, err error) {
	w, err := workload.New("EdDSA")
	if err != nil {
		return m, err
	}
	document, err := w.KeySet(1000)
	if err != nil {
		return m, err
	}
	before := heap()
	cache, err := fetched(w, document, 0)
	if err != nil {
		return m, err
	}
	m.key = (heap() - before) / 1000
	if err := cache.Close(); err != nil {
		return m, err
	}
	if w, err = workload.New("HS256"); err != nil {
		return m, err
	}
	verify, err := peers.NewOurs(w, 0)
	if err != nil {
		return m, err
	}
	m.length = len(w.Good())
	before = heap()
	for i := range floodTokens {
		if i == cachedTokens {
			m.token = (heap() - before) / cachedTokens
		}
		if _, err := verify(w.Good()); err != nil {
			return m, err
		}
	}
	m.flood = heap() - before
	runtime.KeepAlive(verify)
	runtime.KeepAlive(cache)
	return m, nil
}

// heap is the number of reachable bytes.
func heap() float64 {
	runtime.GC()
	runtime.GC() // after the first one, pools still keep some objects
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return float64(s.HeapAlloc)
}
