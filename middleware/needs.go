package middleware

import (
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
			if !g.isAmong(names) {
				continue
			}
			if why := g.nothing(jose.Value(strings.TrimSpace(c.set.Text))); why != "" {
				text += "; the Grant with Path " + say.Quote(g.text) + " and Prefix " + say.Quote(g.prefix) +
					" leads to nothing: " + why
			}
		}
		return text
	}}
}

// isAmong tells whether one of names is for g to grant.
func (g *grant) isAmong(names []string) bool {
	for _, name := range names {
		if strings.HasPrefix(name, g.prefix) {
			return true
		}
	}
	return false
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
		var member jose.Value
		for name, value := range v.Members() {
			if name == step {
				member = value
			}
		}
		if v = member; v == "" {
			return at(i+1) + "absent"
		}
	}
	for text := range texts(v) {
		if text != "" {
			return ""
		}
	}
	found := v.TypeName()
	if found == "an array" {
		found += " without a name"
	}
	return at(len(g.path)) + found
}
