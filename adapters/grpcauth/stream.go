package grpcauth

import (
	"context"
	"errors"
	"runtime/debug"

	"github.com/bearerguard/bearerguard/middleware"
	"google.golang.org/grpc"
	"google.golang.org/grpc/grpclog"
)

// stream is what a handler works with: the stream that it was called on, with the
// claims in its context. Once that has ended for the token's sake, nothing is sent
// or received any more. Calls that wait at that moment are called back by gRPC when
// the interceptor has returned.
type stream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s *stream) Context() context.Context { return s.ctx }

func (s *stream) SendMsg(m any) error { return s.transfer(s.ServerStream.SendMsg, m) }
func (s *stream) RecvMsg(m any) error { return s.transfer(s.ServerStream.RecvMsg, m) }

// transfer sends or receives m. What arrives as the stream ends isn't given to the
// handler any more.
func (s *stream) transfer(f func(any) error, m any) error {
	if err := s.refused(); err != nil {
		return err
	}
	err := f(m)
	if refusal := s.refused(); refusal != nil {
		return refusal
	}
	return err
}

// refused returns the refusal that ended the stream, if one did.
func (s *stream) refused() error {
	var refusal *middleware.Error
	if errors.As(context.Cause(s.ctx), &refusal) {
		return statusOf(refusal)
	}
	return nil
}

var logger = grpclog.Component("bearerguard")

// logPanic logs a panic, which goes on: whoever recovers further out sees the stack
// of another goroutine, and of a handler that was left to itself nobody sees
// anything.
func logPanic() {
	if p := recover(); p != nil {
		logger.Errorf("panic in the handler of a stream: %v\n%s", p, debug.Stack())
		panic(p)
	}
}
