package grpcauth

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/grpclog"
	"google.golang.org/grpc/status"
)

// watch runs the handler of a stream for as long as the checks admit it. It differs from
// [middleware.Guard.WhileAuthorized] in one point: it does not wait for a handler that it has
// refused, because a RecvMsg that waits for the caller returns only after the interceptor has
// returned.
type watch struct {
	guard   *middleware.Guard
	pass    middleware.Pass
	request middleware.Request
	need    scopes.Requirement
}

// These errors are given to a handler if there is no refusal.
var (
	errEnded     = status.Error(codes.Canceled, "the stream has ended")
	errUnchecked = status.Error(codes.Unavailable, "cannot check credentials now")
)

// run calls handler with a stream that ends when run returns.
func (w *watch) run(ss grpc.ServerStream, handler func(grpc.ServerStream) error) error {
	inner, cancel := context.WithCancelCause(w.pass.Context)
	s := &fenced{stream{ss, inner}, new(fence)}
	if ss.Context().Value(http.ServerContextKey) == nil { // gRPC's own server keeps the order of headers and status itself
		s.fence.begun.Store(true)
	}
	if t := grpc.ServerTransportStreamFromContext(inner); t != nil {
		s.ctx = grpc.NewContextWithServerTransportStream(inner, &transport{t, s.fence})
	}
	end := errUnchecked // for the case that the second check panics
	defer func() { s.fence.close(asStatus(end), func() { cancel(end) }) }()

	// The second check uses the original context of the stream, because in the context of the
	// handler the token counts as checked. It ends with the handler, so that no check runs on
	// after the handler has ended.
	ctx, done := context.WithCancel(ss.Context())
	results := make(chan result, 1) // buffered, because run may have returned before
	go func() {
		defer done()
		call(s, handler, results)
	}()
	if refusal := w.check(ctx); refusal != nil {
		end = refusal
		return refusal
	}
	end = errEnded
	r := <-results
	if r.panicked != nil {
		panic(r.panicked)
	}
	return r.err
}

// check checks the request again each time its token expires. It returns the first refusal. It
// returns nil when no check will follow: ctx has ended, or the token of the new check does not
// expire.
func (w *watch) check(ctx context.Context) error {
	timer := time.NewTimer(time.Until(w.pass.Until))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		pass, err := w.guard.Renew(ctx, w.pass, w.request, w.need)
		switch {
		case ctx.Err() != nil: // the handler has ended, or the caller has left
			return nil
		case err != nil:
			return err
		case pass.Until.IsZero(): // for example in report-only mode
			return nil
		}
		timer.Reset(time.Until(pass.Until))
	}
}

// result is how a handler has ended.
type result struct {
	err      error
	panicked any
}

var (
	errGoexit = errors.New("the handler has ended its goroutine")
	logger    = grpclog.Component("bearerguard")
)

// call calls handler and sends its result. It logs a panic with its stack, because a recovering
// interceptor sees the stack of another goroutine, and nobody sees the panic of a handler that
// runs on after its stream has ended.
func call(s grpc.ServerStream, handler func(grpc.ServerStream) error, results chan<- result) {
	r := result{err: errGoexit}
	defer func() {
		if r.panicked = recover(); r.panicked != nil {
			logger.Errorf("panic in the handler of a stream: %v\n%s", r.panicked, debug.Stack())
		}
		results <- r
	}()
	r.err = handler(s)
}
