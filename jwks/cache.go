package jwks

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Cache is a [Set] that fetches an issuer's keys and keeps them fresh in the background. It is
// safe for concurrent use.
//
// A known key is answered from an immutable snapshot: without a lock, a clock or an allocation,
// whatever the issuer is doing. Only who needs another key waits for a fetch, which all of them share.
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
	lastAsked   time.Time // when a caller last caused a fetch
	asked       int       // fetches that callers have caused, which are those in full
	heard       int       // how many of these have landed
	next        time.Time // when the loop fetches by itself
	quiet       time.Time // until when the issuer asked to be left alone
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

// Keys implements [Set]. Keys that fit and were not tried are answered at once. Otherwise the issuer is
// asked, at most once per UnknownKeyInterval, because it may have put a key there since: an unknown kid
// may be new, and the key under a known kid may be another one. The caller waits until that is done,
// until ctx ends, or for 2 s. A fetch that was under way when the caller came counts when it brings the
// key or fails; otherwise it may be older than the key, and another one is due.
//
// When it is too soon to ask, or nothing can be heard, the answer depends on what is known. It is
// [ErrKeyNotFound] when keys were tried or the kid is known: those keys have judged the token. For an
// unknown kid it is ErrKeyNotFound if it is too soon and the last fetch was good, and an outage otherwise.
func (c *Cache) Keys(ctx context.Context, q Query) ([]*Key, error) {
	seen := c.current.Load()
	if keys := seen.find(q); keys != nil {
		return keys, nil
	}
	return c.await(ctx, q, seen)
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

// Close cancels the fetch under way and returns when the background goroutine has ended: after a second
// at the latest, even if Config.Client heeds no context. Known keys go on serving; unknown ones are an
// outage from then on. It may be called more than once and always returns nil.
func (c *Cache) Close() error {
	if c.stop == nil {
		return nil // nothing was ever started
	}
	c.stop()
	<-c.done
	return nil
}
