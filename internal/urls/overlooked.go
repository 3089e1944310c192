package urls

import (
	"cmp"
	"net/url"
	"strings"
)

// Overlooked says in what two names of one issuer differ: "the final slash", for example. It returns "" if
// they name two issuers. weaker is set if found has http where configured has https.
func Overlooked(configured, found string) (only string, weaker bool) {
	a, errA := url.Parse(configured)
	b, errB := url.Parse(found)
	if errA != nil || errB != nil || a.User != nil || b.User != nil || strings.ContainsAny(configured+found, "?#") ||
		!strings.EqualFold(a.Opaque, b.Opaque) { // urn:tenant:a has no path, and is opaque
		return "", false
	}
	var differ []string
	if a.Port() != b.Port() {
		if a.Scheme != b.Scheme || Port(a) != Port(b) {
			return "", false
		}
		differ = append(differ, "the default port")
	}
	if a.Scheme != b.Scheme {
		if b.Scheme != "http" && b.Scheme != "https" {
			return "", false
		}
		differ = append(differ, "the scheme")
	}
	hostA, hostB := a.Hostname(), b.Hostname()
	alias := !strings.EqualFold(hostA, hostB)
	if alias {
		if !Loopback(hostA) || !Loopback(hostB) {
			return "", false
		}
		differ = append(differ, "the name of the loopback host")
	}
	pathA, pathB := a.EscapedPath(), b.EscapedPath()
	if !strings.EqualFold(strings.TrimSuffix(pathA, "/"), strings.TrimSuffix(pathB, "/")) {
		return "", false
	}
	if strings.HasSuffix(pathA, "/") != strings.HasSuffix(pathB, "/") {
		differ = append(differ, "the final slash")
	}
	sameCase := strings.TrimSuffix(pathA, "/") == strings.TrimSuffix(pathB, "/") && (alias || hostA == hostB)
	switch {
	case !sameCase, len(differ) == 0 && strings.EqualFold(configured, found):
		differ = append(differ, "the case of letters")
	case len(differ) == 0:
		return "", false
	}
	return strings.Join(differ, " and "), a.Scheme == "https" && b.Scheme == "http"
}

// Port returns the port of u, or the default one of its scheme.
func Port(u *url.URL) string {
	return cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
}
