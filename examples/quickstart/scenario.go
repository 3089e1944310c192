package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// step is a request, and the status that every transport must answer with.
type step struct {
	what   string
	wait   time.Duration // the pause before the request
	before string        // the path of a switch to call first, on net/http; "" is none
	token  string
	status int
}

// scenario returns the steps. Their order matters, because the issuer goes down after some
// of them, and then comes back with next as its key.
func scenario(issuer *authtest.Issuer, next *authtest.Key) ([]step, error) {
	stranger, err := authtest.NewKey(issuer.Key().Algorithm())
	if err != nil {
		return nil, err
	}
	mint := func(t authtest.Token, good time.Duration) string {
		t.Claims = map[string]any{"exp": time.Now().Add(good)}
		return issuer.Mint(t)
	}
	known := mint(authtest.Token{Scope: "read:things"}, time.Hour)
	unseen := mint(authtest.Token{Scope: "read:things", Key: next}, time.Hour)
	return []step{
		{what: "good token", token: known, status: http.StatusOK},
		{what: "no token", status: http.StatusUnauthorized},
		{
			what: "expired token", token: mint(authtest.Token{Scope: "read:things"}, -time.Hour),
			status: http.StatusUnauthorized,
		},
		{
			what: "forged token", token: mint(authtest.Token{
				Scope: "read:things", Key: stranger, Header: map[string]any{"kid": issuer.Key().ID()},
			}, time.Hour),
			status: http.StatusUnauthorized,
		},
		{
			what: "token without the scope", token: mint(authtest.Token{Scope: "profile"}, time.Hour),
			status: http.StatusForbidden,
		},
		{what: "issuer down, token of a known key", before: "/issuer/down", token: known, status: http.StatusOK},
		// The guard asks the issuer about unknown keys, and about signatures that fail, at most
		// once in 1.5 seconds. The forged token has made it ask, so this step waits.
		{
			what: "issuer down, token of its new key", wait: 2 * time.Second, token: unseen,
			status: http.StatusServiceUnavailable,
		},
		{
			what: "issuer up again, that same token", before: "/issuer/up", wait: 2 * time.Second, token: unseen,
			status: http.StatusOK,
		},
	}, nil
}

// printCurl writes the steps as shell commands for the first transport.
func printCurl(w io.Writer, transports []transport, steps []step) {
	base := transports[0].addr()
	fmt.Fprintf(w, "One API, one policy, protected on %s (%s)", transports[0], base)
	for _, t := range transports[1:] {
		fmt.Fprintf(w, ", %s (%s)", t, t.addr())
	}
	fmt.Fprint(w, ". Paste these, in order:\n\n")
	for _, s := range steps {
		fmt.Fprintf(w, "# %s: %d\n", s.what, s.status)
		if s.before != "" {
			fmt.Fprintf(w, "curl -X POST %s%s; ", base, s.before)
		}
		if s.wait > 0 {
			fmt.Fprintf(w, "sleep %.0f; ", s.wait.Seconds())
		}
		fmt.Fprint(w, "curl -i ")
		if s.token != "" {
			fmt.Fprintf(w, "-H 'Authorization: Bearer %s' ", s.token)
		}
		fmt.Fprintf(w, "%s/read\n\n", base)
	}
	fmt.Fprintln(w, "Ctrl-C stops it.")
}

// play sends the steps over every transport, and writes a table of the answers. It
// returns an error if an answer is not the one of the step.
func play(ctx context.Context, w io.Writer, transports []transport, steps []step) error {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprint(table, "REQUEST")
	for _, t := range transports {
		fmt.Fprintf(table, "\t%s", strings.ToUpper(t.String()))
	}
	fmt.Fprintln(table, "\tAS EXPECTED")

	var faults []error
	for _, s := range steps {
		if s.before != "" {
			if _, err := transports[0].(overHTTP).send(ctx, http.MethodPost, s.before, ""); err != nil {
				return err
			}
		}
		select {
		case <-time.After(s.wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		fmt.Fprint(table, s.what)
		asExpected := "yes"
		for _, t := range transports {
			got, err := t.read(ctx, s.token)
			if err == nil && got != t.verdict(s.status) {
				err = fmt.Errorf("%s instead of %s", got, t.verdict(s.status))
			}
			if err != nil {
				asExpected = "NO"
				faults = append(faults, fmt.Errorf("%s on %s: %w", s.what, t, err))
			}
			fmt.Fprintf(table, "\t%s", got)
		}
		fmt.Fprintf(table, "\t%s\n", asExpected)
	}
	return errors.Join(append(faults, table.Flush())...)
}
