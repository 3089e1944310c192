package middleware

import (
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/internal/jose"
	"github.com/bearerguard/bearerguard/internal/say"
	"github.com/bearerguard/bearerguard/scopes"
)

// needs is the reason for a good token that does not grant what is needed. names are those of
// the nearest alternative of need.
func (c *claims) needs(need scopes.Requirement, names []string) error {
	return &reason{detail: func() string {
		text := "needs " + need.String() + ", and the token grants " + say.List(c.scopes)
		if len(c.grants) == 0 { // perhaps a role is needed, and the token has it
			text += "; without a Grant, only scope and scp count"
		}
		for i := range c.grants {
			g := &c.grants[i]
			if !c.isFor(g, names) {
				continue
			}
			if why := g.nothing(jose.Value(strings.TrimSpace(c.set.Text))); why != "" {
				text += "; the Grant with Path " + say.Quote(g.text) + " and " + g.kind() + " leads to nothing: " + why
			}
		}
		return text
	}}
}

// isFor tells whether one of names is for g to grant. Without a prefix that is each name that
// the token does not grant, apart from those with the prefix of another grant.
func (c *claims) isFor(g *grant, names []string) bool {
	for _, name := range names {
		switch {
		case g.prefix != "" && strings.HasPrefix(name, g.prefix):
			return true
		case g.prefix == "" && !c.isGrant(name) && !slices.Contains(c.scopes, name):
			return true
		}
	}
	return false
}

// kind names the field that says how the names of g begin.
func (g *grant) kind() string {
	if g.prefix == "" {
		return "InsecureNoPrefix"
	}
	return "Prefix " + say.Quote(g.prefix)
}

// nothing says why g grants nothing to a token with these claims. It returns "" if g grants
// something.
func (g *grant) nothing(claims jose.Value) string {
	v := claims
	at := func(steps int) string { return say.Quote(strings.Join(g.path[:steps], ".")) + " is " }
	for i, step := range g.path {
		if v.Kind() != '{' {
			return at(i) + v.TypeName() + ", not an object"
		}
		if v = member(v, step); v == "" {
			return at(i+1) + "absent"
		}
	}
	granted := false
	if g.each(v, func(string) { granted = true }); granted {
		return ""
	}
	return at(len(g.path)) + g.found(v)
}

// found says what v is, which grants nothing.
func (g *grant) found(v jose.Value) string {
	named := false
	if g.eachText(v, func(name string) { named = named || name != "" }); named {
		return "a claim whose names all begin with the Prefix of another Grant"
	}
	found := v.TypeName()
	switch kind := v.Kind(); {
	case g.keys && kind == '{':
		return found + " without a key that counts"
	case g.keys && kind == '[':
		return "an array without an object with a key that counts"
	case g.keys:
		return found + ", and Keys needs an object"
	case kind == '{':
		return found + ", and Keys is not set"
	case found == "a string", found == "an array":
		return found + " without a name"
	}
	return found
}
