package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"text/tabwriter"
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// step is a request and what must come of it.
type step struct {
	what   string
	wait   time.Duration // before it
	method string
	path   string
	token  string
	status int
}

// scenario lists the steps, in an order that matters: the issuer goes down in
// between, and comes back with the key next.
func scenario(issuer *authtest.Issuer, next *authtest.Key) ([]step, error) {
	stranger, err := authtest.NewKey(issuer.Key().Algorithm())
	if err != nil {
		return nil, err
	}
	hour := func(t authtest.Token) string {
		t.Claims = map[string]any{"exp": time.Now().Add(time.Hour)}
		return issuer.Mint(t)
	}
	good := hour(authtest.Token{Scope: "orders:read"})
	expired := issuer.Mint(authtest.Token{Scope: "orders:read", Claims: map[string]any{"exp": time.Now().Add(-time.Hour)}})
	forged := hour(authtest.Token{Scope: "orders:read", Key: stranger, Header: map[string]any{"kid": issuer.Key().ID()}})
	powerless := hour(authtest.Token{Scope: "profile"})
	rotated := hour(authtest.Token{Scope: "orders:read", Key: next})

	get := func(what, token string, status int) step {
		return step{what: what, method: http.MethodGet, path: "/orders", token: token, status: status}
	}
	post := func(what, path string) step {
		return step{what: what, method: http.MethodPost, path: path, status: http.StatusOK}
	}
	again := get("issuer back up with a new key, that same token", rotated, http.StatusOK)
	again.wait = 2 * time.Second // unknown keys are looked for every 1.5 seconds at most
	return []step{
		get("good token", good, http.StatusOK),
		get("no token", "", http.StatusUnauthorized),
		get("expired token", expired, http.StatusUnauthorized),
		get("forged token", forged, http.StatusUnauthorized),
		get("token without the scope", powerless, http.StatusForbidden),
		post("(the issuer goes down)", "/issuer/down"),
		get("issuer down, good token of a known key", good, http.StatusOK),
		get("issuer down, good token of its new key", rotated, http.StatusServiceUnavailable),
		post("(the issuer comes back)", "/issuer/up"),
		again,
	}, nil
}

// printCurl writes the steps as lines for a shell.
func printCurl(w io.Writer, base string, steps []step) {
	fmt.Fprintf(w, "An API on %s, protected. Paste these, in order:\n\n", base)
	for _, s := range steps {
		fmt.Fprintf(w, "# %s: %d\n", s.what, s.status)
		if s.wait > 0 {
			fmt.Fprintf(w, "sleep %.0f; ", s.wait.Seconds())
		}
		fmt.Fprint(w, "curl -i")
		if s.method != http.MethodGet {
			fmt.Fprintf(w, " -X %s", s.method)
		}
		if s.token != "" {
			fmt.Fprintf(w, " -H 'Authorization: Bearer %s'", s.token)
		}
		fmt.Fprintf(w, " %s%s\n\n", base, s.path)
	}
	fmt.Fprintln(w, "Ctrl-C stops it.")
}

// play sends the steps and writes a table of what came of them. It is an error if
// anything else did than what a step says.
func play(ctx context.Context, w io.Writer, base string, steps []step) error {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "REQUEST\tSTATUS\tCHALLENGE\tAS SAID")
	var faults []error
	for _, s := range steps {
		select {
		case <-time.After(s.wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		status, challenge, err := send(ctx, base, s)
		verdict := "yes"
		if err == nil && status != s.status {
			err = fmt.Errorf("status %d instead of %d", status, s.status)
		}
		if err != nil {
			verdict = "NO"
			faults = append(faults, fmt.Errorf("%s: %w", s.what, err))
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\n", s.what, status, challenge, verdict)
	}
	return errors.Join(append(faults, table.Flush())...)
}

func send(ctx context.Context, base string, s step) (status int, challenge string, err error) {
	req, err := http.NewRequestWithContext(ctx, s.method, base+s.path, nil)
	if err != nil {
		return 0, "", err
	}
	if s.token != "" {
		req.Header.Set("Authorization", "Bearer "+s.token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	return resp.StatusCode, resp.Header.Get("WWW-Authenticate"), nil
}
