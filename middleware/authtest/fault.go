package authtest

import (
	"context"
	"io"
	"maps"
	"net/http"
	"time"
)

// A Fault is a way in which an issuer fails. Set one of Down, Hang, Handler, or an answer (Status,
// Header, Body). Each except Hang may have a Delay before it. A Delay alone makes the healthy answer
// late.
type Fault struct {
	// OnlyKeys limits the fault to requests for the key set, OnlyMetadata to requests for the
	// metadata. If neither is set, the fault is for every request.
	OnlyKeys, OnlyMetadata bool

	// Delay is the time before the fault happens. If there is no other fault, it is the time
	// before the healthy answer.
	Delay time.Duration

	// Down closes the connection without an answer.
	Down bool

	// Hang accepts the request and never answers.
	Hang bool

	// Status, Header and Body are the answer in place of the healthy one: a 503, a 429 with Retry-After,
	// a 302 with Location, an HTML page, half a document. Status 0 is 200.
	Status int
	Header http.Header
	Body   string

	// Handler gets the handler of the healthy issuer, and returns the handler that answers instead.
	// [Issuer.Break] calls it once, so it may keep state between requests (every third one fails). A
	// handler that waits must return when the request's context ends. panic(http.ErrAbortHandler) breaks
	// the connection.
	Handler func(healthy http.Handler) http.Handler
}

// Break applies f to every request that arrives from now on, until [Issuer.Heal]. f replaces an earlier
// fault. Break panics if f says nothing or contradicts itself, because otherwise a test could pass
// although the fault never happened.
func (i *Issuer) Break(f Fault) {
	if reason := f.nonsense(); reason != "" {
		panic("authtest: Fault: " + reason)
	}
	healthy := http.HandlerFunc(i.healthy)
	broken := f.handler(healthy)
	if broken == nil {
		panic("authtest: Fault: Handler returned nil")
	}
	i.setAnswer(func(w http.ResponseWriter, r *http.Request) {
		if f.OnlyKeys && !i.isJWKS(r) || f.OnlyMetadata && !i.isMetadata(r) {
			healthy(w, r)
			return
		}
		pause(r.Context(), f.Delay)
		broken.ServeHTTP(w, r)
	})
}

// Heal ends the fault. A request that already hangs continues to hang until its caller
// leaves.
func (i *Issuer) Heal() { i.setAnswer(i.healthy) }

func (i *Issuer) setAnswer(answer http.HandlerFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answer = answer
}

// nonsense returns the first reason why f makes no sense, or "".
func (f Fault) nonsense() string {
	ways := 0
	for _, way := range []bool{f.Down, f.Hang, f.answers(), f.Handler != nil} {
		if way {
			ways++
		}
	}
	switch {
	case ways > 1:
		return "more than one of Down, Hang, Handler, and an answer of Status, Header and Body"
	case f.Delay < 0:
		return "Delay is negative"
	case ways == 0 && f.Delay == 0:
		return "says nothing; Heal ends a fault"
	case f.OnlyKeys && f.OnlyMetadata:
		return "OnlyKeys contradicts OnlyMetadata"
	case f.Hang && f.Delay > 0:
		return "Hang contradicts Delay"
	case len(f.Header) > 0 && f.Status == 0 && f.Body == "":
		return "Header without Status or Body" // it is no addition to the healthy answer
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return "Status is outside of 200 to 599"
	case (f.Status == http.StatusNoContent || f.Status == http.StatusNotModified) && f.Body != "":
		return "Body with a Status that allows none"
	}
	return ""
}

func (f Fault) answers() bool { return f.Status != 0 || len(f.Header) > 0 || f.Body != "" }

// handler returns the handler that answers in place of healthy.
func (f Fault) handler(healthy http.Handler) http.Handler {
	switch {
	case f.Handler != nil:
		return f.Handler(healthy)
	case f.Down:
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	case f.Hang:
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			panic(http.ErrAbortHandler)
		})
	case f.answers():
		header := f.Header.Clone() // the caller may change its own afterwards
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			maps.Copy(w.Header(), header)
			if f.Status != 0 {
				w.WriteHeader(f.Status)
			}
			_, _ = io.WriteString(w, f.Body) // it fails when the caller leaves
		})
	default:
		return healthy
	}
}

// pause waits for d. If the caller leaves before that, it breaks the connection.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		panic(http.ErrAbortHandler)
	}
}
