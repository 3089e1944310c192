package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/bearerguard/bearerguard/scopes"
)

// accident is a test case of one panic, in the guard or behind it, and of one request after
// that.
type accident struct {
	name   string
	need   scopes.Requirement
	only   []Feature
	header headers
	setOff func(m *mine, t *trap)

	bare    bool // there is no recovery in front of the guard
	handler bool // the handler panics, not the guard
	streams bool
}

func (x accident) features() []Feature {
	f := slices.Clone(x.only)
	if x.streams {
		f = append(f, Streams)
	}
	if x.bare {
		f = append(f, HTTPOnly)
	}
	return f
}

func (x accident) run(a Adapter) error {
	m := &mine{value: fmt.Errorf("%s of a panic", secret)}
	var t trap
	x.setOff(m, &t)
	w, err := newWorld(t.config, t.options, t.verifier, false)
	if err != nil {
		return err
	}
	defer w.close()
	handler := func(ctx context.Context) error {
		w.seen.handle(ctx)
		if t.handler != nil {
			t.handler(ctx)
		}
		return nil
	}
	var recovered caught
	setup := Setup{
		Guard: w.guard, Routes: things, Need: x.need, Handler: handler, Recover: recovered.add,
	}
	if x.streams {
		setup.Handler = nil
		setup.Stream = func(ctx context.Context, _ func(string) error) error { return handler(ctx) }
	}
	if x.bare {
		setup.Recover = nil
	}
	server, err := a(setup)
	if err != nil {
		return err
	}
	defer server.Close()

	call := Call{Method: http.MethodGet, Path: "/things", Header: http.Header{}}
	if x.header != nil {
		call.Header = x.header(w.issuer)
	}
	got, err := server.Send(call) // most cases allow any answer to a panic
	if err != nil && !x.bare {
		return fmt.Errorf("send: %w", err)
	}
	faults := []error{x.judge(m, &recovered, &w.seen), leaks(call, got, &w.seen)}
	if x.handler && x.bare && err == nil && got.Status < http.StatusInternalServerError {
		faults = append(faults, fmt.Errorf("status %d after a panic of the handler", got.Status))
	}

	before, _, _ := w.seen.told()
	call.Header = token(goodToken)(w.issuer)
	if got, err = server.Send(call); err != nil {
		return errors.Join(append(faults, fmt.Errorf("after the panic: send: %w", err))...)
	}
	if err := table[""].judge(got); err != nil {
		faults = append(faults, fmt.Errorf("after the panic: %w", err))
	}
	if after, _, _ := w.seen.told(); after != before+1 {
		faults = append(faults, fmt.Errorf("after the panic, the handler was reached %d times", after-before))
	}
	return errors.Join(faults...)
}

// judge checks that a panic of the guard reached no handler, and that the recovery got a panic
// of the handler.
func (x accident) judge(m *mine, recovered *caught, seen *witness) error {
	reached, _, _ := seen.told()
	switch {
	case m.steps.Load() == 0:
		return errors.New("nothing has panicked: the guard was not asked, or the handler was not reached")
	case !x.handler && reached > 0:
		return fmt.Errorf("the handler was reached %d times after a panic of the guard", reached)
	case !x.handler:
		return nil // it does not matter who recovers
	case reached != 1:
		return fmt.Errorf("the handler was reached %d times", reached)
	}
	if values := recovered.all(); !x.bare && !slices.Equal(values, []any{m.value}) {
		return fmt.Errorf("the recovery saw %d panics, want only that of the handler", len(values))
	}
	return nil
}
