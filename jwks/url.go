package jwks

import (
	"net/url"
	"strings"
)

// downgraded reports whether the metadata of an https issuer name a keysURL that is not https. Such a URL is
// refused even on a loopback host.
func downgraded(issuer, keysURL string) bool {
	return strings.HasPrefix(strings.ToLower(issuer), "https:") &&
		!strings.HasPrefix(strings.ToLower(keysURL), "https:")
}

// origin returns the origin of u (RFC 6454 §4). The port is always part of it.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}
