package adaptertest

import (
	"context"
	"slices"
	"sync"

	"github.com/bearerguard/bearerguard/middleware"
)

// witness records what the observer and the handler see.
type witness struct {
	mu      sync.Mutex
	events  []middleware.Event
	reached int
	subject string
}

func (w *witness) observe(_ context.Context, e middleware.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

func (w *witness) handle(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reached++
	if claims, ok := middleware.ClaimsFrom(ctx); ok {
		w.subject = claims.Subject()
	}
}

// told returns what w has recorded so far.
func (w *witness) told() (reached int, subject string, events []middleware.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reached, w.subject, slices.Clone(w.events)
}

// codeOf returns why the request of e was refused, or "" if it was not.
func codeOf(e middleware.Event) middleware.Code {
	if e.Outcome == middleware.OutcomeReported {
		return ""
	}
	return e.Err.Code()
}
