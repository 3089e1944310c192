package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// stream is a test case of one stream that is checked again while it runs, because its token
// expires or its login is too old. The first call of the verifier after the stream has begun is
// the second check. The verifier answers it when the stream says so.
type stream struct {
	name    string
	need    scopes.Requirement
	options func(*middleware.Options)
	header  headers // nil: a token in Authorization
	tls     bool

	first verdict              // before the second check; nil: of a token that expires soon
	later verdict              // the answer in the second check
	play  func(p *scene) error // what the stream does after its first message

	silent  bool            // there is no first message
	code    middleware.Code // of the refusal; "": none
	expired bool            // the caller is told that the token has expired
	told    bool            // the caller is told where the metadata of the resource are
	scope   string          // in the challenge
	login   string          // in the challenge: the attributes acr_values and max_age
	body    string          // all messages of the stream
}

func (x stream) features() []Feature {
	if x.tls {
		return []Feature{Streams, OverTLS}
	}
	return []Feature{Streams}
}

func (x stream) run(a Adapter) error {
	p := &scene{
		want: x.code, looking: make(chan struct{}), answer: make(chan struct{}),
		received: make(chan struct{}), finished: make(chan struct{}),
	}
	v := untilBegun(func(ctx context.Context, look int) (middleware.Claims, error) {
		if look == 1 {
			close(p.looking)
			select {
			case <-p.answer:
			case <-ctx.Done():
				return middleware.Claims{}, ctx.Err()
			case <-time.After(patience):
			}
		}
		return x.later(ctx, look)
	})
	if x.first != nil {
		v.first = x.first
	}
	w, err := newWorld(nil, x.options, v.verifier, false)
	if err != nil {
		return err
	}
	defer w.close()
	p.guard = w.guard
	var once sync.Once
	server, err := a(Setup{
		Guard: w.guard, Routes: things, Need: x.need, TLS: serverTLS(x.tls),
		Stream: func(ctx context.Context, send func(string) error) error {
			w.seen.handle(ctx)
			v.begin()
			var err error
			once.Do(func() { // the witness detects a second call
				defer close(p.finished)
				p.ctx, p.send = ctx, send
				if !x.silent {
					if err := send("one"); err != nil {
						p.fault("the first message: %v", err)
					}
				}
				err = x.play(p)
			})
			return err
		},
	})
	if err != nil {
		return err
	}
	defer server.Close()
	if x.header == nil {
		x.header = raw("Bearer opaque-reference-token")
	}
	call := Call{Method: http.MethodGet, Path: "/things", Header: x.header(w.issuer)}
	got, err := server.Send(call)
	close(p.received)
	if err != nil {
		p.fault("send: %w", err)
	} else if err := x.judge(got); err != nil {
		p.fault("%w", err)
	}
	if err := x.witnessed(&w.seen, p); err != nil {
		p.fault("%w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return errors.Join(errors.Join(p.faults...), leaks(call, got, &w.seen))
}

// judge compares the answer with the table. On HTTP the status is 200 if a message was sent
// before the refusal.
func (x stream) judge(got Answer) error {
	want := rowOf(x.code, x.scope, x.login, x.expired)
	if x.told {
		want = want.described()
	}
	if got.Status != 0 && !x.silent {
		want = table[""]
	}
	faults := []error{want.judge(got)}
	rest, found := strings.CutPrefix(got.Body, x.body)
	if !found {
		faults = append(faults, fmt.Errorf("body %q does not begin with %q", got.Body, x.body))
	}
	if got.Status != 0 && !x.silent && rest != "" {
		faults = append(faults, fmt.Errorf("body %q contains more than the messages", got.Body))
	}
	return errors.Join(faults...)
}

// witnessed checks what the observer and the stream were told.
func (x stream) witnessed(w *witness, p *scene) error {
	reached, subject, events := w.told()
	if reached != 1 {
		return fmt.Errorf("the stream was reached %d times", reached)
	}
	if !wait(p.finished, patience) {
		return errors.New("the stream still runs after its end")
	}
	var faults []error
	if subject != "user-1" {
		faults = append(faults, fmt.Errorf("the stream saw claims of %q, want %q", subject, "user-1"))
	}
	if len(events) == 0 || events[0].RemoteAddr == "" {
		faults = append(faults, errors.New("the observer was not told the peer's address"))
	}
	if !slices.ContainsFunc(events, func(e middleware.Event) bool { return codeOf(e) == x.code }) {
		faults = append(faults, fmt.Errorf("the observer was not told %q", x.code))
	}
	return errors.Join(faults...)
}
