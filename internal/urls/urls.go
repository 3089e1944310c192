// Package urls checks the URLs of issuers and of their keys, and says what is wrong with one. The texts
// name no field, because several configurations have such URLs.
package urls

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"github.com/bearerguard/bearerguard/internal/say"
)

var (
	errSpace       = errors.New("has white space around it: remove it")
	errPlaceholder = errors.New("has { or }: a name with a placeholder is not the name of an issuer; each tenant " +
		"needs a JWTConfig of its own, joined by middleware.NewMultiIssuer")
)

// Name returns what is wrong with the name of an issuer, whether it is a URL or not. It returns nil for a
// good name.
func Name(text string) error {
	if reason := inPlace(text); reason != nil {
		return reason
	}
	if strings.ContainsAny(text, "{}") && Spaced(text) == nil {
		return errPlaceholder
	}
	return Spaced(text)
}

// Spaced returns an error if there is white space around text.
func Spaced(text string) error {
	if text != strings.TrimSpace(text) {
		return errSpace
	}
	return nil
}

// inPlace returns the reason that a function of middleware/providers has put in the place of a name, in
// braces, because its arguments make none.
func inPlace(text string) error {
	if strings.HasPrefix(text, "{providers.") && strings.HasSuffix(text, "}") {
		return errors.New(text[1 : len(text)-1])
	}
	return nil
}

// Rules say what a URL may have besides scheme https, host, port and path.
type Rules struct {
	Query bool // as the URL of keys may have
	HTTP  bool // on every host. Without it, http is for loopback hosts
	// OrHTTP tells the user how to allow http. It stands after "write https, or ".
	OrHTTP string
}

// Check returns what is wrong with text as a URL by these rules, and what to write instead. It returns nil
// for a good URL.
func (r Rules) Check(text string) error {
	if err := Spaced(text); err != nil {
		return err
	}
	before, _, found := strings.Cut(text, "://")
	u, err := url.Parse(text)
	schemeless := !found || strings.ContainsAny(before, "/?#@")
	switch {
	case (schemeless || err != nil || u.Host == "") && strings.Contains(text, "@"):
		// It may have credentials that Quote does not find, as in "https:/u:secret@issuer.example".
		return errors.New("is not a URL: write https, :// and the host, without credentials")
	case schemeless && (text == "" || text[0] == '/'):
		return fault(text, "has no scheme and no host: write the whole URL")
	case schemeless:
		scheme, rest, colon := strings.Cut(text, ":")
		if colon && (strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http")) {
			return fault(text, "has no :// behind its scheme: write "+Quote(scheme+"://"+strings.TrimLeft(rest, "/")))
		}
		return fault(text, "has no scheme: write "+Quote(guess(text)+text))
	case err != nil:
		return fault(text, "is not a URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return fault(text, "has the scheme "+say.Quote(u.Scheme)+": write https")
	case u.Hostname() == "":
		return fault(text, "has no host")
	case u.User != nil:
		return fault(text, "has credentials: write "+Quote(text)+", and let the HTTP client authenticate itself")
	case strings.Contains(text, "#"):
		return fault(text, "has a fragment: leave it out")
	case !r.Query && strings.Contains(text, "?"):
		return fault(text, "has a query, and the name of an issuer has none: write "+Quote(untilAny(text, "?")))
	case !r.Query && document(text) != "":
		return fault(text, "is the URL of a document that the issuer publishes: write "+Quote(document(text)))
	case u.Scheme == "http" && !r.HTTP && !Loopback(u.Hostname()):
		why := "is http, and its host is not a loopback host, so anybody on the network path could replace the keys: " +
			"write https"
		if r.OrHTTP != "" {
			why += ", or " + r.OrHTTP
		}
		return fault(text, why)
	}
	return nil
}

// guess returns the scheme that is likely for text, which has none. An issuer on this machine is usually a
// program of a developer, without a certificate.
func guess(text string) string {
	if u, err := url.Parse("http://" + text); err == nil && Loopback(u.Hostname()) {
		return "http://"
	}
	return "https://"
}

// document returns the URL of the issuer if text is that of its metadata or of its keys, and otherwise "".
func document(text string) string {
	for _, name := range []string{"openid-configuration", "oauth-authorization-server", "jwks.json"} {
		if issuer, found := strings.CutSuffix(text, "/.well-known/"+name); found {
			return issuer
		}
	}
	return ""
}

func fault(text, why string) error { return errors.New(Quote(text) + " " + why) }

// Loopback reports whether host is localhost or a loopback address.
func Loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, _ := netip.ParseAddr(host)
	return addr.IsLoopback() // not the zero Addr of an error
}

// Show returns text without what may be secret in a URL: its credentials, its query, for which "?..."
// stands, and its fragment.
func Show(text string) string {
	text = untilAny(text, "#")
	shown := untilAny(text, "?")
	scheme, rest, found := strings.Cut(shown, "://")
	if found {
		scheme += "://"
	} else {
		scheme, rest = "", shown
	}
	if i := strings.LastIndex(untilAny(rest, "/"), "@"); i >= 0 {
		shown = scheme + rest[i+1:]
	}
	if strings.Contains(text, "?") {
		shown += "?..."
	}
	return shown
}

// Quote returns Show(text), quoted and cut.
func Quote(text string) string { return say.Quote(Show(text)) }

// untilAny returns text up to the first of chars.
func untilAny(text, chars string) string {
	if i := strings.IndexAny(text, chars); i >= 0 {
		return text[:i]
	}
	return text
}
