package adaptertest

import "context"

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
