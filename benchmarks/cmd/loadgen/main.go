// The loadgen command sends HTTP requests to a small service on 127.0.0.1 and shows two things: what
// protection costs per request, and what callers see while the issuer is down and when it rotates its
// key.
//
//	go run ./cmd/loadgen
//	go run ./cmd/loadgen -workers 32 -new 30 -hostile 20
//	go run ./cmd/loadgen -svg ../docs/loadgen.svg
//
// The requests bear a mix of tokens: a few that come again and again (known), tokens that come once
// (new), and bad ones (hostile), which are forged, expired, unsigned, garbage, for another API, or name
// a key that does not exist. Each answer is checked, and a wrong one ends the run.
//
// # What protection costs
//
// The same handler is served twice, with and without a guard. Both get the same requests, in turns of
// less than a second, because a slow machine then slows both. The last line of the output is the
// difference between their processor times per request. Both times include that of the client, so the
// difference does not. The figure is larger than those of cmd/compare, whose loops keep the guard's code
// and data in the caches of the processor.
//
// The latencies of the first table grow by more than that. Each of the 8 workers sends its next
// request when the last one has been answered. So 8 requests are always under way, and on a machine
// with n cores they share these, and so does the client. A request that takes c of processor time is
// answered after about 8c/n, because it waits for the others. If the guard adds d, the latency grows
// by about 8d/n, which is 4d on two cores. The median of the known tokens grows as well, because they
// wait behind new tokens, whose signatures are verified. With -workers 1 no request waits for another
// one, and a latency grows by what the guard does for this token.
//
// # Outage and rotation
//
// The guarded service then gets requests at a fixed rate. The rate is low, so that the service is not
// overloaded. The issuer is up, then down, then up again, and then it rotates its key. While the issuer
// is down, good tokens must pass. After the rotation, tokens of the new key must pass in 3 s at the
// latest: the guard asks for an unknown key at most once in 1.5 s, and a hostile token may have made it
// ask just before.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "loadgen:", err)
		os.Exit(1)
	}
}

// config is the flags, and the client of all requests.
type config struct {
	workers, rounds, requests, rate int
	fresh, hostile                  int // percent of the requests
	phase                           time.Duration
	svg                             string
	client                          *http.Client
}

func parse(args []string) (cfg config, err error) {
	flags := flag.NewFlagSet("loadgen", flag.ContinueOnError)
	flags.IntVar(&cfg.workers, "workers", 8, "requests under way at once, 1 to 256")
	flags.IntVar(&cfg.rounds, "rounds", 20, "how often the two services take turns, 1 to 1000")
	flags.IntVar(&cfg.requests, "requests", 3000, "requests to each service in each round, 1 to 100000")
	flags.DurationVar(&cfg.phase, "phase", 5*time.Second, "how long the issuer is up, down and so on, 100ms to 1m")
	flags.IntVar(&cfg.rate, "rate", 500, "requests per second in a phase, 100 to 10000")
	flags.IntVar(&cfg.fresh, "new", 15, "percent of requests with a new token")
	flags.IntVar(&cfg.hostile, "hostile", 5, "percent of requests with a hostile token")
	flags.StringVar(&cfg.svg, "svg", "", "draw the latencies to this file")
	if err := flags.Parse(args); err != nil {
		return cfg, err
	}
	var faults []error
	within := func(name string, value, low, high int) {
		if value < low || value > high {
			faults = append(faults, fmt.Errorf("-%s is %d, not within %d to %d", name, value, low, high))
		}
	}
	within("workers", cfg.workers, 1, 256)
	within("rounds", cfg.rounds, 1, 1000)
	within("requests", cfg.requests, 1, 100_000)
	within("rate", cfg.rate, 100, 10_000)
	within("new", cfg.fresh, 0, 100)
	within("hostile", cfg.hostile, 0, 100-cfg.fresh)
	if cfg.phase < 100*time.Millisecond || cfg.phase > time.Minute {
		faults = append(faults, fmt.Errorf("-phase is %v, not within 100ms to 1m", cfg.phase))
	}
	if flags.NArg() > 0 {
		faults = append(faults, fmt.Errorf("%q is not a flag", flags.Arg(0)))
	}
	cfg.client = client(cfg.workers)
	return cfg, errors.Join(faults...)
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	cfg, err := parse(args)
	if err != nil {
		return err
	}
	defer cfg.client.CloseIdleConnections()
	issuer, err := authtest.New(authtest.Config{Addr: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, issuer.Close()) }()
	t, err := newTraffic(issuer, cfg)
	if err != nil {
		return err
	}
	bare := httptest.NewServer(things())
	defer bare.Close()
	safe, guard, err := guarded(ctx, issuer)
	if err != nil {
		return err
	}
	defer func() {
		safe.Close()
		err = errors.Join(err, guard.Close())
	}()

	c, err := measureCost(ctx, cfg, t, bare.URL, safe.URL)
	if err != nil {
		return err
	}
	phases, err := runPhases(ctx, cfg, t, safe.URL)
	if err != nil {
		return err
	}
	if cfg.svg != "" {
		if err := picture(cfg, c, phases); err != nil {
			return err
		}
	}
	return report(out, cfg, c, phases)
}
