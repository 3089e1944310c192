package scopes

import (
	"math"
	"slices"
	"strings"
	"time"
)

// Level is the kind of a [Requirement]. Levels are ordered: a smaller one is stricter.
type Level uint8

// The levels, from the strictest to the laxest.
const (
	LevelDeny          Level = iota // nobody passes
	LevelScopes                     // a verified token with certain scopes, or of a certain login
	LevelAuthenticated              // any verified token
	LevelOptional                   // no token, or a verified one; a bad token is refused
	LevelPublic                     // credentials are not looked at
)

// Requirement is what a route asks of its caller. The zero value is [Deny].
//
// A Requirement is immutable, safe for concurrent use and cheap to copy. Use
// [Requirement.Equal] to compare two of them. The operator == does not compile, because it
// would compare pointers and not meanings.
type Requirement struct {
	_       [0]func()
	level   Level
	formula *formula // non-nil at LevelScopes only
}

// Deny returns the requirement that nobody meets. It is the zero Requirement under a name,
// so that a policy can say that a route is closed on purpose.
func Deny() Requirement { return Requirement{level: LevelDeny} }

// Public returns the requirement that everybody meets. Credentials are not read, so a
// caller with an invalid token passes too.
func Public() Requirement { return Requirement{level: LevelPublic} }

// Optional returns the requirement that a caller with a verified token meets, and also a
// caller without a token, who is anonymous. A caller with an invalid token is refused,
// because that caller expects to be authenticated.
func Optional() Requirement { return Requirement{level: LevelOptional} }

// Authenticated returns the requirement that any verified token meets, whatever it grants.
func Authenticated() Requirement { return Requirement{level: LevelAuthenticated} }

// All returns the requirement that a verified token meets if it grants each of the names.
// A repeated name counts once.
//
// Each argument is one scope-token (RFC 6749 §3.3). Names are compared octet by octet. All
// panics if an argument is not a scope-token: "" is none, and "read write" is two names in
// one string. It also panics if a bound of the package is exceeded. Use [Parse] for names
// from configuration.
func All(name string, more ...string) Requirement {
	return literal("All", name, more, "", func(order string) []string { return []string{order} })
}

// Any returns the requirement that a verified token meets if it grants at least one of
// the names. Challenges ask for the first name, unless [Requirement.Evaluate] finds a
// nearer one. Any panics in the same cases as [All].
func Any(name string, more ...string) Requirement {
	return literal("Any", name, more, "", func(order string) []string { return strings.Split(order, "") })
}

// ACR returns the requirement that a verified token meets if its user has logged in in one of
// these ways (RFC 9470 §4). The values are those that the issuer puts into the claim acr, in
// order of preference: the challenge lists them in this order. They are compared octet by
// octet.
//
// Each value has the characters of a scope-token ([ValidName]). ACR panics if one has others,
// and if a bound of the package is exceeded. Use [Parse] for values from configuration.
//
// If two of them are joined by [Requirement.And], one value must be enough for both, because
// that is what a challenge can ask for. So And leaves the values that both lists have. If an
// alternative would have none, it is left out. If no alternative is left, no login can meet
// the result: And panics, and Parse returns an error.
func ACR(value string, more ...string) Requirement {
	return literal("ACR", value, more, " ", func(order string) []string { return []string{order} })
}

// maxMaxAge is the longest [MaxAge], because clients may read max_age into 32 bits.
const maxMaxAge = math.MaxInt32 * time.Second

// MaxAge returns the requirement that a verified token meets if its user has logged in, by
// the claim auth_time, less than d ago (RFC 9470 §4). A token without auth_time does not meet
// it. [Requirement.And] leaves the shorter of two.
//
// d is a whole number of seconds, at least one and at most 2147483647 (68 years), because that
// is what max_age in a challenge can say. Otherwise MaxAge panics.
func MaxAge(d time.Duration) Requirement {
	if !validAge(d) {
		panic("scopes: MaxAge: " + d.String() + " is not a whole number of seconds from 1 to 2147483647")
	}
	return maxAge(d)
}

func validAge(d time.Duration) bool { return d > 0 && d <= maxMaxAge && d%time.Second == 0 }

func maxAge(d time.Duration) Requirement {
	return Requirement{
		level:   LevelScopes,
		formula: &formula{aged: true, alternatives: []alternative{{conjunction: conjunction{maxAge: d}}}},
	}
}

// literal makes the requirement for All, Any and ACR, which are called with literals. order
// has the indexes of all names, in the author's order; alternatives splits it into
// alternatives. Each atom is prefix and a name.
func literal(caller, name string, more []string, prefix string, alternatives func(order string) []string) Requirement {
	var given []string
	for _, n := range append([]string{name}, more...) {
		switch {
		case !ValidName(n):
			kind := "scope name"
			if prefix != "" {
				kind = "value of acr with the characters of a scope name"
			}
			panic("scopes: " + caller + ": " + excerpt(n) + " is not one " + kind + " (RFC 6749 §3.3)")
		case slices.Contains(given, prefix+n):
			continue
		case len(given) == maxNames && prefix != "":
			panic("scopes: " + caller + ": " + errAtoms.Error())
		case len(given) == maxNames:
			panic("scopes: " + caller + ": " + errNames.Error())
		}
		given = append(given, prefix+n)
	}
	atoms := slices.Sorted(slices.Values(given))
	order := make([]byte, len(given))
	for i, n := range given {
		at, _ := slices.BinarySearch(atoms, n)
		order[i] = byte(at)
	}
	written := alternatives(string(order))
	all := make([]conjunction, len(written))
	for k := range written {
		all[k].set = setOf(written[k])
	}
	f, err := newFormula(atoms, all, func(at int) string { return written[at] })
	if err != nil {
		panic("scopes: " + caller + ": " + err.Error())
	}
	return Requirement{level: LevelScopes, formula: f}
}

// And returns the requirement that is met if both r and s are met. If their levels differ,
// it is the stricter one. If both ask for scopes, it asks for the scopes of both. And
// panics if a bound of the package is exceeded, and if no login can meet both; see [ACR].
func (r Requirement) And(s Requirement) Requirement {
	t, err := r.and(s)
	if err != nil {
		panic("scopes: And: " + err.Error())
	}
	return t
}

// Or returns the requirement that is met if r or s is met. If their levels differ, it is
// the laxer one. If both ask for scopes, it asks for the scopes of either. Challenges then
// ask for r, unless [Requirement.Evaluate] finds s nearer. Or panics if a bound of the
// package is exceeded.
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

// Level returns the kind of r.
func (r Requirement) Level() Level { return r.level }

// AsksForLogin reports whether r asks for the kind or the age of the login: whether it was
// made by [ACR] or [MaxAge]. If not, Evaluate does not read [Granted].ACR and AuthTime.
func (r Requirement) AsksForLogin() bool {
	return r.formula != nil && (r.formula.values != 0 || r.formula.aged)
}

// Equal reports whether r and s ask for the same: a caller that meets one meets the other.
// The order in which their authors wrote them does not matter.
func (r Requirement) Equal(s Requirement) bool {
	if r.level != s.level || r.level != LevelScopes {
		return r.level == s.level
	}
	return r.formula.equal(s.formula)
}
