package middleware

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bearerguard/bearerguard/internal/say"
	"github.com/bearerguard/bearerguard/internal/urls"
	"github.com/bearerguard/bearerguard/scopes"
)

// Resource describes the API to clients that know nothing but its URL: see [Options].Resource.
// Each field is published to everybody.
type Resource struct {
	// URL names the API (RFC 9728 §1.2, RFC 8707 §2), as its clients write it: scheme https, or
	// http on a loopback host, then the host and perhaps a path. Clients compare it to the letter,
	// so a final slash counts. It has no query, no fragment and no default port.
	//
	// Clients ask the authorization server for a token for this URL, so [New] and [NewMultiIssuer]
	// also take it as the Audience of each JWTConfig that has none and does not set
	// InsecureNoAudience. An Audience that differs from URL only in what is easily overlooked, such
	// as the final slash or the case of letters, is a fault, unless Audience has URL, too. Any other
	// Audience is taken as it is, because some issuers have names of their own for an API.
	URL string

	// AuthorizationServers lists the issuers (RFC 8414 §2) that clients may get a token from. Nil
	// stands for those of the verifier, which the Guard knows if it is made by [New],
	// [NewMultiIssuer], [NewJWT] or [ByIssuer]. It is required beside other verifiers and an
	// IssuerTemplate, and if the name of an issuer is not a URL.
	AuthorizationServers []string

	// Scopes lists the scopes that a client may ask for. [scopes.Table.Scopes] lists those of a
	// policy. Names with the Prefix of a [Grant] are left out, because no authorization server
	// can be asked for them. Nil publishes no list.
	Scopes []string

	// Name is the name of the API for people.
	Name string

	// Documentation is the URL of a page for developers who use the API.
	Documentation string
}

// resource is a Resource, compiled.
type resource struct {
	Resource
	path     string   // of the metadata
	metadata string   // their URL
	prefixes []string // of the names that no client can ask for
	document string   // the metadata
	etag     string
}

// wellKnown is the path of the metadata of a resource without a path (RFC 9728 §3).
const wellKnown = "/.well-known/oauth-protected-resource"

// party is what is known of a verifier before a Guard uses it.
type party struct {
	issuer   string // "": not known, or the template of many
	audience []string
}

// partiesOf returns what is known of v.
func partiesOf(v Verifier) (list []party) {
	switch v := v.(type) {
	case *JWT:
		if v != nil {
			list = append(list, party{v.issuer, v.audience})
		}
	case byIssuer:
		for issuer, member := range v {
			p := party{issuer: issuer}
			if jwt, ok := member.(*JWT); ok {
				p.audience = jwt.audience
			}
			list = append(list, p)
		}
		slices.SortFunc(list, func(a, b party) int { return strings.Compare(a.issuer, b.issuer) })
	}
	return list
}

// asAudience returns cfg with the URL as its audience, if it has none.
func (r *Resource) asAudience(cfg JWTConfig) JWTConfig {
	if r != nil && r.URL != "" && len(cfg.Audience) == 0 && !cfg.InsecureNoAudience {
		cfg.Audience = []string{strings.TrimSpace(r.URL)} // white space is a fault of URL, and told once
	}
	return cfg
}

// compile checks r as a whole, and adds what is wrong with it to faults.
func (r *Resource) compile(faults *faults, parties []party) *resource {
	if r == nil {
		return nil
	}
	c := &resource{Resource: *r}
	c.AuthorizationServers, c.Scopes = slices.Clone(r.AuthorizationServers), slices.Clone(r.Scopes)
	if err := checkResource(r.URL); err != nil {
		faults.add("Resource.URL", "%w", err)
	} else {
		c.locate()
		for _, p := range parties {
			if slices.Contains(p.audience, r.URL) {
				continue
			}
			for _, name := range p.audience {
				if only, _ := urls.Overlooked(r.URL, name); only != "" {
					faults.add("Resource.URL", "%s and the Audience %s differ only in %s: write the same in both places, or "+
						"add the URL to Audience", urls.Quote(r.URL), urls.Quote(name), only)
				}
			}
		}
	}
	c.servers(faults, parties)
	for i, name := range r.Scopes {
		if !scopes.ValidName(name) {
			faults.add(fmt.Sprintf("Resource.Scopes[%d]", i), "%s is not one scope name (RFC 6749 §3.3)", say.Quote(name))
		}
	}
	if !utf8.ValidString(r.Name) {
		faults.add("Resource.Name", "%s is not valid UTF-8", say.Quote(r.Name))
	}
	if r.Documentation != "" {
		u, err := url.Parse(r.Documentation)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil {
			faults.add("Resource.Documentation", "is not the URL of a page: write https, :// and the host, without credentials")
		}
	}
	return c
}

// servers completes and checks the authorization servers.
func (c *resource) servers(faults *faults, parties []party) {
	const field = "Resource.AuthorizationServers"
	given := len(c.AuthorizationServers) > 0
	for _, p := range parties {
		if p.issuer == "" {
			continue
		}
		if !given {
			c.AuthorizationServers = append(c.AuthorizationServers, p.issuer)
			if err := checkServer(p.issuer); err != nil && urls.Name(p.issuer) == nil { // else a fault of its own
				faults.add(field, "required, because clients can't find the verifier's issuer by its name: %w", err)
			}
			continue
		}
		if slices.Contains(c.AuthorizationServers, p.issuer) {
			continue
		}
		for i, server := range c.AuthorizationServers {
			if only, _ := urls.Overlooked(p.issuer, server); only != "" {
				faults.add(fmt.Sprintf(field+"[%d]", i), "%s and the verifier's issuer %s differ only in %s: write the same",
					urls.Quote(server), urls.Quote(p.issuer), only)
			}
		}
	}
	if given {
		for i, server := range c.AuthorizationServers {
			if err := checkServer(server); err != nil {
				faults.add(fmt.Sprintf(field+"[%d]", i), "%w", err)
			}
		}
	}
	if len(c.AuthorizationServers) == 0 {
		faults.add(field, "required, because the issuers of the verifier are not known")
	}
}

// errHTTP is the fault of a URL that clients would trust without TLS.
var errHTTP = errors.New("is http, and its host is not a loopback host, so anybody on the network path could send " +
	"clients to a false authorization server: write https")

// checkServer returns what is wrong with an authorization server (RFC 8414 §2).
func checkServer(text string) error {
	if err := (urls.Rules{HTTP: true}).Check(text); err != nil {
		return err
	}
	if u, _ := url.Parse(text); u.Scheme == "http" && !urls.Loopback(u.Hostname()) { // Check has parsed it
		return fmt.Errorf("%s %w", urls.Quote(text), errHTTP)
	}
	return nil
}

// checkResource returns what is wrong with the URL of a resource.
func checkResource(text string) error {
	if text == "" {
		return errors.New("required")
	}
	if err := (urls.Rules{Query: true, HTTP: true}).Check(text); err != nil {
		return err
	}
	u, _ := url.Parse(text) // Check has parsed it
	path := strings.ReplaceAll(strings.ToLower(strings.TrimSuffix(u.EscapedPath(), "/")), "%2e", ".")
	segments := strings.Split(path, "/")[1:]
	outside := func(r rune) bool { return r < '!' || r > '~' || strings.ContainsRune("\"<>\\^`{|}", r) }
	switch scheme, rest, _ := strings.Cut(text, "://"); {
	case strings.Contains(text, "?"):
		return fmt.Errorf("%s has a query: leave it out, because no route is chosen by a query", urls.Quote(text))
	case u.Scheme == "http" && !urls.Loopback(u.Hostname()):
		return fmt.Errorf("%s %w", urls.Quote(text), errHTTP)
	case strings.ContainsFunc(text, outside):
		c, _ := utf8.DecodeRuneInString(text[strings.IndexFunc(text, outside):])
		return fmt.Errorf("%s has %s, which a URL has only percent-encoded (RFC 3986)",
			urls.Quote(text), say.Quote(string(c)))
	case scheme != u.Scheme || u.Host != strings.ToLower(u.Host):
		return fmt.Errorf("%s has capitals in its scheme or host: write %s, because clients write them so",
			urls.Quote(text), urls.Quote(u.Scheme+"://"+strings.ToLower(u.Host)+strings.TrimPrefix(rest, u.Host)))
	case strings.HasSuffix(u.Host, ":") || u.Port() == map[string]string{"https": "443", "http": "80"}[u.Scheme]:
		short := u.Scheme + "://" + strings.TrimSuffix(strings.TrimSuffix(u.Host, u.Port()), ":")
		return fmt.Errorf("%s has the port that clients leave out: write %s",
			urls.Quote(text), urls.Quote(short+strings.TrimPrefix(rest, u.Host)))
	case slices.ContainsFunc(segments, func(s string) bool { return s == "" || s == "." || s == ".." }):
		return fmt.Errorf("%s has an empty, . or .. segment in its path: write it without, because clients and routers "+
			"take those out", urls.Quote(text))
	case strings.HasPrefix(u.Path, wellKnown):
		return fmt.Errorf("%s is the URL of the metadata: write the URL of the API", urls.Quote(text))
	}
	return nil
}

// locate finds the place of the metadata (RFC 9728 §3.1): between the host and the path of URL.
func (c *resource) locate() {
	scheme, rest, _ := strings.Cut(c.URL, "://")
	host, path, _ := strings.Cut(rest, "/")
	c.path = wellKnown
	if path != "" {
		c.path += "/" + path
	}
	c.metadata = scheme + "://" + host + c.path
}

// use makes v the verifier of g. It completes what depends on v.
func (g *Guard) use(v Verifier) {
	g.verifier = v
	c := g.resource
	if c == nil {
		return
	}
	c.prefixes = grantPrefixes(v)
	c.Scopes = slices.DeleteFunc(c.Scopes, c.isGrant)
	methods := []string{}
	if g.header == "" { // a header of another name is no method of RFC 6750
		methods = append(methods, "header")
	}
	c.publish(methods)
}

// grantPrefixes returns what the GrantPrefixes of v returns, if v has that method.
func grantPrefixes(v Verifier) []string {
	if p, ok := v.(interface{ GrantPrefixes() []string }); ok {
		return slices.DeleteFunc(slices.Clone(p.GrantPrefixes()), func(prefix string) bool { return prefix == "" })
	}
	return nil
}

// isGrant tells whether a Grant may give name, so that no client can ask for it.
func (c *resource) isGrant(name string) bool {
	return slices.ContainsFunc(c.prefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// isRole returns what tells the roles that a challenge for c leaves out. Another verifier than that
// of c may have prefixes, too, and r knows them. r may be nil.
func (c *claims) isRole(r *resource) func(name string) bool {
	if r == nil {
		return c.isGrant
	}
	return func(name string) bool { return c.isGrant(name) || r.isGrant(name) }
}

// scopesFor returns the scopes that the challenge for v tells. They are those of the nearest
// alternative of need, also for a caller of whom nothing is known.
func (c *resource) scopesFor(v *verdict, need scopes.Requirement) []string {
	names := v.need
	if v.code == CodeMissing || v.code == CodeInvalid {
		names = need.Evaluate(scopes.Granted{IsRole: c.isGrant}).Need
	}
	return slices.DeleteFunc(names, c.isGrant)
}
