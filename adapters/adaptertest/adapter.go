package adaptertest

import (
	"context"
	"net/http"
)

// An Adapter serves what s asks for, by the adapter under test, over a real socket.
// The error wraps [errors.ErrUnsupported] if the adapter can't do what s asks for: see
// [Setup.Unsupported].
type Adapter func(s Setup) (*Server, error)

// Handler is what a route does: an adapter's own handler calls it with the
// context that it would itself work with. An error is that of Guard.Authorize, to be
// answered in the adapter's own way; else the answer is nothing special.
type Handler func(context.Context) error

// Stream is what a route does for as long as the token is good: an adapter's own
// handler calls it within the adapter's form of [middleware.Guard.WhileAuthorized]. send sends
// a message to the caller at once. An error of WhileAuthorized is answered in the adapter's own
// way if no message was sent before; on HTTP it is too late for that otherwise.
type Stream func(ctx context.Context, send func(message string) error) error

// Server is an API that an [Adapter] serves.
type Server struct {
	// Send sends a request and returns the answer, once that is complete. It may be
	// called many times.
	Send func(Call) (Answer, error)
	// Close tears all down.
	Close func()
}

// Call is a request to the API: a method and a path, where the transport has such
// things, and header fields.
type Call struct {
	Method string
	Path   string
	Header http.Header
}

// Answer is what came back.
type Answer struct {
	Status int    // of HTTP; 0 on gRPC
	GRPC   uint32 // the status code of gRPC
	Header http.Header
	Body   string // or the messages of a stream, and the status message
}
