package main

import (
	"context"
	"slices"
	"sync"

	thingsv1 "github.com/bearerguard/bearerguard/examples/grpc/things/v1"
	"github.com/bearerguard/bearerguard/middleware"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// things is the API. It has no code for the guard.
type things struct {
	thingsv1.UnimplementedThingsServer
	closing <-chan struct{}

	mu      sync.Mutex
	list    []string      // only appended to
	changed chan struct{} // closed when the list grows
}

func newThings(closing <-chan struct{}) *things {
	return &things{closing: closing, list: []string{"a thing"}, changed: make(chan struct{})}
}

// since returns the things after the first n, and a channel that is closed when
// there are more.
func (s *things) since(n int) ([]string, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.list[n:]), s.changed
}

func (s *things) Public(context.Context, *thingsv1.PublicRequest) (*thingsv1.PublicResponse, error) {
	return &thingsv1.PublicResponse{Text: "hello, whoever you are"}, nil
}

func (s *things) Me(ctx context.Context, _ *thingsv1.MeRequest) (*thingsv1.MeResponse, error) {
	claims, _ := middleware.ClaimsFrom(ctx)
	return &thingsv1.MeResponse{Sub: claims.Subject()}, nil
}

func (s *things) Read(context.Context, *thingsv1.ReadRequest) (*thingsv1.ReadResponse, error) {
	list, _ := s.since(0)
	return &thingsv1.ReadResponse{Things: list}, nil
}

// maxThings bounds the memory of the example.
const maxThings = 1000

func (s *things) Write(_ context.Context, r *thingsv1.WriteRequest) (*thingsv1.WriteResponse, error) {
	if r.GetThing() == "" || len(r.GetThing()) > 100 {
		return nil, status.Error(codes.InvalidArgument, "a thing has 1 to 100 bytes")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.list) >= maxThings {
		return nil, status.Error(codes.ResourceExhausted, "there are enough things")
	}
	s.list = append(s.list, r.GetThing())
	close(s.changed)
	s.changed = make(chan struct{})
	return new(thingsv1.WriteResponse), nil
}

func (s *things) Watch(_ *thingsv1.WatchRequest, stream grpc.ServerStreamingServer[thingsv1.WatchResponse]) error {
	for n := 0; ; {
		list, changed := s.since(n)
		for _, thing := range list {
			if err := stream.Send(&thingsv1.WatchResponse{Thing: thing}); err != nil {
				return err
			}
		}
		n += len(list)
		select {
		case <-changed:
		case <-stream.Context().Done(): // the caller has left, or the token has expired
			return context.Cause(stream.Context())
		case <-s.closing:
			return status.Error(codes.Unavailable, "shutting down")
		}
	}
}
