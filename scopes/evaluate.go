package scopes

import (
	"math/bits"
	"slices"
)

// Granted is what a verified token grants. More fields may be added: name the field in a
// literal.
type Granted struct {
	// Names are the names that the token grants. Their order and repetitions do not
	// matter.
	Names []string

	// IsRole reports whether a name is a role or a group. An administrator assigns those,
	// and no client can ask for them as a scope. IsRole is called with names that the
	// token does not grant. nil means that there are no roles.
	IsRole func(name string) bool
}

// Verdict is the result of [Requirement.Evaluate].
type Verdict struct {
	// OK is true if the requirement is met.
	OK bool

	// Need is empty if OK is true, and if no token can meet the requirement. Otherwise it
	// has the names of the nearest alternative, sorted, for the scope attribute of a
	// challenge (RFC 6750 §3).
	//
	// Need includes the names that the token already grants, because a client asks for a
	// new token with all of them. It also includes the names of roles. The caller of
	// Evaluate must leave these out of a challenge, and may change the slice.
	Need []string
}

// Evaluate reports whether a caller whose verified token grants g meets r. It is not for
// callers without a token. [Requirement.Level] decides about them: they meet Optional
// and Public, and nothing else.
//
// If r has several alternatives, Need is the nearest one. Of two alternatives, the first
// of these rules that applies says which one is nearer:
//
//  1. The token grants all roles of the one, and not all roles of the other; see
//     [Granted].IsRole.
//  2. The token needs fewer further names for the one.
//  3. The one has fewer names.
//  4. The author of r wrote the one first.
//
// Evaluate allocates only Need.
func (r Requirement) Evaluate(g Granted) Verdict {
	if r.level != LevelScopes {
		return Verdict{OK: r.level > LevelScopes}
	}
	var held uint64
	for i, name := range r.formula.names {
		if slices.Contains(g.Names, name) {
			held |= bit(i)
		}
	}
	for _, a := range r.formula.alternatives {
		if a&^held == 0 {
			return Verdict{OK: true}
		}
	}
	var roles uint64
	if g.IsRole != nil {
		roles = r.formula.missing(held, g.IsRole)
	}
	return Verdict{Need: r.formula.pick(r.formula.nearest(held, roles))}
}

// missing is the set of the names that are not in held and for which such is true.
func (f *formula) missing(held uint64, such func(name string) bool) (set uint64) {
	for i, name := range f.names {
		if held&bit(i) == 0 && such(name) {
			set |= bit(i)
		}
	}
	return set
}

// nearest returns the nearest alternative for a token that grants held. The token must
// grant none of roles, and must meet no alternative.
func (f *formula) nearest(held, roles uint64) (nearest uint64) {
	shortest := 1 << 24
	for _, a := range f.alternatives {
		distance := bits.OnesCount64(a&^held)<<8 | bits.OnesCount64(a) // each is at most 64
		if a&roles != 0 {
			distance |= 1 << 16
		}
		if distance < shortest {
			nearest, shortest = a, distance
		}
	}
	return nearest
}
