package main

import (
	"context"
	"net/http"
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// phase is the outcome of a phase of the second part.
type phase struct {
	name    string
	begin   func(*authtest.Issuer)
	rotated bool

	seen    tally
	windows [windows]tally // the same, by time
	refused int            // good tokens
	unknown time.Duration  // until the last of these
}

// windows is how many points of each curve are drawn for a phase.
const windows = 20

// notice is how long new tokens may be refused after a rotation: 2 s, which the cache promises, and a
// second more for a busy machine.
const notice = 3 * time.Second

// runPhases sends requests to the guarded service while the issuer is up, down, up again and rotates.
func runPhases(ctx context.Context, cfg config, t *traffic, url string) ([]*phase, error) {
	phases := []*phase{
		{name: "issuer up", begin: func(*authtest.Issuer) {}},
		{name: "issuer down", begin: func(i *authtest.Issuer) { i.Break(authtest.Fault{Down: true}) }},
		{name: "up again", begin: (*authtest.Issuer).Heal},
		{name: "key rotated", begin: func(i *authtest.Issuer) { i.Rotate() }, rotated: true},
	}
	for _, p := range phases {
		p.seen = newTally()
		for i := range p.windows {
			p.windows[i] = newTally()
		}
		p.begin(t.issuer)
		requests := t.requests(int(cfg.phase.Seconds() * float64(cfg.rate)))
		see := func(kind string, at time.Duration, answer *vegeta.Result) error {
			p.seen.add(kind, answer)
			p.windows[min(int(at*windows/cfg.phase), windows-1)].add(kind, answer)
			if kind != "hostile" && answer.Code != http.StatusOK {
				p.refused++
				p.unknown = max(p.unknown, at)
			}
			return judge(kind, answer.Code, p.rotated && at < notice)
		}
		pacer := vegeta.ConstantPacer{Freq: cfg.rate, Per: time.Second}
		if _, err := attack(ctx, url, requests, cfg, pacer, see); err != nil {
			return nil, err
		}
	}
	return phases, nil
}
