package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// summary is the outcome of a run, and the form of -json. Latencies are in microseconds.
type summary struct {
	Workers  int       `json:"workers"`
	Mix      mix       `json:"mix"`
	Services []outcome `json:"services"`
}

type outcome struct {
	Name      string             `json:"name"`
	Transport string             `json:"transport"`
	Guarded   bool               `json:"guarded"`
	Requests  int                `json:"requests"`
	PerSecond float64            `json:"per_second"`
	Tokens    map[string]latency `json:"tokens"` // by kind, and "all"
}

type latency struct {
	Requests int     `json:"requests"`
	P50      float64 `json:"p50"`
	P90      float64 `json:"p90"`
	P99      float64 `json:"p99"`
	P999     float64 `json:"p999"`
	Max      float64 `json:"max"`
	// Curve is the latency below which 1 of 200 of the requests lie, 2 of 200, and so on.
	Curve []float64 `json:"curve"`
}

func summarize(cfg config, measured []*series) summary {
	result := summary{Workers: cfg.workers, Mix: cfg.mix}
	for _, m := range measured {
		all := slices.Concat(m.latency[:]...)
		o := outcome{
			Name: m.service.name(), Transport: m.service.transport, Guarded: m.service.guarded,
			Requests: len(all), PerSecond: float64(len(all)) / m.took.Seconds(),
			Tokens: map[string]latency{"all": latencyOf(all)},
		}
		for k := range kinds {
			o.Tokens[kind(k).String()] = latencyOf(m.latency[k])
		}
		result.Services = append(result.Services, o)
	}
	return result
}

func latencyOf(seen []time.Duration) latency {
	slices.Sort(seen)
	at := func(share float64) float64 {
		if len(seen) == 0 {
			return 0
		}
		i := min(int(share*float64(len(seen))), len(seen)-1)
		return float64(seen[i]) / float64(time.Microsecond)
	}
	l := latency{Requests: len(seen), P50: at(0.5), P90: at(0.9), P99: at(0.99), P999: at(0.999), Max: at(1)}
	if len(seen) > 0 {
		for i := range 200 {
			l.Curve = append(l.Curve, at(float64(i+1)/200-1e-9))
		}
	}
	return l
}

func (s summary) print(out io.Writer) error {
	share, err := s.Mix.MarshalText()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d workers; %% of known, new and hostile tokens: %s; latency in µs, client and server on one machine\n\n", s.Workers, share)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "service\ttokens\trequests\tper second\tp50\tp90\tp99\tp99.9\tmax\t\n")
	for _, o := range s.Services {
		for _, k := range []string{"all", known.String(), fresh.String(), hostile.String()} {
			l, rate := o.Tokens[k], ""
			if k == "all" {
				rate = fmt.Sprintf("%.0f", o.PerSecond)
			}
			fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t\n", o.Name, k, l.Requests, rate, l.P50, l.P90, l.P99, l.P999, l.Max)
		}
	}
	return w.Flush()
}
