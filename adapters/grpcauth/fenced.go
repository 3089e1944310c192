package grpcauth

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// stream is the stream of a handler whose token does not expire: the original stream, with the
// claims in its context.
type stream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s *stream) Context() context.Context { return s.ctx }

// fenced is the stream of a handler whose token expires. It is behind a fence.
type fenced struct {
	stream
	fence *fence
}

func (s *fenced) SetHeader(md metadata.MD) error {
	return s.fence.hold(func() error { return s.ServerStream.SetHeader(md) })
}

func (s *fenced) SendHeader(md metadata.MD) error {
	return s.fence.send(func() error { return s.ServerStream.SendHeader(md) })
}

func (s *fenced) SetTrailer(md metadata.MD) {
	_ = s.fence.hold(func() error { s.ServerStream.SetTrailer(md); return nil })
}

func (s *fenced) SendMsg(m any) error {
	return s.fence.send(func() error { return s.ServerStream.SendMsg(m) })
}

func (s *fenced) RecvMsg(m any) error {
	return s.fence.cross(func() error { return s.ServerStream.RecvMsg(m) })
}

// transport is what [grpc.SetHeader], [grpc.SendHeader] and [grpc.SetTrailer] find in the
// context of a handler. It is behind the fence of the stream.
type transport struct {
	grpc.ServerTransportStream
	fence *fence
}

func (t *transport) SetHeader(md metadata.MD) error {
	return t.fence.hold(func() error { return t.ServerTransportStream.SetHeader(md) })
}

func (t *transport) SendHeader(md metadata.MD) error {
	return t.fence.send(func() error { return t.ServerTransportStream.SendHeader(md) })
}

func (t *transport) SetTrailer(md metadata.MD) error {
	return t.fence.hold(func() error { return t.ServerTransportStream.SetTrailer(md) })
}
