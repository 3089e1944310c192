package jwks

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// maxWait is the longest that a request waits for a fetch. The fetch itself may take longer and
// serves those who come later.
const maxWait = 2 * time.Second

// Cache is a [Set] that fetches an issuer's keys and keeps them fresh in the background. It is
// safe for concurrent use.
//
// A known key is answered from an immutable snapshot: without a lock, a clock or an allocation,
// whatever the issuer is doing. Only unknown keys wait for a fetch, which all of them share.
//
// The zero Cache, which [New] did not make, behaves like a closed one without keys.
type Cache struct {
	current atomic.Pointer[index] // nil: nothing fetched yet, or older than MaxStale

	cfg   Config
	fetch *fetcher // of the loop's goroutine alone
	stop  context.CancelFunc
	wake  chan struct{} // one place: tells the loop that there is a flight
	done  chan struct{} // closed when the loop has ended

	mu     sync.Mutex // for the cold path; never held during a fetch
	flight *flight    // the fetch that was asked for or is under way
	ready  chan struct{}
	open   bool // from New to Close

	lastErr     error // of the last fetch; nil when it was good
	failures    int   // in a row
	lastAttempt time.Time
	lastSuccess time.Time
	lastUnknown time.Time // when an unknown key last caused a fetch
	next        time.Time // when the loop fetches by itself
	quiet       time.Time // until when the issuer asked to be left alone
}

// flight is one fetch that any number of callers wait for. err is set before done is closed.
type flight struct {
	whole bool // for a key that the last good answer lacks: to hear that it still holds would not do
	done  chan struct{}
	err   error
}

// New validates cfg whole (every fault at once, each naming its field), and starts to fetch in
// the background; it does not wait for the network. A start without the issuer heals by itself.
// [Cache.Close] ends it.
func New(cfg Config) (*Cache, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	c := &Cache{
		cfg:   cfg,
		fetch: newFetcher(cfg),
		stop:  stop,
		wake:  make(chan struct{}, 1),
		done:  make(chan struct{}),
		ready: make(chan struct{}),
		open:  true,
	}
	c.take(false)
	go c.loop(ctx)
	return c, nil
}

// Keys implements [Set]. A kid that is known but does not serve alg is [ErrKeyNotFound] at once. A
// kid that is not known fetches, at most once per UnknownKeyInterval; the caller waits until that is
// done, until ctx ends, or for 2 s. A fetch that was under way when the caller came counts when it
// brings the key or fails; otherwise it may be older than the key, and another one is due. When it is
// too soon for that, the answer is ErrKeyNotFound if the last fetch was good, and an outage otherwise.
func (c *Cache) Keys(ctx context.Context, q Query) ([]*Key, error) {
	seen := c.current.Load()
	if keys := seen.find(q); keys != nil {
		return keys, nil
	}
	if seen.knows(q.KeyID) {
		return nil, ErrKeyNotFound
	}
	return c.await(ctx, q, seen)
}

func (c *Cache) await(ctx context.Context, q Query, seen *index) ([]*Key, error) {
	if ctx.Err() != nil {
		return nil, left(ctx)
	}
	until := time.Now().Add(maxWait)
	for again := false; ; again = true {
		f, own, err := c.join(seen)
		if err != nil {
			return nil, err
		}
		if f != nil {
			patience := time.NewTimer(time.Until(until))
			defer patience.Stop() // of two at most
			select {
			case <-f.done:
				err = f.err
			case <-ctx.Done():
				return nil, left(ctx)
			case <-patience.C:
				return nil, outage(errSlow)
			}
		}
		seen = c.current.Load()
		if keys := seen.find(q); keys != nil {
			return keys, nil
		}
		if err != nil {
			return nil, outage(err)
		}
		// What was fetched for somebody else may have left the issuer before the key was published.
		// Whatever is joined after that has begun after the caller came.
		if own || again || seen.knows(q.KeyID) {
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
	case now.Before(c.quiet) || now.Sub(c.lastUnknown) < c.cfg.UnknownKeyInterval:
		if c.lastErr != nil {
			return nil, false, outage(c.lastErr)
		}
		return nil, false, ErrKeyNotFound
	default:
		c.lastUnknown = now
		return c.take(true), true, nil
	}
}

// take makes the flight that the loop will fly. c.mu is held and there is none yet.
func (c *Cache) take(whole bool) *flight {
	c.flight = &flight{whole: whole, done: make(chan struct{})}
	c.wake <- struct{}{} // never blocks: the loop took the last one before it landed
	return c.flight
}

// loop is the only goroutine of a cache, and so there is never more than one fetch.
func (c *Cache) loop(ctx context.Context) {
	defer close(c.done)
	for c.idle(ctx) {
		c.mu.Lock()
		c.lastAttempt = time.Now()
		whole := c.flight.whole
		c.mu.Unlock()
		keys, fresh, err := c.fetch.fetch(ctx, whole)
		if ctx.Err() != nil {
			break
		}
		c.land(keys, fresh, err)
		if err == nil {
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

// idle waits until there is a flight; false means that the cache was closed.
func (c *Cache) idle(ctx context.Context) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case <-c.wake:
			return ctx.Err() == nil // of both, select takes either
		case found := <-c.fetch.found:
			if c.fetch.moved(found) {
				c.soon()
			}
		case <-time.After(c.tick()):
		}
	}
}

// tick does what is due, and returns how long the loop may sleep if nobody wakes it. A fetch that
// is due comes before the keys' end, so that keys are only ever dropped after a failure.
func (c *Cache) tick() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	dies := c.lastSuccess.Add(c.cfg.MaxStale)
	switch {
	case c.flight != nil:
		return time.Hour // it lies in c.wake
	case !now.Before(c.next):
		c.take(false)
		return time.Hour
	case c.current.Load() == nil:
		return c.next.Sub(now)
	case !now.Before(dies):
		c.current.Store(nil)
		c.ready = make(chan struct{})
		c.hurry(now)
		return c.next.Sub(now)
	}
	return min(c.next.Sub(now), dies.Sub(now))
}

// soon makes a fetch due, as soon as the issuer wants to be asked.
func (c *Cache) soon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next = time.Now()
	if c.next.Before(c.quiet) {
		c.next = c.quiet
	}
}

// land publishes what a flight brought back, plans the next one and lets the waiters go.
func (c *Cache) land(keys *index, fresh time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	c.lastErr = err
	if err == nil {
		c.failures, c.lastSuccess = 0, now
		c.next = now.Add(c.cfg.early(fresh))
		if c.current.Swap(keys) == nil {
			close(c.ready)
		}
	} else {
		c.failures++
		c.next = now.Add(c.cfg.backoff(c.failures))
		c.quiet = now.Add(paused(err))
		if c.next.Before(c.quiet) {
			c.next = c.quiet
		}
		if c.current.Load() == nil {
			c.hurry(now)
		}
	}
	c.flight.err = err
	close(c.flight.done)
	c.flight = nil
}

// hurry shortens what the issuer asked for while there are no keys: an issuer in trouble tends to ask
// for more than it needs, and until it is heard every request fails.
func (c *Cache) hurry(now time.Time) {
	latest := now.Add(lastBackoff)
	if c.quiet.After(latest) {
		c.quiet = latest
	}
	if c.next.After(latest) {
		c.next = latest
	}
}

// Ready returns nil as soon as there are keys to serve, also when the issuer's set is empty. Otherwise
// it waits until ctx ends, and returns an error that wraps ctx's and the failure of the last fetch. A
// closed cache without keys is an error at once.
func (c *Cache) Ready(ctx context.Context) error {
	for c.current.Load() == nil {
		c.mu.Lock()
		ready, open := c.ready, c.open
		c.mu.Unlock()
		if !open {
			return outage(errClosed)
		}
		select {
		case <-ready:
		case <-c.done:
			return outage(errClosed)
		case <-ctx.Done():
			c.mu.Lock()
			defer c.mu.Unlock()
			return notReady(ctx, c.lastErr)
		}
	}
	return nil
}

// Close cancels the fetch under way and returns when the background goroutine has ended. Known keys go
// on serving; unknown ones are an outage from then on. It may be called more than once and always
// returns nil.
func (c *Cache) Close() error {
	if c.stop == nil {
		return nil // nothing was ever started
	}
	c.stop()
	<-c.done
	return nil
}
