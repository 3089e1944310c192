package jwks

import (
	"slices"
	"time"
)

// Status is the state of a [Cache], for a health page or for metrics.
type Status struct {
	// Keys is the number of keys that serve now, and KeyIDs has their kids, sorted. The issuer chose the
	// kids, so escape them.
	Keys   int
	KeyIDs []string
	// Stale is true if keys serve although the last fetch failed.
	Stale bool
	// LastAttempt is when a fetch last began, and LastSuccess when one last succeeded. Zero means never.
	LastAttempt, LastSuccess time.Time
	// NextRefresh is when the next fetch is due. An unknown key may cause one earlier. It is zero while the
	// first fetch is under way.
	NextRefresh time.Time
	// LastError is why the last fetch failed, or nil if it succeeded. Its text names the URLs that were asked,
	// without their queries, and what was found there. What the issuer wrote is quoted and cut. errors.As finds
	// a cause from the transport, whose own text may have anything in it.
	LastError error
}

// Status returns the state of the cache. It does not wait for a fetch.
func (c *Cache) Status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Status{
		LastAttempt: c.lastAttempt,
		LastSuccess: c.lastSuccess,
		NextRefresh: c.next,
		LastError:   c.lastErr,
	}
	if x := c.current.Load(); x != nil {
		s.Keys = len(x.keys)
		s.Stale = c.lastErr != nil
		for kid := range x.answers {
			if kid != "" {
				s.KeyIDs = append(s.KeyIDs, kid)
			}
		}
		slices.Sort(s.KeyIDs)
	}
	return s
}
