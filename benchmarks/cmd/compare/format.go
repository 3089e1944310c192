package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// format writes m in Go's benchmark format, which benchstat reads: a line for each subject and block.
func (m *measured) format(w io.Writer) error {
	config := []benchfmt.Config{
		{Key: "goos", Value: []byte(runtime.GOOS), File: true},
		{Key: "goarch", Value: []byte(runtime.GOARCH), File: true},
		{Key: "cpu", Value: []byte(cpuModel()), File: true},
	}
	out := benchfmt.NewWriter(w)
	for _, s := range subjects(m.groups, func(string) bool { return true }) {
		r, ok := m.results.By[s.Name]
		if !ok {
			continue
		}
		for _, nanos := range r.Blocks {
			err := out.Write(&benchfmt.Result{
				Config: config, Name: benchfmt.Name(benchmarkName(s.Name)), Iters: r.Ops,
				Values: []benchfmt.Value{
					{Value: nanos, Unit: "ns/op"},
					{Value: r.Allocs.Bytes, Unit: "B/op"},
					{Value: r.Allocs.Count, Unit: "allocs/op"},
				},
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// benchmarkName returns the name of a subject in the form in which package testing writes the name of
// a sub-benchmark. A name must not contain spaces. The number of processors comes last.
func benchmarkName(subject string) string {
	return fmt.Sprintf("%s-%d", strings.ReplaceAll(subject, " ", "_"), runtime.GOMAXPROCS(0))
}
