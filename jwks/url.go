package jwks

import (
	"cmp"
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
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + portOf(u)
}

// portOf returns the port of u, or the default one of its scheme.
func portOf(u *url.URL) string {
	return cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
}
