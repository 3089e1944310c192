package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/bearerguard/bearerguard/benchmarks/internal/peers"
)

// target is a promise and its figure.
type target struct {
	what, promise, figure string
	met                   string
}

// verdict tells whether a figure keeps a promise. Maybe means that the limit is inside the
// interval.
func verdict(surely, maybe bool) string {
	switch {
	case surely:
		return "yes"
	case maybe:
		return "open: the interval holds the limit"
	}
	return "**no**"
}

// targets compares the results with the promises. It leaves out what was not measured.
func (m *measured) targets() []target {
	var list []target
	add := func(what, promise string, measured []string, met bool, format string, args ...any) {
		for _, name := range measured {
			if _, ok := m.results.By[name]; !ok {
				return
			}
		}
		list = append(list, target{what, promise, fmt.Sprintf(format, args...), verdict(met, met)})
	}
	nanos := func(name string) float64 { return m.results.By[name].Nanos }
	allocs := func(name string) float64 { return m.results.By[name].Allocs.Count }
	ours := func(algorithm string) string { return algorithm + "/" + peers.Ours }
	floor := func(algorithm string) string { return algorithm + "/" + peers.Floor }

	// HMAC is so fast that the time of the other work shows. With RSA, this time is smaller
	// than the spread.
	rest := m.results.Difference(ours("HS256"), floor("HS256"))
	objects := allocs(ours("HS256")) - allocs(floor("HS256"))
	add("everything except the signature check (HS256 less its floor)", "≤ 4 µs, ≤ 3 allocations",
		[]string{ours("HS256"), floor("HS256")},
		rest <= 4000 && objects < 3.5, "%s, %.1f allocations", duration(rest), objects)
	limits := map[string]float64{"HS256": 0.3, "RS256": 0.75, "ES256": 0.9}
	// The pair decides, because it is more precise than the interleaved run. A target is met if the whole
	// interval is below the limit, and not met if the whole interval is above.
	for _, p := range m.pairs {
		algorithm, subject, _ := strings.Cut(p.a, "/")
		limit := 1.0 // in no configuration slower than a peer
		if subject == peers.Ours {
			limit = cmp.Or(limits[algorithm], limit)
		}
		list = append(list, target{
			"uncached, against the fastest peer, " + strings.Replace(subject, peers.Ours, algorithm, 1),
			fmt.Sprintf("≤ %.2f×", limit),
			fmt.Sprintf("%.3f× %s (%.3f to %.3f); the raw crypto alone is %.2f×", p.Ratio,
				strings.TrimPrefix(p.b, algorithm+"/"), p.Low, p.High, m.results.Ratio(floor(algorithm), p.b)),
			verdict(p.High <= limit, p.Low <= limit),
		})
	}

	known := "known/" + rowCheckKnown
	add("a token seen before, Guard.Check", "< 1 µs, ≤ 2 allocations", []string{known},
		nanos(known) < 1000 && allocs(known) < 2.5, "%s, %.1f allocations", duration(nanos(known)), allocs(known))
	if c := m.contention; c.Goroutines > 0 {
		add("no lock shared by all requests", "no wait outside of the Go runtime", nil, c.Waits == 0,
			"%d waits in %d requests of %d goroutines%s, and %d for the runtime's own locks (its allocator)",
			c.Waits, c.Ops, c.Goroutines, where(c.Where), c.Runtime)
	}
	one, thousand := "lookup/"+lookupRow(1), "lookup/"+lookupRow(1000)
	add("key look-up", "< 50 ns, the same at 1 and 1,000 keys", []string{one, thousand},
		nanos(one) < 50 && nanos(thousand) < 50, "%s and %s", duration(nanos(one)), duration(nanos(thousand)))

	first, last := kilobytes[0], kilobytes[len(kilobytes)-1]
	small, large := "size/"+sizeRow(peers.Ours, first), "size/"+sizeRow(peers.Ours, last)
	growth := m.results.Difference(large, small) / float64(last-first)
	add("cost against token size", "≤ 6 µs per further KB", []string{small, large},
		growth <= 6000, "%s per KB", duration(growth))

	var names []string
	var slowest, most float64
	var which string
	for name, r := range m.results.By {
		if strings.HasPrefix(name, "refuse/"+peers.Ours+", ") {
			names = append(names, name)
			most = max(most, r.Allocs.Bytes)
			if r.Nanos > slowest {
				slowest, which = r.Nanos, strings.TrimPrefix(name, "refuse/"+peers.Ours+", ")
			}
		}
	}
	if len(names) > 0 {
		add("refusals before crypto", "< 5 µs, nothing that grows with the input", names,
			slowest < 5000 && most < 1024, "at most %s (%s) and %.0f B", duration(slowest), which, most)
	}
	check := "scopes/" + rowScopesOurs
	add("4 scopes against 20 granted", "< 200 ns, 0 allocations", []string{check},
		nanos(check) < 200 && allocs(check) < 0.5, "%s, %.1f allocations", duration(nanos(check)), allocs(check))

	above := func(framework string) float64 {
		return m.results.Difference(framework+"/"+peers.OursKnown, framework+"/"+peers.Bare)
	}
	for _, framework := range []string{peers.NetHTTP, peers.Echo, peers.Gin, peers.GRPC} {
		add("known token above the empty handler, "+framework, "≤ 1.3 µs",
			[]string{framework + "/" + peers.OursKnown, framework + "/" + peers.Bare},
			above(framework) <= 1300, "%s", duration(above(framework)))
	}
	more := above(peers.ServeMux) - above(peers.NetHTTP)
	add("httpauth.Mux beyond httpauth.Require", "≤ 0.5 µs",
		[]string{peers.ServeMux + "/" + peers.OursKnown, peers.NetHTTP + "/" + peers.OursKnown},
		more <= 500, "%s", duration(more))

	if m.memory.key > 0 {
		add("bytes per key at 1,000 keys", "reported", nil, true, "%.0f", m.memory.key)
	}
	if m.memory.token > 0 {
		add("bytes per known token, itself included", "reported", nil, true, "%.0f for a token of %d",
			m.memory.token, m.memory.length)
		budget := 16 << 20
		add("the cache after a flood of one-time tokens", "≤ 16 MiB", nil, m.memory.flood <= float64(budget),
			"%.1f MiB after %d tokens", m.memory.flood/(1<<20), floodTokens)
	}
	return list
}

// where lists functions, without the paths of their packages.
func where(functions []string) string {
	if len(functions) == 0 {
		return ""
	}
	var short []string
	for _, f := range functions {
		short = append(short, f[strings.LastIndexByte(f, '/')+1:])
	}
	return ", in " + strings.Join(short, ", ")
}
