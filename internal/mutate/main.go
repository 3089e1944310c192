package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, ".", os.Args[1:], os.Stdout, os.Stderr))
}

// run runs the program in dir. It writes survivors, stale lines and the summary to stdout, and progress to
// stderr.
func run(ctx context.Context, dir string, args []string, stdout, stderr io.Writer) int {
	h := hunt{out: stdout, progress: stderr, begin: time.Now()}
	var only, skip, witness string
	flags := flag.NewFlagSet("mutate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&h.listOnly, "list", false, "print the mutants and run nothing")
	flags.StringVar(&only, "run", "", "try only the mutants whose printed line matches this `regexp`")
	flags.StringVar(&skip, "skip", "", "`file` of known equivalents")
	flags.StringVar(&witness, "witness", "", "`dirs`, parted by commas, whose tests are asked about survivors as well")
	flags.IntVar(&h.workers, "j", runtime.GOMAXPROCS(0), "how many mutants are tried at once")
	flags.BoolVar(&h.verbose, "v", false, "also print killed mutants, each with the first test that failed")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	err := h.prepare(ctx, dir, only, skip, witness, flags.Args())
	defer h.lab.clean()
	if err == nil && !h.listOnly {
		err = h.try(ctx)
	}
	if err != nil {
		fmt.Fprintln(stderr, "mutate:", err)
		return 2
	}
	return h.report()
}
