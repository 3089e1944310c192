package jwks

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Cache is a [Set] that fetches the keys of an issuer and refreshes them in the background. It is safe for
// concurrent use.
//
// Keys answers a known key from an immutable snapshot, without a lock, a clock or an allocation, whatever the
// state of the issuer. A caller who needs another key waits for a fetch, which all such callers share.
//
// The zero Cache is like a closed one without keys.
type Cache struct {
	current atomic.Pointer[index] // nil: nothing was fetched yet, or the keys are older than MaxStale

	cfg   Config
	fetch *fetcher // used by the goroutine of loop only
	mood  mood     // likewise
	news  news
	stop  context.CancelFunc
	wake  chan struct{} // tells the loop that there is a flight; buffers one
	done  chan struct{} // closed when the loop has ended

	mu     sync.Mutex    // guards all that follows; not held during a fetch
	flight *flight       // the fetch that is ordered or under way
	ready  chan struct{} // closed when there are keys
	open   bool          // from New to Close

	lastErr     error // of the last fetch; nil if it was good
	failures    int   // in a row
	lastAttempt time.Time
	lastSuccess time.Time
	lastAsked   time.Time // when a caller last caused a fetch
	asked       int       // how many fetches callers have caused; all of these are in full
	heard       int       // how many of these have ended
	next        time.Time // when the loop fetches by itself
	quiet       time.Time // until when the issuer asked not to be called
}

// New returns a Cache and starts to fetch in the background. It does not wait for the network. If the issuer
// is down, the cache tries again until it has keys. [Cache.Close] ends it.
//
// The error has every fault of cfg at once, each with the name of its field.
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

// Keys implements [Set]. If there are keys that fit and were not tried, it returns them at once. Otherwise it
// asks the issuer, at most once in UnknownKeyInterval, because an unknown kid may be new, and the key with a
// known kid may have been replaced. It waits for the answer until ctx ends, and for 2 s at most. If a fetch
// was under way when the caller came and neither brings the key nor fails, Keys waits for one more, because
// the first may have read the set before the key was published.
//
// If the issuer cannot be asked again yet, or does not answer, the error is
//
//   - [ErrKeyNotFound] if keys were tried or the kid is known, because those keys have refused the token,
//   - ErrKeyNotFound for an unknown kid if the issuer cannot be asked yet and the last fetch was good,
//   - an outage otherwise.
func (c *Cache) Keys(ctx context.Context, q Query) ([]*Key, error) {
	seen := c.current.Load()
	if keys := seen.find(q); keys != nil {
		return keys, nil
	}
	return c.await(ctx, q, seen)
}

// Ready waits for the first good fetch and returns nil. A fetch is good even if the issuer's set is empty. If
// ctx ends first, the error wraps ctx's error and that of the last fetch. A closed cache without keys returns
// an error at once.
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

// Close cancels the fetch under way and returns when the background goroutine has ended. That takes a
// second at most, even if Config.Client ignores its context, or if the handler of Config.Logger hangs.
// Afterwards known keys still serve, and unknown ones are an outage. Close may be called more than once,
// and always returns nil.
func (c *Cache) Close() error {
	if c.stop == nil {
		return nil // nothing was ever started
	}
	c.stop()
	limit := time.After(graceTime)
	<-c.done
	c.news.wait(limit)
	return nil
}
