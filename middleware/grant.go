package middleware

import (
	"errors"
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/internal/jose"
	"github.com/bearerguard/bearerguard/scopes"
)

// Grant makes a claim that holds roles or groups count as scopes, so that a
// requirement can ask for them by name:
//
//	Grant{Path: "realm_access.roles", Prefix: "role:"} // scopes.All("role:admin")
type Grant struct {
	// Path leads to a string or an array of strings in the claims; dots part the
	// names of nested objects. A dot or a backslash inside a name is written with a
	// backslash before it: `https://example\.com/roles`. A token without the
	// claim, or with something else in its place, is granted nothing by it.
	Path string
	// Prefix stands before each name, and is mandatory: without one, whoever may
	// name a role could name a scope. Scopes in the token that begin with it are
	// ignored, so that whoever may ask for scopes can't name a role either.
	Prefix string
}

// grant is a Grant, compiled.
type grant struct {
	path   []string
	prefix string
}

// compile tells faults what is wrong with g, whose fields are those at.
func (g Grant) compile(at string, faults *faults) grant {
	path, err := splitPath(g.Path)
	if err != nil {
		faults.add(at+"Path", "%q %w", g.Path, err)
	} else if len(path) == 1 && (path[0] == "scope" || path[0] == "scp") {
		faults.add(at+"Path", "scope and scp are read anyway, and unprefixed")
	}
	if g.Prefix == "" {
		faults.add(at+"Prefix", "required")
	} else if !scopes.ValidName(g.Prefix) {
		faults.add(at+"Prefix", "%q is no part of a scope (RFC 6749 §3.3)", g.Prefix)
	}
	return grant{path, g.Prefix}
}

var (
	errEmptyStep = errors.New("has an empty name")
	errBackslash = errors.New("has a backslash before something else than a dot or a backslash")
)

// splitPath parts the names in a Path.
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

// collect appends to names what the member (name, v) of the claims grants.
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

// prefixed appends the texts of v, each behind the prefix. They share one string.
func (g *grant) prefixed(names []string, v jose.Value) []string {
	count, size := 0, 0
	for text := range texts(v) {
		count, size = count+1, size+len(g.prefix)+len(text)
	}
	names = slices.Grow(names, count)
	var all strings.Builder
	all.Grow(size) // and no more, since it is kept for as long as the claims are
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
