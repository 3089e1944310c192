package adaptertest

import "net/http"

// Server is the API that an [Adapter] has started.
type Server struct {
	// Send sends a request and returns the complete answer. It may be called many times.
	Send func(Call) (Answer, error)
	// Close stops the server and frees all that belongs to it.
	Close func()
}

// Call is a request to the API. A transport without methods and paths ignores these fields.
type Call struct {
	Method string
	Path   string
	Header http.Header
}

// Answer is the answer to a Call.
type Answer struct {
	Status int    // the status of HTTP; 0 on gRPC
	GRPC   uint32 // the status code of gRPC
	Header http.Header
	Body   string // on gRPC, the messages of a stream and the status message
}
