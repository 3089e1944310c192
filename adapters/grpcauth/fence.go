package grpcauth

import (
	"sync"
	"sync/atomic"
)

// A fence stands between a handler and its stream, and closes for good when the
// interceptor returns: after that the stream is gRPC's alone.
//
// Closing it does not wait for a call that waits for the caller, since a caller who
// doesn't read would hold the stream open. gRPC ends such a call when the
// interceptor has returned.
type fence struct {
	err   atomic.Pointer[error] // what calls return since the fence was closed; nil: it is open
	begun atomic.Bool           // the headers are out, or may go out at any time
	holds sync.RWMutex          // held for reading by calls that close waits for
}

// close ends the calls to come with err, tells the handler so, and returns when the
// calls that hold the fence have ended.
func (f *fence) close(err error, tell func()) {
	f.err.Store(&err)
	tell()
	f.holds.Lock()
	defer f.holds.Unlock()
}

func (f *fence) closed() error {
	if err := f.err.Load(); err != nil {
		return *err
	}
	return nil
}

// hold makes a call that does not wait for the caller. The interceptor does not return
// meanwhile.
func (f *fence) hold(call func() error) error {
	f.holds.RLock()
	defer f.holds.RUnlock()
	if closed := f.closed(); closed != nil {
		return closed
	}
	return call()
}

// cross makes a call that may wait for the caller. What arrives after the fence was
// closed isn't given to the handler any more.
func (f *fence) cross(call func() error) error {
	if closed := f.closed(); closed != nil {
		return closed
	}
	err := call()
	if closed := f.closed(); closed != nil {
		return closed
	}
	return err
}

// send makes a call that sends something. The first one of a stream sends the
// headers as well. Under [grpc.Server.ServeHTTP], a status that overtakes it goes
// out without the headers, content-type included. So the first one holds the fence
// there. gRPC does not make it wait for the caller.
func (f *fence) send(call func() error) error {
	if f.begun.Load() {
		return f.cross(call)
	}
	err := f.hold(call)
	if err == nil {
		f.begun.Store(true)
	}
	return err
}
