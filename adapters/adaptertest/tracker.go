package adaptertest

import (
	"context"
	"errors"
	"net/http"
	"sync"
)

type streamFunc = func(ctx context.Context, send func(string) error) error

// tracker detects a stream that outlives its request.
type tracker struct {
	mu      sync.Mutex
	running int  // streams
	late    bool // a stream still ran when its request had ended
}

var errLate = errors.New("the adapter returned while the function inside its WhileAuthorized was still running")

// stream returns f, but with a send that fails after the request has ended.
func (t *tracker) stream(f streamFunc) streamFunc {
	return func(ctx context.Context, send func(string) error) error {
		t.add(1)
		defer t.add(-1)
		return f(ctx, func(message string) error {
			t.mu.Lock()
			defer t.mu.Unlock()
			if t.late { // the writer may serve another request now
				return errLate
			}
			return send(message)
		})
	}
}

func (t *tracker) add(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running += n
}

func (t *tracker) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.late = t.late || t.running > 0
		}()
		next.ServeHTTP(w, r)
	})
}

func (t *tracker) fault() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.late {
		return errLate
	}
	return nil
}
