package jwks

import (
	"net/url"
	"strings"

	"github.com/bearerguard/bearerguard/internal/urls"
)

// downgraded reports whether metadata that were found by an https URL name a keysURL that is not https. Such
// a URL is refused even on a loopback host.
func downgraded(by, keysURL string) bool {
	return strings.HasPrefix(strings.ToLower(by), "https:") &&
		!strings.HasPrefix(strings.ToLower(keysURL), "https:")
}

// origin returns the origin of u (RFC 6454 §4). The port is always part of it.
func origin(u *url.URL) string {
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + urls.Port(u)
}
