package middleware

import (
	"context"
	"net/http"
	"time"

	"github.com/bearerguard/bearerguard/scopes"
)

// WhileAuthorized checks r, and runs f for as long as r passes. It is for streams, which
// may outlive their token. The context of f is that in Pass, made to be canceled.
//
// When [Pass].Until comes, another goroutine checks r again, by a copy of its header. If
// the header is not an [http.Header], the copy has only the fields that a check reads, and
// Options.Body and InsecureReportOnly find no others. If r is refused, f's context ends
// with the refusal, an [*Error], as its cause, and WhileAuthorized returns the refusal.
// Otherwise the claims in f's context are those of the new check. WhileAuthorized then
// returns what f returns, also if f ends during a check.
//
// f runs in the caller's goroutine, and WhileAuthorized returns when f has returned. After
// that, f no longer uses the request. So f must return when its context ends. A write or
// read that waits for the peer ignores the context. For an http.ResponseWriter use the
// WhileAuthorized of the adapter, which then sets a deadline. WhileAuthorized also waits
// for a check that is running, and cancels its context.
func (g *Guard) WhileAuthorized(
	ctx context.Context, r Request, need scopes.Requirement, f func(context.Context) error,
) error {
	r.Header = g.snapshot(r.Header)
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
	go w.run(ctx, watching)
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

// watch checks a request again each time its pass ends.
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

// run ends with watching or with the first refusal. A panic, of the verifier for example,
// ends the function. WhileAuthorized panics with it in the caller's goroutine.
//
// ctx is the context that the request came with, and watching is made from it. A refusal
// keeps ctx for Options.Body, because watching has ended when the caller gets the refusal.
func (w *watch) run(ctx, watching context.Context) {
	defer close(w.done)
	finished := false
	defer func() {
		if !finished {
			w.panicked = recover()
			w.refuse(w.guard.refusal(ctx, w.request, CodeUnavailable, nil))
		}
	}()
	for w.again(ctx, watching) {
	}
	finished = true
}

// again waits until the next check is due, and makes it. It returns false if no other
// check will follow.
func (w *watch) again(ctx, watching context.Context) bool {
	timer := time.NewTimer(time.Until(w.pass.Until))
	defer timer.Stop()
	select {
	case <-watching.Done():
		return false
	case <-timer.C:
	}
	// watching is made from the context that r came with. In that of f the token counts as
	// checked.
	v := w.guard.decide(watching, w.request, w.need)
	if watching.Err() != nil { // f has ended, or the caller has left: nobody waits for the result
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

// snapshot copies h, because the function that is watched may write to the header
// meanwhile. Of a Header that is not an [http.Header], it has the fields that a check
// reads.
func (g *Guard) snapshot(h interface{ Values(name string) []string }) http.Header {
	if whole, ok := h.(http.Header); ok {
		return whole.Clone()
	}
	fields := make(http.Header)
	if h == nil {
		return fields
	}
	for _, name := range []string{"Authorization", "Cookie", "Sec-Fetch-Site", "Origin", "Upgrade", g.header} {
		if values := h.Values(name); len(values) > 0 {
			fields[name] = append([]string(nil), values...)
		}
	}
	return fields
}
