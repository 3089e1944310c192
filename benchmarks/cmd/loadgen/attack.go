package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/bearerguard/bearerguard/benchmarks/internal/stopwatch"
	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// client sends the requests. It has no proxy, because the requests must not leave this machine.
func client(workers int) *http.Client {
	pool := &http.Transport{MaxIdleConnsPerHost: workers, MaxConnsPerHost: workers}
	return &http.Client{Transport: pool, Timeout: 10 * time.Second}
}

// attack sends requests to url and calls see with each answer, and with the time since the attack began.
// An error of see ends it. It returns the processor time that a request took, including that of the
// client.
func attack(ctx context.Context, url string, requests []request, cfg config, pacer vegeta.Pacer,
	see func(kind string, at time.Duration, answer *vegeta.Result) error,
) (time.Duration, error) {
	workers := uint64(cfg.workers)
	attacker := vegeta.NewAttacker(vegeta.Client(cfg.client), vegeta.Workers(workers), vegeta.MaxWorkers(workers))
	defer context.AfterFunc(ctx, func() { attacker.Stop() })()
	var err error
	sent := 0
	cpu, begin := stopwatch.CPU(), time.Now()
	for answer := range attacker.Attack(targets(url, requests), pacer, 0, "") {
		_, kind, _ := strings.Cut(answer.URL, "?")
		switch {
		case err != nil || answer.Error == vegeta.ErrNoTargets.Error():
			continue
		case answer.Code == 0: // no answer
			err = fmt.Errorf("a %s token: %s", kind, answer.Error)
		default:
			sent++
			err = see(kind, answer.Timestamp.Sub(begin), answer)
		}
		if err != nil {
			attacker.Stop()
		}
	}
	cpu = stopwatch.CPU() - cpu
	if err = errors.Join(err, context.Cause(ctx)); err != nil {
		return 0, err
	}
	return cpu / time.Duration(sent), nil
}

// judge returns an error if status is not the right answer to a token of this kind. unknown tells that
// the guard does not know the key of new tokens yet.
func judge(kind string, status uint16, unknown bool) error {
	refused := status == http.StatusUnauthorized || status == http.StatusServiceUnavailable
	switch {
	case kind == "hostile" && refused,
		kind != "hostile" && status == http.StatusOK,
		kind == "new" && unknown && refused:
		return nil
	}
	return fmt.Errorf("the wrong answer to a %s token: %d", kind, status)
}
