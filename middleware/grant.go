package middleware

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/internal/jose"
	"github.com/bearerguard/bearerguard/internal/say"
	"github.com/bearerguard/bearerguard/scopes"
)

// Grant makes the roles or groups in a claim count as scopes, so that a requirement can
// ask for them by name:
//
//	Grant{Path: "realm_access.roles", Prefix: "role:"} // scopes.All("role:admin")
type Grant struct {
	// Path leads to a string or an array of strings in the claims. Dots separate the
	// names of nested objects. A dot or a backslash inside a name has a backslash before
	// it: `https://example\.com/roles`. It is a fault if a dot of the host of a URL has none.
	// If a token does not have the claim, or has a value of another type there, the Grant
	// grants nothing.
	Path string
	// Prefix comes before each name. It is required, because without it a role with the name
	// of a scope would count as that scope. A scope in the token that begins with the prefix
	// is ignored, because otherwise a client could ask for a scope that counts as a role.
	Prefix string
}

// grant is a Grant, compiled.
type grant struct {
	path   []string
	prefix string
	text   string // Grant.Path
}

// compile adds what is wrong with g to faults. at comes before the names of the fields.
func (g Grant) compile(at string, faults *faults) grant {
	path, err := splitPath(g.Path)
	switch {
	case err != nil:
		faults.add(at+"Path", "%s %w", say.Quote(g.Path), err)
	case len(path) == 1 && (path[0] == "scope" || path[0] == "scp"):
		faults.add(at+"Path", "scope and scp are read anyway, without a prefix")
	case slices.ContainsFunc(path, spaced):
		faults.add(at+"Path", "%s has white space around a name: leave it out", say.Quote(g.Path))
	}
	if g.Prefix == "" {
		faults.add(at+"Prefix", "required")
	} else if !scopes.ValidName(g.Prefix) {
		faults.add(at+"Prefix", "%q cannot be part of a scope (RFC 6749 §3.3)", g.Prefix)
	}
	return grant{path, g.Prefix, g.Path}
}

var (
	errEmptyStep = errors.New("has an empty name")
	errBackslash = errors.New("has a backslash before a character other than a dot or a backslash")
)

// splitPath returns the names in a Path. It refuses a URL with a dot of the host that has
// no backslash, because a path that leads into "https://example" leads to nothing, and
// nobody would be told.
func splitPath(text string) ([]string, error) {
	var path []string
	var name strings.Builder
	for i := 0; i <= len(text); i++ {
		switch {
		case i == len(text) || text[i] == '.':
			if name.Len() == 0 {
				return nil, errEmptyStep
			}
			path = append(path, name.String())
			name.Reset()
		case text[i] == '\\':
			if i++; i == len(text) || text[i] != '.' && text[i] != '\\' {
				return nil, errBackslash
			}
			name.WriteByte(text[i])
		default:
			name.WriteByte(text[i])
		}
	}
	if escaped := escapeHosts(text); escaped != text {
		return nil, fmt.Errorf(
			"is split at a dot of the URL: write a backslash before each dot of a name, as in %#q", escaped)
	}
	return path, nil
}

// escapeHosts returns text with a backslash before each dot in the host of a URL. The host
// ends with a slash. Without a slash it is unknown which dots belong to it: the path
// "resource_access.https://orders.roles" leads to the roles of the client "https://orders".
func escapeHosts(text string) string {
	parts := strings.Split(text, "://")
	for i, part := range parts[1:] {
		if host, path, ok := strings.Cut(part, "/"); ok {
			host = strings.ReplaceAll(strings.ReplaceAll(host, `\.`, "."), ".", `\.`)
			parts[i+1] = host + "/" + path
		}
	}
	return strings.Join(parts, "://")
}

// spaced tells whether name has white space around it.
func spaced(name string) bool { return strings.TrimSpace(name) != name }

// collect appends to names those that the member (name, v) of the claims grants.
func (g *grant) collect(names []string, name string, v jose.Value) []string {
	if name != g.path[0] {
		return names
	}
	return g.prefixed(names, follow(v, g.path[1:]))
}

// follow returns the value to which path leads from v, or "" if there is none.
func follow(v jose.Value, path []string) jose.Value {
	for _, step := range path {
		v = member(v, step)
	}
	return v
}

// member returns the member of the object v with that name, or "" if there is none.
func member(v jose.Value, name string) jose.Value {
	for n, m := range v.Members() {
		if n == name {
			return m
		}
	}
	return ""
}

// prefixed appends the texts of v, each with the prefix. They share one string.
func (g *grant) prefixed(names []string, v jose.Value) []string {
	count, size := 0, 0
	for text := range texts(v) {
		count, size = count+1, size+len(g.prefix)+len(text)
	}
	names = slices.Grow(names, count)
	var all strings.Builder
	all.Grow(size) // no larger, because it is kept as long as the claims are
	for text := range texts(v) {
		if text != "" {
			start := all.Len()
			all.WriteString(g.prefix)
			all.WriteString(text)
			names = append(names, all.String()[start:])
		}
	}
	return names
}

// names lists what the token grants: the scopes of scope and scp, and the granted roles.
// Each of the two claims is a string of names separated by U+0020 (RFC 8693 §4.2), or an
// array of names, which several issuers send. A scope that begins with a grant's prefix is
// left out, because otherwise a client could get a role by asking the issuer for a scope.
func (c *claims) names(granted []string) []string {
	sources := [...]jose.Value{c.set.Scope, c.set.SCP}
	n := len(granted)
	for _, v := range sources {
		// n is at least the number of names, and not much more. A string has one pair of quotes,
		// and spaces between the names. An array has a pair of quotes for each name.
		n += strings.Count(string(v), " ") + strings.Count(string(v), `"`)/2
	}
	list := make([]string, 0, n)
	add := func(name string) {
		if name != "" && !c.isGrant(name) {
			list = append(list, name)
		}
	}
	for _, v := range sources {
		if text, ok := v.Text(); ok {
			for name := range strings.SplitSeq(text, " ") {
				add(name)
			}
			continue
		}
		for name := range texts(v) {
			add(name)
		}
	}
	return append(list, granted...)
}

// isGrant tells whether a grant granted name.
func (c *claims) isGrant(name string) bool {
	for i := range c.grants {
		if strings.HasPrefix(name, c.grants[i].prefix) {
			return true
		}
	}
	return false
}
