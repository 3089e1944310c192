package jwks

import (
	"net/netip"
	"net/url"
	"strings"
)

// allowed reports whether the issuer may be asked at that URL: over https, or over http on a loopback host.
// With insecure, which is Config.InsecureAllowHTTP, http is allowed on every host.
func allowed(text string, insecure bool) bool {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.Contains(text, "#") {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && (insecure || loopback(u.Hostname()))
}

// loopback reports whether host is localhost or a loopback address.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, _ := netip.ParseAddr(host)
	return addr.IsLoopback() // not the zero Addr of an error
}

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
