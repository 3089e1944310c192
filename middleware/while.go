package middleware

import (
	"context"
	"net/http"
	"time"

	"github.com/bearerguard/bearerguard/scopes"
)

// WhileAuthorized checks r, and runs f for as long as it passes: for streams, which may
// outlive their token. f works with the context in Pass, made to be canceled.
//
// When the token expires, r is checked again, by another goroutine. If it is
// refused, f's context ends with the refusal, an [*Error], as its cause, and WhileAuthorized
// returns it. Otherwise the claims in f's context are those of the new check, and
// WhileAuthorized returns what f returns, also if f ends while a check is under way.
//
// f runs in the caller's own goroutine, and WhileAuthorized returns when f has returned:
// nothing of f touches the request after that. So f must heed its context. A write
// or read that waits for the peer does not: for an http.ResponseWriter use the WhileAuthorized
// of the adapter, which sets a deadline then. WhileAuthorized also waits for a check that is
// under way, whose context it cancels.
func (g *Guard) WhileAuthorized(
	ctx context.Context, r Request, need scopes.Requirement, f func(context.Context) error,
) error {
	r.Header = credentialFields(r.Header)
	pass, err := g.Check(ctx, r, need)
	if err != nil {
		return err
	}
	if pass.Until.IsZero() {
		return f(pass.Context)
	}
	inner, end := context.WithCancelCause(pass.Context)
	defer end(nil)
	watching, stop := context.WithCancel(ctx)
	w := watch{guard: g, pass: pass, request: r, need: need, end: end, done: make(chan struct{})}
	go w.run(watching)
	defer func() {
		stop()
		<-w.done
	}()
	err = f(inner)
	stop()
	<-w.done
	switch {
	case w.panicked != nil:
		panic(w.panicked)
	case w.refusal != nil:
		return w.refusal
	}
	return err
}

// watch checks a request again each time its token expires.
type watch struct {
	guard   *Guard
	pass    Pass
	request Request
	need    scopes.Requirement
	end     context.CancelCauseFunc // of the function that is watched

	done     chan struct{} // closed when run has ended; the fields below are set by then
	refusal  error
	panicked any
}

// run ends with ctx or with the first refusal. A panic of the verifier, say, ends
// the function and is kept for the goroutine that WhileAuthorized was called in.
func (w *watch) run(ctx context.Context) {
	defer close(w.done)
	finished := false
	defer func() {
		if !finished {
			w.panicked = recover()
			w.refuse(&Error{code: CodeUnavailable, realm: w.guard.realm, body: w.guard.body})
		}
	}()
	for w.again(ctx) {
	}
	finished = true
}

// again waits until the next check is due, and makes it. It is false when there is
// nothing more to watch.
func (w *watch) again(ctx context.Context) bool {
	timer := time.NewTimer(time.Until(w.pass.Until))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	}
	// With the context that came in: in the function's, the token counts as checked.
	v := w.guard.decide(ctx, w.request, w.need)
	if ctx.Err() != nil { // the function has ended, or the caller has left: nobody asks any more
		return false
	}
	pass, err := w.guard.renew(ctx, w.pass, &v, w.request, w.need)
	if err != nil {
		w.refuse(err)
		return false
	}
	w.pass = pass
	return !pass.Until.IsZero()
}

func (w *watch) refuse(err error) {
	w.refusal = err
	w.end(err)
}

// credentialFields is a copy of the fields that a check reads, since the function
// that is watched may write to the header meanwhile.
func credentialFields(h interface{ Values(string) []string }) http.Header {
	fields := make(http.Header)
	if h == nil {
		return fields
	}
	for _, name := range []string{"Authorization", "Cookie", "Sec-Fetch-Site", "Origin", "Upgrade"} {
		if values := h.Values(name); len(values) > 0 {
			fields[name] = append([]string(nil), values...)
		}
	}
	return fields
}
