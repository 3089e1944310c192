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

	// IsRole tells whether a name stands for a role or a group: something that an
	// administrator assigns, and that no client can ask for as a scope. It is asked
	// about names that the token does not grant. nil: there are no roles.
	IsRole func(name string) bool
}

// Verdict is the answer of [Requirement.Evaluate].
type Verdict struct {
	// OK tells that the requirement is met.
	OK bool

	// Need is empty when OK, and when no token would do. Otherwise it has the names of
	// the nearest alternative, sorted, for the scope attribute of a challenge (RFC 6750
	// §3). It has the names that are granted already too, because a client asks for a
	// new token with all of them. It also has the names of roles, which the caller must
	// leave out of a challenge. The slice is the caller's own.
	Need []string
}

// Evaluate tells whether a caller whose verified token grants g meets r. It is not for
// callers without a token. [Requirement.Level] decides about them: they meet Optional
// and Public, and nothing else.
//
// Where several alternatives would do, Need is the nearest one. An alternative is nearer
// than another, by the first of these rules that tells them apart:
//
//  1. It misses no role, and the other one misses one, see [Granted].IsRole.
//  2. It misses fewer names.
//  3. It has fewer names.
//  4. The author of r wrote it first.
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

// missing is the set of the names that are not in held and that such is true for.
func (f *formula) missing(held uint64, such func(name string) bool) (set uint64) {
	for i, name := range f.names {
		if held&bit(i) == 0 && such(name) {
			set |= bit(i)
		}
	}
	return set
}

// nearest is the alternative that is the nearest one for a token that grants held. The
// token grants none of roles, and meets no alternative.
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
