package adaptertest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
)

// patience is how long a case waits for what an adapter must do; grace, for what it
// must not do.
const (
	patience = 15 * time.Second
	grace    = 50 * time.Millisecond
)

// scene is a stream that is under way.
type scene struct {
	guard *middleware.Guard
	ctx   context.Context
	send  func(string) error
	want  middleware.Code

	looking  chan struct{} // closed when the second look has begun
	answer   chan struct{} // to be closed for the second look to have its answer
	received chan struct{} // closed when the caller has all of the answer
	finished chan struct{} // closed when the stream's function has returned

	mu     sync.Mutex
	faults []error
}

func (p *scene) fault(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, fmt.Errorf(format, args...))
}

// wait tells whether c is closed, in a while.
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

// sendLate sends a message where none can be sent.
func (p *scene) sendLate() (err error) {
	defer func() {
		if v := recover(); v != nil {
			p.fault("a stream that sends a message after its end panics: %v", v)
		}
	}()
	return p.send("late")
}
