// The compare command measures bearerguard, its peers and the bare standard library side
// by side, and prints tables in markdown.
//
//	go run ./cmd/compare                      everything, interleaved, in about 6 minutes
//	go run ./cmd/compare -write RESULTS.md    the same, into the file, between its markers
//	go run ./cmd/compare -bench new.txt       the same figures for benchstat, too
//	go run ./cmd/compare -list                the names of the subjects
//	go run ./cmd/compare -run '^RS256/'       those that match
//	go run ./cmd/compare -paired 'ES256/bearerguard|ES256/raw crypto'
//
// The paired mode alternates two subjects within one loop and prints the ratio of their times with a
// confidence interval. It shows differences that are too small for the interleaved run. Every run also
// pairs ours with the fastest peer.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/bearerguard/bearerguard/benchmarks/internal/stopwatch"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

// built is the suite. It is made once, because it needs thousands of keys and tokens.
var built = sync.OnceValues(suite)

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	limit := flags.Duration("time", 5*time.Minute, "how long to measure, after half a minute of preparation")
	slice := flags.Duration("slice", 20*time.Millisecond, "processor time of a subject in a round")
	pattern := flags.String("run", "", "measure only subjects whose names match this regular expression")
	paired := flags.String("paired", "", "compare two subjects, separated by a bar, within one loop")
	list := flags.Bool("list", false, "list the subjects and exit")
	file := flags.String("write", "", "write the report between the markers of this file")
	format := flags.String("bench", "", "also write the figures to this file, in Go's benchmark format")
	if err := flags.Parse(args); err != nil {
		return err
	}
	keep, err := regexp.Compile(*pattern)
	if err != nil {
		return err
	}
	groups, err := built()
	if err != nil {
		return err
	}
	all := subjects(groups, keep.MatchString)
	switch {
	case *list:
		for _, s := range all {
			fmt.Fprintln(out, s.Name)
		}
		return nil
	case *paired != "":
		a, b, _ := strings.Cut(*paired, "|")
		return pairUp(ctx, out, all, a, b, *limit)
	}

	m, err := measure(ctx, groups, keep.MatchString, *limit, *slice)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if *format != "" {
		if err := m.format(&text); err != nil {
			return err
		}
		if err := os.WriteFile(*format, text.Bytes(), 0o644); err != nil {
			return err
		}
		text.Reset()
	}
	m.report(&text)
	if *file != "" {
		return replace(*file, text.Bytes())
	}
	_, err = out.Write(text.Bytes())
	return err
}

func pairUp(ctx context.Context, out io.Writer, all []stopwatch.Subject, a, b string, d time.Duration) error {
	x, err := find(all, a)
	if err != nil {
		return err
	}
	y, err := find(all, b)
	if err != nil {
		return err
	}
	p, err := stopwatch.Pair(ctx, x, y, d)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s takes %.3f times as long as %s (95 %%: %.3f to %.3f, %d pairs)\n",
		a, p.Ratio, b, p.Low, p.High, p.Pairs)
	return err
}

// The markers between which -write puts the report.
const (
	beginMarker = "<!-- begin: go run ./cmd/compare -write RESULTS.md -->\n"
	endMarker   = "<!-- end -->\n"
)

var errMarkers = errors.New("the file does not have the markers")

func replace(file string, report []byte) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, begun := bytes.Cut(text, []byte(beginMarker))
	_, after, ended := bytes.Cut(rest, []byte(endMarker))
	if !begun || !ended {
		return fmt.Errorf("%s: %w: %q and %q", file, errMarkers, beginMarker, endMarker)
	}
	whole := bytes.Join([][]byte{before, []byte(beginMarker), report, []byte(endMarker), after}, nil)
	return os.WriteFile(file, whole, 0o644)
}
