package jwks

import (
	"context"
	"time"
)

// Refresh fetches the keys now, for an operator who knows that they have changed. It returns nil when a fetch
// that began after the call was good. Known keys serve meanwhile, and also after a failure, as with any other
// fetch.
//
// The limits for unknown keys apply. Refresh first waits until UnknownKeyInterval has passed since the last
// fetch that a caller caused. It returns an error at once if the issuer has asked for a pause, and after
// Close. If ctx ends first, the error wraps ctx's error.
func (c *Cache) Refresh(ctx context.Context) error {
	c.mu.Lock()
	asked := c.asked
	c.mu.Unlock()
	for {
		if ctx.Err() != nil {
			return left(ctx)
		}
		f, wait, err := c.order(asked)
		if f == nil && wait == 0 {
			return err
		}
		var landed <-chan struct{}
		if f != nil {
			landed, wait = f.done, flightTime+graceTime // it lands before
		}
		select {
		case <-landed:
		case <-time.After(wait):
		case <-c.done:
		case <-ctx.Done():
		}
	}
}

// order returns the flight to wait for, or how long to wait before there may be one. If both are zero,
// Refresh returns err. asked is Cache.asked at the time of the call.
func (c *Cache) order(asked int) (f *flight, wait time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	wait = c.cfg.UnknownKeyInterval - now.Sub(c.lastAsked)
	switch {
	case !c.open:
		return nil, 0, notRefreshed(errClosed)
	case c.heard > asked: // a fetch that began after the call has ended; any caller may have caused it
		if c.lastErr != nil {
			return nil, 0, notRefreshed(c.lastErr)
		}
		return nil, 0, nil
	case c.flight != nil:
		return c.flight, 0, nil
	case now.Before(c.quiet):
		return nil, 0, notRefreshed(errPaused)
	case wait > 0:
		return nil, wait, nil
	}
	c.lastAsked = now
	return c.take(true), 0, nil
}
