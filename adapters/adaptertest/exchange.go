package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// exchange is a test case of one request and its answer.
type exchange struct {
	name string

	need    scopes.Requirement
	policy  *scopes.Policy // in place of need
	routes  []string       // nil: things
	tls     bool
	only    []Feature // the features that it needs, besides those for policy and tls
	config  func(*middleware.JWTConfig)
	options func(*middleware.Options)
	down    bool // the issuer answers 500 from the start

	verifier  func(*middleware.JWT) (middleware.Verifier, error) // made from the issuer's; nil: the issuer's
	authorize *scopes.Requirement                                // what the handler passes to Authorize; nil: no call

	method string  // "": GET
	path   string  // "": /things
	header headers // nil: none

	code    middleware.Code // "": the guard admits the request
	served  served          // if the guard admits the request
	expired bool            // the caller is told that the token has expired
	told    bool            // the caller is told where the metadata of the resource are
	scope   string          // in the challenge
	login   string          // in the challenge: the attributes acr_values and max_age
	subject string          // of the claims that the handler sees
	body    string          // of a refusal; "": it contains the fixed text of code
}

// served says who answers a request that the guard admits.
type served int

const (
	byHandler served = iota
	byRouter         // with 404 or 405
	byEither         // the framework chooses
)

// things are the routes of most cases.
var things = []string{"GET /things", "POST /things"}

func exchangeCases(list []exchange) []testCase {
	all := make([]testCase, len(list))
	for i, x := range list {
		all[i] = testCase{x.name, x}
	}
	return all
}

func (x exchange) features() []Feature {
	f := slices.Clone(x.only)
	if x.policy != nil {
		f = append(f, WholePolicy)
	}
	if x.tls {
		f = append(f, OverTLS)
	}
	return f
}

func (x exchange) run(a Adapter) error {
	w, err := newWorld(x.config, x.options, x.verifier, x.down)
	if err != nil {
		return err
	}
	defer w.close()
	setup := Setup{
		Guard: w.guard, Routes: things, Need: x.need, Policy: x.policy, TLS: serverTLS(x.tls),
	}
	if x.routes != nil {
		setup.Routes = x.routes
	}
	setup.Handler = func(ctx context.Context) error {
		w.seen.handle(ctx)
		if x.authorize == nil {
			return nil
		}
		return w.guard.Authorize(ctx, *x.authorize)
	}
	server, err := a(setup)
	if err != nil {
		return err
	}
	defer server.Close()
	call := Call{Method: x.method, Path: x.path}
	if call.Method == "" {
		call.Method = http.MethodGet
	}
	if call.Path == "" {
		call.Path = "/things"
	}
	if x.header != nil {
		call.Header = x.header(w.issuer)
	}
	answer, err := server.Send(call)
	if err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return errors.Join(x.judge(answer), x.witnessed(&w.seen), leaks(call, answer, &w.seen))
}

// judge compares the answer with the table.
func (x exchange) judge(got Answer) error {
	want := rowOf(x.code, x.scope, x.login, x.expired)
	if x.told {
		want = want.described()
	}
	switch own := got.Status == http.StatusNotFound || got.Status == http.StatusMethodNotAllowed; {
	case x.code != "" || x.served == byHandler:
	case own:
		want.status, want.text = got.Status, ""
	case x.served == byRouter:
		return fmt.Errorf("status %d, want the router's own 404 or 405", got.Status)
	}
	if x.method == http.MethodHead || x.body != "" {
		want.text = ""
	}
	faults := []error{want.judge(got)}
	if x.body != "" && got.Body != x.body {
		faults = append(faults, fmt.Errorf("body %q, want %q", got.Body, x.body))
	}
	return errors.Join(faults...)
}

// witnessed checks what the observer and the handler were told.
func (x exchange) witnessed(w *witness) error {
	reached, subject, seen := w.told()
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	switch passed := x.code == "" || x.authorize != nil; {
	case reached > 1,
		reached == 1 && (!passed || x.served == byRouter),
		reached == 0 && passed && x.served == byHandler:
		fault("the handler was reached %d times", reached)
	case reached == 1 && subject != x.subject:
		fault("the handler saw claims of %q, want %q", subject, x.subject)
	}
	events := 1
	if x.authorize != nil {
		events = 2
	}
	if len(seen) != events {
		fault("%d events observed, want %d", len(seen), events)
		return errors.Join(faults...)
	}
	first, last := seen[0], seen[events-1]
	if first.RemoteAddr == "" {
		fault("the observer was not told the peer's address")
	}
	if told := first.TLS != nil; told != x.tls {
		fault("the observer was told of TLS: %t, want %t", told, x.tls)
	}
	if x.path != "" && strings.Contains(first.Route, x.path) && !x.isRule(first.Route) {
		fault("the observer was told the route %q, which is text of the caller", first.Route)
	}
	if code := codeOf(last); code != x.code {
		fault("the observer was told %q because of %v, want %q", code, last.Cause, x.code)
	}
	return errors.Join(faults...)
}

func (x exchange) isRule(route string) bool {
	if x.policy == nil {
		return false
	}
	_, found := x.policy.Routes[route]
	return found
}
