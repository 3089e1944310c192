package adaptertest

import (
	"context"
	"crypto/tls"
	"net/http"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// An Adapter serves what s asks for, by the adapter under test, over a real socket.
// The error wraps [errors.ErrUnsupported] if the adapter can't do what s asks for: see
// [Setup.Unsupported].
type Adapter func(s Setup) (*Server, error)

// Setup says what an [Adapter] has to serve: one API, with the route /things.
type Setup struct {
	// Guard stands in front of the API.
	Guard *middleware.Guard

	// Need is what the route /things asks for, with any method, if Policy is nil.
	Need scopes.Requirement

	// Policy is that of the whole API, in place of Need. Its routes are spelled "GET
	// /things"; an adapter whose framework spells them in another way translates them.
	Policy *scopes.Policy

	// TLS is the configuration of the server. Nil: it speaks no TLS.
	TLS *tls.Config

	// Handler serves the route.
	Handler Handler

	// Features lists what the case can't do without.
	Features []Feature
}

// Handler is what the route does: an adapter's own handler calls it with the
// context that it would itself work with. An error is that of Guard.Authorize, to be
// answered in the adapter's own way; else the answer is nothing special.
type Handler func(context.Context) error

// Server is an API that an [Adapter] serves.
type Server struct {
	// Send sends a request and returns the answer.
	Send func(Call) (Answer, error)
	// Close tears all down.
	Close func()
}

// Call is a request to the API: a method, where the transport has such a
// thing, and header fields.
type Call struct {
	Method string
	Header http.Header
}

// Answer is what came back.
type Answer struct {
	Status int    // of HTTP; 0 on gRPC
	GRPC   uint32 // the status code of gRPC
	Header http.Header
	Body   string // or the status message
}
