package middleware

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bearerguard/bearerguard/internal/jose"
	"github.com/bearerguard/bearerguard/internal/say"
	"github.com/bearerguard/bearerguard/scopes"
)

// Grant makes the roles or groups in a claim count as scopes, so that a requirement can
// ask for them by name:
//
//	Grant{Path: "realm_access.roles", Prefix: "role:"} // scopes.All("role:admin")
//
// A scope cannot contain each character that the name of a role can. In what the token
// grants, each byte that [scopes.ValidName] refuses is written as % and two hexadecimal
// digits in capitals, and so is % itself, so that no two roles become one name. A
// requirement has the same spelling: "role:Order%20Admin" is the role "Order Admin".
type Grant struct {
	// Path leads to a string or an array of strings in the claims, or to an object if Keys is
	// set. Dots separate the names of nested objects. A dot or a backslash inside a name has a
	// backslash before it: `https://example\.com/roles`. It is a fault if a dot of the host of
	// a URL has none. If a token does not have the claim, or has a value of another type there,
	// the Grant grants nothing.
	Path string
	// Prefix comes before each name. It is required, because without it a role with the name
	// of a scope would count as that scope. A scope in the token that begins with the prefix
	// is ignored, because otherwise a client could ask for a scope that counts as a role.
	Prefix string
	// Keys is for a Path that leads to an object, or to an array of objects, whose keys are the
	// names: {"admin": {"org-7": "acme.example"}}, as Zitadel has it. A key counts if its value
	// is true, or an object or an array that is not empty. The Grant does not look further into
	// the value, so it does not matter in which organization the caller has the role.
	Keys bool
	// Separator splits a string into names: "admin,support" at ",". Only a string is split. An
	// element of an array is one name. White space belongs to a name. The issuer must allow
	// nobody to make a role whose name has the Separator in it, because "guest,admin" would
	// count as two roles.
	Separator string
	// InsecureNoPrefix takes the names without a prefix, for a claim whose names are those of
	// scopes, as permissions of Auth0. Then nothing tells a role from a scope: whoever can put
	// a name into the claim gets the scope of that name, and whoever can ask the issuer for a
	// scope gets the role of that name. A challenge tells the client to ask for such names,
	// too. A name that begins with the Prefix of another Grant is ignored, as a scope is. It is
	// a fault to set both Prefix and InsecureNoPrefix.
	InsecureNoPrefix bool
}

// grant is a Grant, compiled.
type grant struct {
	path      []string
	prefix    string // "": InsecureNoPrefix
	keys      bool
	separator string
	reserved  []string // without a prefix, those of the other grants
	text      string   // Grant.Path
}

// compileGrants adds what is wrong with list to faults.
func compileGrants(list []Grant, faults *faults) []grant {
	var grants []grant
	for i, g := range list {
		grants = append(grants, g.compile(fmt.Sprintf("Grants[%d].", i), faults))
	}
	for i := range grants {
		a := &grants[i]
		for _, b := range grants {
			switch {
			case b.prefix == a.prefix:
			case a.prefix == "":
				a.reserved = append(a.reserved, b.prefix)
			case strings.HasPrefix(b.prefix, a.prefix):
				faults.add("Grants", "prefix %q begins with %q: a name of one grant could pass as a name of the other",
					b.prefix, a.prefix)
			}
		}
	}
	return grants
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
	switch {
	case g.InsecureNoPrefix && g.Prefix != "":
		faults.add(at+"InsecureNoPrefix", "contradicts Prefix")
	case g.InsecureNoPrefix:
	case g.Prefix == "":
		faults.add(at+"Prefix", "required")
	case !scopes.ValidName(g.Prefix):
		faults.add(at+"Prefix", "%q cannot be part of a scope (RFC 6749 §3.3)", g.Prefix)
	}
	switch {
	case g.Separator != "" && g.Keys:
		faults.add(at+"Separator", "contradicts Keys: a key is one name")
	case !utf8.ValidString(g.Separator):
		faults.add(at+"Separator", "%s is not valid UTF-8, and no claim has it", say.Quote(g.Separator))
	}
	return grant{path: path, prefix: g.Prefix, keys: g.Keys, separator: g.Separator, text: g.Path}
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

// prefixed appends the names in v, each with the prefix. They share one string.
func (g *grant) prefixed(names []string, v jose.Value) []string {
	count, size := 0, 0
	g.each(v, func(name string) { count, size = count+1, size+len(g.prefix)+len(name) })
	names = slices.Grow(names, count)
	var all strings.Builder
	all.Grow(size) // no larger, because it is kept as long as the claims are
	g.each(v, func(name string) {
		start := all.Len()
		all.WriteString(g.prefix)
		all.WriteString(name)
		names = append(names, all.String()[start:])
	})
	return names
}

// each calls f with the names that v grants, spelled as in a requirement, without the prefix.
// An iterator in its place would allocate for each token.
func (g *grant) each(v jose.Value, f func(name string)) {
	g.eachText(v, func(text string) {
		if name := spell(text); name != "" && !g.ignores(name) {
			f(name)
		}
	})
}

// eachText calls f with the names in v as the token has them.
func (g *grant) eachText(v jose.Value, f func(text string)) {
	if g.keys {
		eachKey(v, f)
		for object := range v.Elements() {
			eachKey(object, f) // Zitadel documents an array of objects, and sends the object
		}
		return
	}
	if g.separator != "" {
		if text, ok := v.Text(); ok {
			for part := range strings.SplitSeq(text, g.separator) {
				f(part)
			}
			return
		}
	}
	for text := range texts(v) {
		f(text)
	}
}

// eachKey calls f with the keys of the object v that count.
func eachKey(v jose.Value, f func(name string)) {
	for name, value := range v.Members() {
		if affirms(value) {
			f(name)
		}
	}
}

// ignores tells whether name could pass as a name of another grant.
func (g *grant) ignores(name string) bool {
	return slices.ContainsFunc(g.reserved, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// affirms tells whether the caller has the role whose value is v. This is a closed list,
// because another value may say that the caller does not have it: false, null, 0, "no".
func affirms(v jose.Value) bool {
	for range v.Members() {
		return true
	}
	for range v.Elements() {
		return true
	}
	return v == "true"
}

// spell returns name as a requirement spells it: see Grant.
func spell(name string) string {
	if scopes.ValidName(name) && !strings.Contains(name, "%") {
		return name
	}
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(name) {
		if c := name[i]; c != '%' && scopes.ValidName(name[i:i+1]) {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
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

// isGrant tells whether name has the prefix of a grant, so that no scope can be meant.
func (c *claims) isGrant(name string) bool {
	for i := range c.grants {
		if prefix := c.grants[i].prefix; prefix != "" && strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
