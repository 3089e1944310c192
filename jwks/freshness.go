package jwks

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// lifetime returns how long a response with these headers is fresh (RFC 9111 §4.2). The result is always
// between shortest and longest. If the headers do not say it, the result is longest.
func lifetime(h http.Header, shortest, longest time.Duration) time.Duration {
	control := strings.Join(h.Values("Cache-Control"), ",")
	fresh, stated := longest, false
	for directive := range strings.SplitSeq(control, ",") {
		name, value, _ := strings.Cut(directive, "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "no-store", "no-cache":
			return shortest
		case "max-age":
			// If there are several, the shortest counts. If one is not a number, the response is
			// stale (RFC 9111 §4.2.1).
			fresh = min(fresh, seconds(strings.Trim(strings.TrimSpace(value), `"`)))
			stated = true
		}
	}
	if stated {
		fresh -= seconds(strings.TrimSpace(h.Get("Age")))
	}
	return max(shortest, fresh)
}

// pause returns how long the issuer asks not to be called, with Retry-After in a 429 or 503 (RFC 6585 §4, RFC
// 9110 §10.2.3): at most longest, and 0 if it does not ask. A 429 that names no time asks for shortest.
func pause(res *http.Response, shortest, longest time.Duration) time.Duration {
	if res.StatusCode != http.StatusTooManyRequests && res.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	after := strings.TrimSpace(res.Header.Get("Retry-After"))
	wait := seconds(after)
	if date, err := http.ParseTime(after); err == nil {
		wait = time.Until(date)
	}
	if wait <= 0 && res.StatusCode == http.StatusTooManyRequests {
		wait = shortest
	}
	return max(0, min(wait, longest))
}

// seconds parses delta-seconds (RFC 9111 §1.2.2). A number that is too large counts as 2^31, and any other
// text as 0.
func seconds(text string) time.Duration {
	const most = 1 << 31
	n, _ := strconv.ParseUint(text, 10, 63) // 0 on a syntax error, the largest number on a range error
	return time.Duration(min(n, most)) * time.Second
}
