package adaptertest

import "net/http"

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
