package adaptertest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
)

// patience is how long a case waits for something that an adapter must do. grace is how long
// it waits for something that an adapter must not do.
const (
	patience = 15 * time.Second
	grace    = 50 * time.Millisecond
)

// scene is a stream that is running.
type scene struct {
	guard *middleware.Guard
	ctx   context.Context
	send  func(string) error
	want  middleware.Code

	looking  chan struct{} // closed when the second check has begun
	answer   chan struct{} // the stream closes it to let the verifier answer the second check
	received chan struct{} // closed when the caller has received the whole answer
	finished chan struct{} // closed when the stream's function has returned

	mu     sync.Mutex
	faults []error
}

func (p *scene) fault(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, fmt.Errorf(format, args...))
}

// wait reports whether c is closed before the time is over.
func wait(c <-chan struct{}, long time.Duration) bool {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-c:
		return true
	case <-timer.C:
		return false
	}
}

// sendLate sends a message after the end of the stream.
func (p *scene) sendLate() (err error) {
	defer func() {
		if v := recover(); v != nil {
			p.fault("a stream that sends a message after its end panics: %v", v)
		}
	}()
	return p.send("late")
}
