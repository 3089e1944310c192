package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/bearerguard/bearerguard/benchmarks/internal/stopwatch"
	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// µs is d in microseconds.
func µs(d time.Duration) float64 { return float64(d) / 1e3 }

func report(out io.Writer, cfg config, c *cost, phases []*phase) error {
	fmt.Fprintf(out, "%d %% new and %d %% hostile tokens; latency in µs, client and server on one machine\n",
		cfg.fresh, cfg.hostile)
	fmt.Fprintf(out, "\n%d requests at once\n\n", cfg.workers)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "service\ttokens\trequests\tper second\tp50\tp90\tp99\tp99.9\tmax\t\n")
	for side, seen := range c.seen {
		for _, kind := range [][]string{{"all"}, append(kinds, "all")}[side] {
			m := seen[kind]
			fmt.Fprintf(w, "%s\t%s\t%d\t%.0f\t%s\n", [2]string{"no guard", "guarded"}[side], kind, m.Requests,
				float64(m.Requests)/c.took[side].Seconds(), cells(m.Latencies, 0.5, 0.9, 0.99, 0.999, 1))
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}

	fmt.Fprintf(out, "\n%d requests per second to the guarded service, %v in each phase\n\n", cfg.rate, cfg.phase)
	fmt.Fprint(w, "phase\ttokens\trequests\t200\t401\t503\tp50\tp90\tp99\tmax\t\n")
	for _, p := range phases {
		for _, kind := range kinds {
			m := p.seen[kind]
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%s\n", p.name, kind, m.Requests, m.StatusCodes["200"],
				m.StatusCodes["401"], m.StatusCodes["503"], cells(m.Latencies, 0.5, 0.9, 0.99, 1))
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}

	fmt.Fprintln(out)
	for _, p := range phases {
		if p.refused > 0 {
			fmt.Fprintf(out, "%s: %d good tokens were refused, the last one after %v\n",
				p.name, p.refused, p.unknown.Round(time.Millisecond))
		}
	}
	d := c.difference
	_, err := fmt.Fprintf(out, "Protection costs %.1f µs of processor time per request (95 %%: %.1f to %.1f), "+
		"which takes %.1f µs without a guard\n", d.Center, d.Lo, d.Hi, stopwatch.Median(c.bare).Center)
	return err
}

// cells returns latencies as cells of a table, one for each share of the requests. They are 0 if there
// was no request.
func cells(l vegeta.LatencyMetrics, shares ...float64) (cells string) {
	for _, share := range shares {
		cells += fmt.Sprintf("%.0f\t", µs(max(0, l.Quantile(share))))
	}
	return cells
}
