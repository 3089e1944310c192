package jwks

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	firstBackoff = time.Second
	lastBackoff  = time.Minute
)

// lifetime is for how long a response is fresh (RFC 9111 §4.2), held between MinRefresh and MaxRefresh.
func (c Config) lifetime(h http.Header) time.Duration {
	control := strings.Join(h.Values("Cache-Control"), ",")
	fresh, stated := c.MaxRefresh, false
	for directive := range strings.SplitSeq(control, ",") {
		name, value, _ := strings.Cut(directive, "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "no-store", "no-cache":
			return c.MinRefresh
		case "max-age":
			// Of several the shortest counts, and what is not a number is stale already (RFC 9111
			// §4.2.1).
			fresh = min(fresh, seconds(strings.Trim(strings.TrimSpace(value), `"`)))
			stated = true
		}
	}
	if stated {
		fresh -= seconds(strings.TrimSpace(h.Get("Age")))
	}
	return max(c.MinRefresh, fresh)
}

// pause is for how long a 429 or 503 asks to be left alone (RFC 6585 §4, RFC 9110 §10.2.3), at most
// MaxRefresh.
func (c Config) pause(res *http.Response) time.Duration {
	if res.StatusCode != http.StatusTooManyRequests && res.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	after := strings.TrimSpace(res.Header.Get("Retry-After"))
	wait := seconds(after)
	if date, err := http.ParseTime(after); err == nil {
		wait = time.Until(date)
	}
	if wait <= 0 && res.StatusCode == http.StatusTooManyRequests {
		wait = c.MinRefresh
	}
	return max(0, min(wait, c.MaxRefresh))
}

// seconds reads delta-seconds; 0 for anything else. What is too large to count is 2^31 seconds
// (RFC 9111 §1.2.2).
func seconds(text string) time.Duration {
	const most = 1 << 31
	n, _ := strconv.ParseUint(text, 10, 63) // 0 for what is no number, the largest there is for what is larger
	return time.Duration(min(n, most)) * time.Second
}

// early takes up to a tenth off, so that a fleet that started together does not fetch together.
func (c Config) early(fresh time.Duration) time.Duration {
	return max(c.MinRefresh, fresh-rand.N(fresh/10+1))
}

// backoff is the wait after that many failures in a row, between half and all of a doubling step.
func (c Config) backoff(failures int) time.Duration {
	step := min(lastBackoff, c.MaxRefresh)
	if failures < 16 {
		step = min(step, firstBackoff<<(failures-1))
	}
	return step - rand.N(step/2+1)
}
