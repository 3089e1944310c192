package jwks

import (
	"cmp"
	"context"
	"time"
)

// flight is one fetch, for which any number of callers may wait. err is set before done is closed.
type flight struct {
	whole bool // fetch in full, without If-None-Match: a 304 cannot bring the key that a caller needs
	done  chan struct{}
	err   error
}

// await finds the keys for q by asking the issuer, because seen does not have them.
//
// It waits for two fetches at most. The first one may have begun before the caller came, and so it may have
// read the issuer's set before the key was published. The second one has begun after that.
func (c *Cache) await(ctx context.Context, q Query, seen *index) ([]*Key, error) {
	if ctx.Err() != nil {
		return nil, left(ctx)
	}
	known := seen.knows(q.KeyID)
	judged := known || len(q.Tried) > 0 // keys of this kid have refused the token, so an outage changes nothing
	var until time.Time
	for range 2 {
		f, started, err := c.join(seen)
		if f != nil {
			if until.IsZero() { // only a caller who waits reads the clock
				until = time.Now().Add(callerTime)
			}
			select {
			case <-f.done:
				if f.err != nil {
					err = outage(f.err)
				}
			case <-ctx.Done():
				return nil, left(ctx)
			case <-time.After(time.Until(until)):
				err = outage(errSlow.asked(cmp.Or(c.cfg.KeysURL, c.cfg.MetadataURL, c.cfg.Issuer)))
			}
		}
		seen = c.current.Load()
		switch keys := seen.find(q); {
		case keys != nil:
			return keys, nil
		case err != nil && !judged:
			return nil, err
		case err != nil:
			return nil, ErrKeyNotFound
		}
		brought := !known && seen.knows(q.KeyID) // the kid is new, but its keys do not serve the algorithm
		if started || brought {
			break
		}
	}
	return nil, ErrKeyNotFound
}

// join returns the fetch to wait for. started is true if this call caused it, because it then begins after
// the caller came. f is nil if there is nothing to wait for, and err says why. If err is nil too, the keys
// were replaced after the caller had loaded seen, so the caller must look at the new keys first.
func (c *Cache) join(seen *index) (f *flight, started bool, err error) {
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

// take makes the flight that the loop is to fly next. The caller holds c.mu, and there is no other flight.
func (c *Cache) take(whole bool) *flight {
	if whole {
		c.asked++
	}
	c.flight = &flight{whole: whole, done: make(chan struct{})}
	c.wake <- struct{}{} // does not block: the loop emptied it before the last flight ended
	return c.flight
}
