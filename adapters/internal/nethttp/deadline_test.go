package nethttp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// writeLimiter is a wrapper that has one of the two deadlines.
type writeLimiter struct {
	wrapper
	write atomic.Pointer[time.Time]
}

func (w *writeLimiter) SetWriteDeadline(t time.Time) error { w.write.Store(&t); return nil }

func TestEachDeadlineIsSetOnTheFirstWriterThatHasIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := &writer{ResponseRecorder: httptest.NewRecorder()}
		outer := &writeLimiter{wrapper: wrapper{inner}}
		_ = nethttp.WhileAuthorized(guard(t, &minute{}, middleware.Options{}), outer, request(), "GET /",
			scopes.Authenticated(), func(ctx context.Context) error {
				<-ctx.Done()
				synctest.Wait()
				return nil
			})
		if outer.write.Load() == nil || inner.write.Load() != nil || inner.read.Load() == nil {
			t.Errorf("write deadlines %v and %v, read deadline %v", outer.write.Load(), inner.write.Load(), inner.read.Load())
		}
	})
}

// naive is a wrapper that panics if the wrapped writer has no deadlines.
type naive struct{ http.ResponseWriter }

func (n naive) SetWriteDeadline(t time.Time) error {
	return n.ResponseWriter.(interface{ SetWriteDeadline(time.Time) error }).SetWriteDeadline(t)
}

// A panic of a writer happens in the goroutine of the handler, so the server recovers from it
// and the process goes on.
func TestAWriterThatPanicsDoesSoInTheHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		_ = nethttp.WhileAuthorized(guard(t, &minute{}, middleware.Options{}), naive{httptest.NewRecorder()}, request(),
			"GET /", scopes.Authenticated(), func(ctx context.Context) error {
				<-ctx.Done()
				synctest.Wait()
				return nil
			})
	})
}
