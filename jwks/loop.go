package jwks

import (
	"context"
	"log/slog"
	"time"
)

// loop fetches, in the one goroutine that does so. So there is never more than one fetch.
func (c *Cache) loop(ctx context.Context) {
	defer close(c.done)
	for c.idle(ctx) {
		c.mu.Lock()
		c.lastAttempt = time.Now()
		whole := c.flight.whole
		c.mu.Unlock()
		keys, fresh, failed := c.fetch.fetch(ctx, whole)
		if ctx.Err() != nil {
			break
		}
		c.land(keys, fresh, failed)
		c.report(failed, c.current.Load().size())
		if failed == nil {
			c.fetch.look(ctx)
		}
	}
	c.mu.Lock()
	c.open = false
	if c.flight != nil {
		c.flight.err = errClosed
		close(c.flight.done)
	}
	c.mu.Unlock()
	c.fetch.close()
}

// idle waits until there is a flight. It returns false if the cache was closed.
func (c *Cache) idle(ctx context.Context) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case <-c.wake:
			return true // perhaps after Close; then the fetch makes no request
		case found := <-c.fetch.found:
			if c.fetch.moved(found) {
				c.soon()
			}
		case <-time.After(c.tick()):
		}
	}
}

// tick does what is due, and returns how long the loop may sleep. It orders a fetch that is due before it
// drops keys that are too old, so that keys are dropped only after a fetch has failed.
func (c *Cache) tick() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	dies := c.lastSuccess.Add(c.cfg.MaxStale)
	switch {
	case c.flight != nil:
		return time.Hour // c.wake ends the sleep at once
	case !now.Before(c.next):
		c.take(false)
		return time.Hour
	case c.current.Load() == nil:
		return c.next.Sub(now)
	case !now.Before(dies):
		c.tell(slog.LevelWarn, "keys were dropped, because they are older than MaxStale", slog.Any("error", c.lastErr))
		c.current.Store(nil)
		c.ready = make(chan struct{})
		c.hurry(now)
		return c.next.Sub(now)
	}
	return min(c.next.Sub(now), dies.Sub(now))
}

// soon makes a fetch due now, or at the end of a pause that the issuer asked for.
func (c *Cache) soon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next = time.Now()
	if c.next.Before(c.quiet) {
		c.next = c.quiet
	}
}

// land publishes the result of a flight, plans the next one, and wakes the waiters.
func (c *Cache) land(keys *index, fresh time.Duration, failed *fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	c.lastErr = nil
	if failed == nil {
		c.failures, c.lastSuccess = 0, now
		c.next = now.Add(early(fresh, c.cfg.MinRefresh))
		if c.current.Swap(keys) == nil {
			close(c.ready)
		}
	} else {
		c.lastErr = failed
		c.failures++
		c.next = now.Add(backoff(c.failures, c.cfg.MaxRefresh))
		c.quiet = now.Add(failed.pause)
		if c.next.Before(c.quiet) {
			c.next = c.quiet
		}
		if c.current.Load() == nil {
			c.hurry(now)
		}
	}
	if c.flight.whole {
		c.heard++
	}
	c.flight.err = c.lastErr
	close(c.flight.done)
	c.flight = nil
}

// hurry shortens a pause that the issuer asked for, because there are no keys and every request fails until
// the next fetch. Issuers in trouble often ask for a longer pause than they need.
func (c *Cache) hurry(now time.Time) {
	latest := now.Add(lastBackoff)
	if c.quiet.After(latest) {
		c.quiet = latest
	}
	if c.next.After(latest) {
		c.next = latest
	}
}
