package adaptertest

import (
	"context"
	"errors"
	"net/http"
	"sync"
)

type streamFunc = func(ctx context.Context, send func(string) error) error

// tracker finds a stream that outlives its request.
type tracker struct {
	mu      sync.Mutex
	running int  // streams
	late    bool // one still ran when its request was over
}

var errLate = errors.New("the adapter returned while the function that it ran within WhileAuthorized had not")

// stream is f, as long as its request is not over.
func (t *tracker) stream(f streamFunc) streamFunc {
	return func(ctx context.Context, send func(string) error) error {
		t.add(1)
		defer t.add(-1)
		return f(ctx, func(message string) error {
			t.mu.Lock()
			defer t.mu.Unlock()
			if t.late { // the writer serves another request by now, perhaps
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
