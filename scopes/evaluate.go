package scopes

import (
	"math"
	"math/bits"
	"slices"
	"time"
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

	// ACR are the values that say how the user logged in: that of the claim acr, and what an
	// issuer lists elsewhere. If there are several, each of them counts for [ACR].
	ACR []string

	// AuthTime is when the user logged in: the claim auth_time. The zero time means that it is
	// unknown, and so does a time in the future. Then no [MaxAge] is met.
	AuthTime time.Time
}

// Verdict is the result of [Requirement.Evaluate]. More fields may be added: name the fields
// in a literal.
type Verdict struct {
	// OK is true if the requirement is met.
	OK bool

	// Need is empty if OK is true, if no token can meet the requirement, and if the nearest
	// alternative asks for no scope. Otherwise it has the names of the nearest alternative,
	// sorted, for the scope attribute of a challenge (RFC 6750 §3).
	//
	// Need includes the names that the token already grants, because a client asks for a
	// new token with all of them. It also includes the names of roles. The caller of
	// Evaluate must leave these out of a challenge, and may change the slice.
	Need []string

	// ACR and MaxAge are what the nearest alternative asks of the login, for the attributes
	// acr_values and max_age of a challenge (RFC 9470 §3), also where the login meets a part
	// of it. They are empty if OK is true, and if the alternative asks for nothing of it. ACR
	// is in the author's order, and belongs to the caller of Evaluate.
	ACR    []string
	MaxAge time.Duration

	// StepUp is true if the token grants all names in Need and only the login is not enough.
	StepUp bool

	// Until is the time from which on OK is no longer true, because the login is then older
	// than a MaxAge. If several alternatives are met, it is the latest of their times. The
	// zero time means that OK does not depend on the age of the login.
	Until time.Time
}

// Evaluate reports whether a caller whose verified token grants g meets r. It is not for
// callers without a token. [Requirement.Level] decides about them: they meet Optional
// and Public, and nothing else.
//
// If r has several alternatives, Need, ACR and MaxAge are those of the nearest one. Of two
// alternatives, the first of these rules that applies says which one is nearer:
//
//  1. The token grants all roles of the one, and not all roles of the other; see
//     [Granted].IsRole.
//  2. The token needs fewer further names for the one.
//  3. The login lacks less for the one: it meets both its ACR and its MaxAge rather than one
//     of them, and one rather than none.
//  4. The one has fewer names.
//  5. The author of r wrote the one first.
//
// Evaluate allocates only Need and ACR. It reads the clock only if r asks for a [MaxAge].
func (r Requirement) Evaluate(g Granted) Verdict {
	if r.level != LevelScopes {
		return Verdict{OK: r.level > LevelScopes}
	}
	f := r.formula
	t := token{formula: f, held: f.held(g), age: math.MaxInt64}
	var now time.Time
	if f.aged {
		now = time.Now().Round(0)                 // compared to the issuer's clock
		if age := now.Sub(g.AuthTime); age >= 0 { // the longest for the zero time
			t.age = age
		}
	}
	var longest time.Duration // for which a met alternative remains met
	for _, a := range f.alternatives {
		switch {
		case a.set&^f.values&^t.held != 0 || t.lacks(a) != 0:
		case a.maxAge == 0:
			return Verdict{OK: true}
		default:
			longest = max(longest, a.maxAge-t.age)
		}
	}
	if longest > 0 {
		return Verdict{OK: true, Until: now.Add(longest)}
	}
	if g.IsRole != nil {
		t.roles = f.missing(t.held, g.IsRole)
	}
	a := t.nearest()
	need := a.set &^ f.values
	return Verdict{Need: f.pick(need), ACR: f.acr(a), MaxAge: a.maxAge, StepUp: need&^t.held == 0}
}

// held is the set of the atoms that g has.
func (f *formula) held(g Granted) (set uint64) {
	values := bits.OnesCount64(f.values)
	for i, value := range f.atoms[:values] {
		if slices.Contains(g.ACR, value[len(" "):]) {
			set |= bit(i)
		}
	}
	for i, name := range f.atoms[values:] {
		if slices.Contains(g.Names, name) {
			set |= bit(values + i)
		}
	}
	return set
}

// missing is the set of the names of scopes that are not in held and for which such is true.
func (f *formula) missing(held uint64, such func(name string) bool) (set uint64) {
	for i, name := range f.atoms {
		if !isValue(name) && held&bit(i) == 0 && such(name) {
			set |= bit(i)
		}
	}
	return set
}

// token is what a formula sees of a token.
type token struct {
	formula *formula
	held    uint64        // the atoms that it has
	roles   uint64        // the roles that it does not grant
	age     time.Duration // of the login; unknown: the longest
}

// lacks counts what a asks of the login, and the login does not meet.
func (t *token) lacks(a alternative) int {
	n := 0
	if acr := a.set & t.formula.values; acr != 0 && acr&t.held == 0 {
		n++
	}
	if a.maxAge != 0 && t.age >= a.maxAge {
		n++
	}
	return n
}

// nearest returns the nearest alternative. The token must meet none.
func (t *token) nearest() (nearest alternative) {
	shortest := 1 << 25
	for _, a := range t.formula.alternatives {
		names := a.set &^ t.formula.values
		// The counts of names are at most 64, and that of lacks at most 2.
		distance := bits.OnesCount64(names&^t.held)<<16 | t.lacks(a)<<8 | bits.OnesCount64(names)
		if a.set&t.roles != 0 {
			distance |= 1 << 24
		}
		if distance < shortest {
			nearest, shortest = a, distance
		}
	}
	return nearest
}
