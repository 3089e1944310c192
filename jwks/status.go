package jwks

import (
	"slices"
	"time"
)

// Status is what an operator wants to see of a [Cache] on a health page.
type Status struct {
	// Keys is how many keys serve now, and KeyIDs their kids, sorted. The issuer chose the kids:
	// escape them.
	Keys   int
	KeyIDs []string
	// Stale: keys serve although the last fetch failed.
	Stale bool
	// LastAttempt and LastSuccess tell when a fetch last began and when one last succeeded; zero
	// for never.
	LastAttempt, LastSuccess time.Time
	// NextRefresh is when the next fetch is due unless an unknown key causes one before; zero
	// while the first fetch is under way.
	NextRefresh time.Time
	// LastError is why the last fetch failed, nil when it succeeded. Its text is fixed; errors.As
	// finds a cause of the transport, whose text may quote the issuer.
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
