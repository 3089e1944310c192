package grpcauth

import (
	"context"
	"runtime/debug"
	"sync"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/grpclog"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// pause is how long to wait before asking once more about a token that passes
// after its own Until: its verifier goes by another clock.
const pause = time.Second

var (
	logger    = grpclog.Component("bearerguard")
	errGoexit = status.Error(codes.Internal, "the handler has ended its goroutine")
)

// stream is what a handler works with: the stream that it was called on, with the
// claims in its context, until the token is no longer good.
//
// After that no call to the ServerStream begins. One that waits in SendMsg or
// RecvMsg at that moment can't be called back by anybody but gRPC, which does so
// when the interceptor has returned, and allows for such calls itself.
type stream struct {
	grpc.ServerStream
	ctx context.Context

	mu    sync.Mutex
	ended error // a status; nil while the stream is open
}

// serve runs handler to its end, or to the moment, until or later, at which check
// refuses.
func (s *stream) serve(until time.Time, check func() (middleware.Pass, error), handler func() error) error {
	ctx, cancel := context.WithCancelCause(s.ctx)
	defer cancel(nil)
	s.ctx = ctx
	done := make(chan func() error, 1) // nobody may be waiting for it any more
	go run(handler, done)

	timer := time.NewTimer(time.Until(until))
	for {
		select {
		case result := <-done:
			return result()
		case <-timer.C:
			pass, err := check()
			if err != nil {
				s.end(err)
				cancel(err)
				return err
			}
			if !pass.Until.IsZero() {
				timer.Reset(max(time.Until(pass.Until), pause))
			}
		}
	}
}

// run calls handler, and gives done what then comes of it: an error, or a panic.
func run(handler func() error, done chan<- func() error) {
	result := func() error { return errGoexit }
	defer func() {
		if p := recover(); p != nil {
			// Whoever recovers further out sees the stack of another goroutine; and of a
			// handler that was left to itself, nobody sees anything.
			logger.Errorf("panic in the handler of a stream: %v\n%s", p, debug.Stack())
			result = func() error { panic(p) }
		}
		done <- result
	}()
	err := handler()
	result = func() error { return err }
}

// end closes the stream to the handler.
func (s *stream) end(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = why
}

// unlessEnded calls f unless the stream has ended, and lets it not end meanwhile. f must
// not wait for anything.
func (s *stream) unlessEnded(f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended != nil {
		return s.ended
	}
	return f()
}

// transfer sends or receives m. What arrives as the stream ends isn't given to the
// handler any more.
func (s *stream) transfer(f func(any) error, m any) error {
	if ended := s.unlessEnded(open); ended != nil {
		return ended
	}
	err := f(m)
	if ended := s.unlessEnded(open); ended != nil {
		return ended
	}
	return err
}

func open() error { return nil }

func (s *stream) Context() context.Context { return s.ctx }
func (s *stream) SendMsg(m any) error      { return s.transfer(s.ServerStream.SendMsg, m) }
func (s *stream) RecvMsg(m any) error      { return s.transfer(s.ServerStream.RecvMsg, m) }

func (s *stream) SetHeader(md metadata.MD) error {
	return s.unlessEnded(func() error { return s.ServerStream.SetHeader(md) })
}

func (s *stream) SendHeader(md metadata.MD) error {
	return s.unlessEnded(func() error { return s.ServerStream.SendHeader(md) })
}

func (s *stream) SetTrailer(md metadata.MD) {
	_ = s.unlessEnded(func() error { s.ServerStream.SetTrailer(md); return nil })
}
