package jwks

import (
	"context"
	"time"
)

// flight is one fetch that any number of callers wait for. err is set before done is closed.
type flight struct {
	whole bool // for what the last good answer lacks: to hear that it still holds would not do
	done  chan struct{}
	err   error
}

// await asks the issuer for a key that seen lacks.
func (c *Cache) await(ctx context.Context, q Query, seen *index) ([]*Key, error) {
	if ctx.Err() != nil {
		return nil, left(ctx)
	}
	known := seen.knows(q.KeyID)
	judged := known || len(q.Tried) > 0 // by keys at hand: an outage cannot make the token any better
	until := time.Now().Add(callerTime)
	for again := false; ; again = true {
		f, own, err := c.join(seen)
		if f != nil {
			patience := time.NewTimer(time.Until(until))
			defer patience.Stop() // of two at most
			select {
			case <-f.done:
				if f.err != nil {
					err = outage(f.err)
				}
			case <-ctx.Done():
				return nil, left(ctx)
			case <-patience.C:
				err = outage(errSlow)
			}
		}
		seen = c.current.Load()
		if keys := seen.find(q); keys != nil {
			return keys, nil
		}
		switch {
		case err != nil && !judged:
			return nil, err
		case err != nil:
			return nil, ErrKeyNotFound
		}
		// What was fetched for somebody else may have left the issuer before the key was published.
		// Whatever is joined after that has begun after the caller came. A set that brings the kid
		// is as good.
		if own || again || !known && seen.knows(q.KeyID) {
			return nil, ErrKeyNotFound
		}
	}
}

// join returns the flight to wait for, starting one if that is due: own tells that it did. It
// returns neither a flight nor an error when the keys were replaced since the caller looked: it
// has to look again.
func (c *Cache) join(seen *index) (f *flight, own bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	current := c.current.Load()
	switch now := time.Now(); {
	case !c.open:
		return nil, false, outage(errClosed)
	case c.flight != nil:
		return c.flight, false, nil
	case current != seen && current != nil:
		return nil, false, nil
	case now.Before(c.quiet) || now.Sub(c.lastAsked) < c.cfg.UnknownKeyInterval:
		if c.lastErr != nil {
			return nil, false, outage(c.lastErr)
		}
		return nil, false, ErrKeyNotFound
	default:
		c.lastAsked = now
		return c.take(true), true, nil
	}
}

// take makes the flight that the loop will fly. c.mu is held and there is none yet.
func (c *Cache) take(whole bool) *flight {
	if whole {
		c.asked++
	}
	c.flight = &flight{whole: whole, done: make(chan struct{})}
	c.wake <- struct{}{} // never blocks: the loop took the last one before it landed
	return c.flight
}
