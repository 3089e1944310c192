package middleware

import (
	"errors"
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/internal/jose"
	"github.com/bearerguard/bearerguard/scopes"
)

// Grant makes the roles or groups in a claim count as scopes, so that a requirement can
// ask for them by name:
//
//	Grant{Path: "realm_access.roles", Prefix: "role:"} // scopes.All("role:admin")
type Grant struct {
	// Path leads to a string or an array of strings in the claims. Dots separate the
	// names of nested objects. A dot or a backslash inside a name has a backslash before
	// it: `https://example\.com/roles`. If a token does not have the claim, or has a value
	// of another type there, the Grant grants nothing.
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
	if err != nil {
		faults.add(at+"Path", "%q %w", g.Path, err)
	} else if len(path) == 1 && (path[0] == "scope" || path[0] == "scp") {
		faults.add(at+"Path", "scope and scp are read anyway, without a prefix")
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

// splitPath returns the names in a Path.
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
	return path, nil
}

// collect appends to names those that the member (name, v) of the claims grants.
func (g *grant) collect(names []string, name string, v jose.Value) []string {
	if name != g.path[0] {
		return names
	}
	for _, step := range g.path[1:] {
		var found bool
		for name, member := range v.Members() {
			if name == step {
				v, found = member, true
				break
			}
		}
		if !found {
			return names
		}
	}
	return g.prefixed(names, v)
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
