package grpcauth

import (
	"sync"
	"sync/atomic"
)

// A fence stands between a handler and its stream. It closes when the interceptor returns,
// because from then on only gRPC may use the stream.
//
// Closing does not wait for a call that waits for the caller. Otherwise a caller who does not
// read could hold the stream open. gRPC ends such a call when the interceptor has returned.
type fence struct {
	err   atomic.Pointer[error] // what calls return after the fence was closed; nil while it is open
	begun atomic.Bool           // the headers are sent, or nothing keeps them from being sent
	holds sync.RWMutex          // read-locked by the calls that close waits for
}

// close makes later calls return err, calls tell to inform the handler, and waits for the calls
// that hold the fence.
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

// hold makes a call to the stream that does not wait for the caller. close and the
// interceptor wait until the call has returned.
func (f *fence) hold(call func() error) error {
	f.holds.RLock()
	defer f.holds.RUnlock()
	if closed := f.closed(); closed != nil {
		return closed
	}
	return call()
}

// cross makes a call to the stream that may wait for the caller. If the fence is closed
// meanwhile, the handler does not get the result.
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

// send makes a call that sends something. The first such call of a stream also sends the
// headers. Under [grpc.Server.ServeHTTP], a status that overtakes it is sent without the
// headers, content-type included. So the first call holds the fence there. gRPC does not make
// it wait for the caller.
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
