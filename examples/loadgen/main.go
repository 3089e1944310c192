// The loadgen example shows what the guard costs per request over real sockets: it
// starts the same small service twice, with and without a guard, sends both the same
// traffic, and prints throughput and latency percentiles.
//
//	go run ./examples/loadgen
//	go run ./examples/loadgen -transport grpc -workers 32 -mix 50,30,20
//
// The traffic is a mix of a few tokens that come again and again (known), of tokens
// that come once (new), and of bad ones (hostile): forged, expired, unsigned, garbage,
// and with the kid of a key that nobody has. Each answer is checked. Connections are kept
// alive. Client and server share this machine and stay on 127.0.0.1; the address is not
// configurable.
//
// It is a closed loop: a worker sends its next request when the last one is
// answered. So look at the difference between the two services, not at the
// figures themselves: on another machine, with the client elsewhere, they are others.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "loadgen:", err)
		os.Exit(1)
	}
}

// config is what the flags say.
type config struct {
	transports []string
	workers    int
	rounds     int
	requests   int           // of each service in each round, at most
	duration   time.Duration // of all
	mix        mix
	json       string
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	cfg, err := parse(args)
	if err != nil {
		return err
	}
	traffic, err := newTraffic(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, traffic.close()) }()

	// One service after the other for a short while each, several times over: what slows the
	// machine at one moment then slows both.
	var services []*service
	defer func() {
		for _, s := range services {
			err = errors.Join(err, s.close())
		}
	}()
	for _, transport := range cfg.transports {
		for _, guarded := range []bool{false, true} {
			s, err := start(transport, guarded, cfg.workers, traffic)
			if err != nil {
				return err
			}
			services = append(services, s)
		}
	}
	measured := make([]*series, len(services))
	for i, s := range services {
		measured[i] = newSeries(s)
	}
	slice := cfg.duration / time.Duration(cfg.rounds*len(services))
	for range cfg.rounds {
		for i, s := range services {
			if err := load(ctx, s, traffic, cfg, slice, measured[i]); err != nil {
				return err
			}
		}
	}

	result := summarize(cfg, measured)
	if cfg.json != "" {
		text, err := json.MarshalIndent(result, "", "\t")
		if err != nil {
			return err
		}
		if cfg.json == "-" {
			_, err = fmt.Fprintln(out, string(text))
			return err
		}
		if err := os.WriteFile(cfg.json, append(text, '\n'), 0o644); err != nil {
			return err
		}
	}
	return result.print(out)
}

func parse(args []string) (cfg config, err error) {
	flags := flag.NewFlagSet("loadgen", flag.ContinueOnError)
	transport := flags.String("transport", "both", "http, grpc or both")
	flags.IntVar(&cfg.workers, "workers", 8, "requests under way at once, 1 to 256")
	flags.IntVar(&cfg.rounds, "rounds", 5, "how often the services take turns, 1 to 100")
	flags.IntVar(&cfg.requests, "requests", 5000, "requests to each service in each round, at most 100000")
	flags.DurationVar(&cfg.duration, "duration", 20*time.Second, "how long to send requests, all in all, at most 10m")
	flags.TextVar(&cfg.mix, "mix", mix{80, 15, 5}, "percent of known, new and hostile tokens")
	flags.StringVar(&cfg.json, "json", "", "write the figures to this file, too; - writes nothing else")
	if err := flags.Parse(args); err != nil {
		return cfg, err
	}
	var faults []error
	must := func(ok bool, fault string) {
		if !ok {
			faults = append(faults, errors.New(fault))
		}
	}
	switch *transport {
	case "both":
		cfg.transports = []string{"http", "grpc"}
	case "http", "grpc":
		cfg.transports = []string{*transport}
	default:
		must(false, "-transport is neither http, grpc nor both")
	}
	must(cfg.workers >= 1 && cfg.workers <= 256, "-workers is outside of 1 to 256")
	must(cfg.rounds >= 1 && cfg.rounds <= 100, "-rounds is outside of 1 to 100")
	must(cfg.requests >= 1 && cfg.requests <= 100_000, "-requests is outside of 1 to 100000")
	must(cfg.duration > 0 && cfg.duration <= 10*time.Minute, "-duration is outside of 0 to 10m")
	must(flags.NArg() == 0, "takes flags only")
	return cfg, errors.Join(faults...)
}
