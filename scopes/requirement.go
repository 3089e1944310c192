package scopes

import (
	"slices"
	"strings"
)

// Level is the kind of a [Requirement]. Levels are ordered: a smaller one is
// stricter.
type Level uint8

// The levels, from the strictest to the laxest.
const (
	LevelDeny          Level = iota // nobody passes
	LevelScopes                     // a verified token with certain scopes
	LevelAuthenticated              // any verified token
	LevelOptional                   // no token, or a verified one; a bad token is refused
	LevelPublic                     // credentials are not looked at
)

// Requirement is what a route asks of its caller. The zero value denies
// everybody.
//
// A Requirement is immutable, safe for concurrent use and cheap to copy. Two of
// them are compared by [Requirement.Equal]; == does not compile, since it would
// compare identities.
type Requirement struct {
	_       [0]func()
	level   Level
	formula *formula // non-nil at LevelScopes only
}

// Public is the requirement that everybody meets: credentials are not looked at,
// so that a caller with a bad token passes as well.
func Public() Requirement { return Requirement{level: LevelPublic} }

// Optional is the requirement that a caller without a token meets, who is then
// anonymous, and one with a verified token. A bad token is refused: its bearer
// believes to be somebody.
func Optional() Requirement { return Requirement{level: LevelOptional} }

// Authenticated is the requirement that any verified token meets, whatever it
// grants.
func Authenticated() Requirement { return Requirement{level: LevelAuthenticated} }

// All is the requirement that a verified token meets when it grants each of the
// names. A repeated name counts once.
//
// Each argument is one scope-token (RFC 6749 §3.3), compared to the letter. All
// panics on any other, thus on an empty one and on "read write", which are two
// names in one string, and where a bound of the package is exceeded. Names that come
// from configuration belong in [Parse].
func All(name string, more ...string) Requirement {
	return literal("All", name, more, func(order string) []string { return []string{order} })
}

// Any is the requirement that a verified token meets when it grants at least one of
// the names. It panics as [All] does.
func Any(name string, more ...string) Requirement {
	return literal("Any", name, more, func(order string) []string { return strings.Split(order, "") })
}

// literal makes the requirement of a constructor that is called with literals.
// alternatives splits the indexes of all names, in the author's order.
func literal(caller, name string, more []string, alternatives func(order string) []string) Requirement {
	var given []string
	for _, n := range append([]string{name}, more...) {
		switch {
		case !ValidName(n):
			panic("scopes: " + caller + ": " + excerpt(n) + " is not one scope name (RFC 6749 §3.3)")
		case slices.Contains(given, n):
			continue
		case len(given) == maxNames:
			panic("scopes: " + caller + ": " + errNames.Error())
		}
		given = append(given, n)
	}
	names := slices.Sorted(slices.Values(given))
	order := make([]byte, len(given))
	for i, n := range given {
		at, _ := slices.BinarySearch(names, n)
		order[i] = byte(at)
	}
	written := alternatives(string(order))
	sets := make([]uint64, len(written))
	for k := range written {
		sets[k] = setOf(written[k])
	}
	f, err := newFormula(names, sets, func(at int) string { return written[at] })
	if err != nil {
		panic("scopes: " + caller + ": " + err.Error())
	}
	return Requirement{level: LevelScopes, formula: f}
}

// And is the requirement that is met when both r and s are: the stricter one,
// and between two requirements for scopes the one that asks for both. It panics where
// a bound of the package is exceeded.
func (r Requirement) And(s Requirement) Requirement {
	t, err := r.and(s)
	if err != nil {
		panic("scopes: And: " + err.Error())
	}
	return t
}

// Or is the requirement that is met when r or s is: the laxer one, and between two
// requirements for scopes the one that is content with either. It panics where a
// bound of the package is exceeded.
func (r Requirement) Or(s Requirement) Requirement {
	t, err := r.or(s)
	if err != nil {
		panic("scopes: Or: " + err.Error())
	}
	return t
}

func (r Requirement) and(s Requirement) (Requirement, error) {
	switch {
	case r.level < s.level:
		return r, nil
	case r.level > s.level:
		return s, nil
	case r.level != LevelScopes:
		return r, nil
	}
	f, err := r.formula.and(s.formula)
	if err != nil {
		return Requirement{}, err
	}
	return Requirement{level: LevelScopes, formula: f}, nil
}

func (r Requirement) or(s Requirement) (Requirement, error) {
	switch {
	case r.level > s.level:
		return r, nil
	case r.level < s.level:
		return s, nil
	case r.level != LevelScopes:
		return r, nil
	}
	f, err := r.formula.or(s.formula)
	if err != nil {
		return Requirement{}, err
	}
	return Requirement{level: LevelScopes, formula: f}, nil
}

// Level tells which of the five kinds r is.
func (r Requirement) Level() Level { return r.level }

// Equal tells whether r and s ask for the same: whoever meets one meets the other. The
// order in which their authors wrote them does not matter.
func (r Requirement) Equal(s Requirement) bool {
	if r.level != s.level || r.level != LevelScopes {
		return r.level == s.level
	}
	return r.formula.equal(s.formula)
}
