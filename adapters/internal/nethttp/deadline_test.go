package nethttp_test

import (
	"context"
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
		_ = nethttp.While(guard(t, &minute{}, middleware.Options{}), outer, request(), "GET /", scopes.Authenticated(), func(ctx context.Context) error {
			<-ctx.Done()
			synctest.Wait()
			return nil
		})
		if outer.write.Load() == nil || inner.write.Load() != nil || inner.read.Load() == nil {
			t.Errorf("write deadlines %v and %v, read deadline %v", outer.write.Load(), inner.write.Load(), inner.read.Load())
		}
	})
}
