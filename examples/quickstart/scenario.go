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
	token  token
	status int
}

// token is a token, and the shell variable that has it. The zero token is none.
type token struct{ name, text string }

// scenario returns the steps. Their order matters, because the issuer goes down after some
// of them, and then comes back with next as its key.
func scenario(issuer *authtest.Issuer, next *authtest.Key) ([]step, error) {
	stranger, err := authtest.NewKey(issuer.Key().Algorithm())
	if err != nil {
		return nil, err
	}
	mint := func(name string, t authtest.Token, good time.Duration) token {
		t.Claims = map[string]any{"exp": time.Now().Add(good)}
		return token{name, issuer.Mint(t)}
	}
	// orders:read is for the programs of README.md, which may use this issuer.
	reader := mint("READER", authtest.Token{Scope: "read:things orders:read"}, time.Hour)
	rotated := mint("ROTATED", authtest.Token{Scope: "read:things", Key: next}, time.Hour)
	return []step{
		{what: "good token", token: reader, status: http.StatusOK},
		{what: "no token", status: http.StatusUnauthorized},
		{
			what: "expired token", token: mint("EXPIRED", authtest.Token{Scope: "read:things"}, -time.Hour),
			status: http.StatusUnauthorized,
		},
		{
			what: "forged token", token: mint("FORGED", authtest.Token{
				Scope: "read:things", Key: stranger, Header: map[string]any{"kid": issuer.Key().ID()},
			}, time.Hour),
			status: http.StatusUnauthorized,
		},
		{
			what: "token without the scope", token: mint("OTHER", authtest.Token{Scope: "profile"}, time.Hour),
			status: http.StatusForbidden,
		},
		{what: "issuer down, token of a known key", before: "/issuer/down", token: reader, status: http.StatusOK},
		// The guard asks the issuer about unknown keys, and about signatures that fail, at most
		// once in 1.5 seconds. The forged token has made it ask, so this step waits.
		{
			what: "issuer down, token of its new key", wait: 2 * time.Second, token: rotated,
			status: http.StatusServiceUnavailable,
		},
		{
			what: "issuer up again, that same token", before: "/issuer/up", wait: 2 * time.Second, token: rotated,
			status: http.StatusOK,
		},
	}, nil
}

// printCommands writes the steps as shell commands, first the tokens as variables. The first step is sent
// over every transport, the others over the first one. No line is a comment, because zsh does not take
// comments at its prompt.
func printCommands(w io.Writer, transports []transport, steps []step) {
	fmt.Fprint(w, "One API runs on four frameworks. Ctrl-C stops it.\n"+
		"Paste these lines into another shell, in this directory:\n\n")
	printed := make(map[token]bool)
	for _, s := range steps {
		if s.token.name != "" && !printed[s.token] {
			fmt.Fprintf(w, "%s='%s'\n", s.token.name, s.token.text)
			printed[s.token] = true
		}
	}
	fmt.Fprintln(w)
	for i, s := range steps {
		if s.before != "" {
			fmt.Fprintf(w, "curl -X POST %s%s\n", transports[0].addr(), s.before)
		}
		if s.wait > 0 {
			fmt.Fprintf(w, "sleep %.0f\n", s.wait.Seconds())
		}
		asked := transports[:1]
		if i == 0 {
			asked = transports
		}
		for _, t := range asked {
			fmt.Fprintf(w, "printf '\\n%s, %s: %s\\n'\n%s\n", s.what, t, t.verdict(s.status), t.command(s.token.name))
		}
	}
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
			got, err := t.read(ctx, s.token.text)
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
