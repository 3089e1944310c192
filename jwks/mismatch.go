package jwks

import (
	"net/url"
	"strings"

	"github.com/bearerguard/bearerguard/internal/urls"
)

// mismatch is the fault of metadata that name the issuer found instead of the configured one. If the two
// names differ only in what people overlook, the text says just that, and what to write.
func mismatch(configured, found string) *fault {
	if found == "" {
		return &fault{text: "the metadata name no issuer"}
	}
	text := "the metadata name the issuer " + urls.Quote(found) + ", not " + urls.Quote(configured) + ": "
	only, weaker := overlooked(configured, found)
	switch {
	case weaker:
		text += "they differ only in " + only + "; an https issuer that calls itself http is often behind a proxy, and " +
			"must be told its public URL"
	case only != "":
		text += "they differ only in " + only + "; set Issuer to " + urls.Quote(found)
	default:
		text += "set Issuer to the name that the issuer gives itself; if it is reached under another URL than its " +
			"name, use jwks.Config.KeysURL"
	}
	return &fault{text: text}
}

// overlooked says in what two names of one issuer differ: "the final slash", for example. It returns "" if
// they name two issuers. weaker is set if found has http where configured has https.
func overlooked(configured, found string) (only string, weaker bool) {
	a, errA := url.Parse(configured)
	b, errB := url.Parse(found)
	if errA != nil || errB != nil || b.User != nil || strings.ContainsAny(found, "?#") {
		return "", false
	}
	var differ []string
	if a.Port() != b.Port() {
		if a.Scheme != b.Scheme || portOf(a) != portOf(b) {
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
		if !urls.Loopback(hostA) || !urls.Loopback(hostB) {
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
	if !sameCase || len(differ) == 0 {
		differ = append(differ, "the case of letters")
	}
	return strings.Join(differ, " and "), a.Scheme == "https" && b.Scheme == "http"
}
