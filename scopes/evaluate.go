package scopes

import (
	"math/bits"
	"slices"
)

// Granted is what a verified token grants. Names are compared to the letter; their
// order and repetitions do not matter. More fields may be added: name the field in
// a literal.
type Granted struct {
	Names []string
}

// Verdict is the answer of [Requirement.Evaluate].
type Verdict struct {
	// OK tells that the requirement is met.
	OK bool

	// Need is empty when OK, and when no token at all would do. Otherwise it is a
	// nearest set of names that suffices, sorted, for the scope attribute of a
	// challenge (RFC 6750 §3): all the names of one alternative, also those that
	// are granted already, since a client asks for a new token with all of it. The slice
	// is the caller's own.
	Need []string
}

// Evaluate tells whether a caller with a verified token that grants g meets r.
// Callers without one are decided by [Requirement.Level]: Optional and Public let
// them pass, nothing else does.
//
// Where several alternatives would do, Need is the one that lacks the fewest names,
// then the one with the fewest names, then the first in alphabetical order, so that
// equal requests get equal challenges.
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
	var nearest uint64
	fewestMissing, fewestNames := maxNames+1, maxNames+1
	for _, a := range r.formula.alternatives {
		missing, size := bits.OnesCount64(a&^held), bits.OnesCount64(a)
		if missing == 0 {
			return Verdict{OK: true}
		}
		if missing < fewestMissing || missing == fewestMissing && size < fewestNames {
			nearest, fewestMissing, fewestNames = a, missing, size
		}
	}
	return Verdict{Need: r.formula.pick(nearest)}
}
