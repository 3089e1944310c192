package scopes

import (
	"cmp"
	"errors"
	"math/bits"
	"slices"
	"time"
)

const (
	maxNames        = 64 // an alternative is one machine word
	maxAlternatives = 64
	maxText         = 16 << 10
)

var (
	errNames        = errors.New("more than 64 scope names in one requirement")
	errAtoms        = errors.New("more than 64 scope names and values of acr in one requirement")
	errAlternatives = errors.New("more than 64 alternatives in one requirement")
	errText         = errors.New("a requirement of more than 16 KiB as text")
	errNoLogin      = errors.New("two lists of acr without a common value, " +
		"so that no login can meet both: write one list if one of the values is enough")
)

// formula is a requirement for scopes and for the login: a disjunction of conjunctions. No
// conjunction implies another, so a | a & b is stored as a. Two formulas with the same
// meaning therefore have the same atoms and the same alternatives. Only the order can
// differ, because it is the author's.
type formula struct {
	// atoms are the scope names, and the values of acr with a space before them, so that no
	// value is taken for a name. They are sorted and distinct, and an alternative uses each.
	atoms        []string
	values       uint64 // those of atoms that are values of acr: the first ones
	aged         bool   // an alternative has a maxAge
	alternatives []alternative
}

// conjunction is met by a token that has each scope of set, and one of its values of acr if
// set has any, and whose login is younger than maxAge if that is not 0.
type conjunction struct {
	set    uint64 // of atoms, see bit
	maxAge time.Duration
}

// alternative is a conjunction as its author wrote it.
type alternative struct {
	conjunction
	written string // the indexes of its atoms in the author's order, first the scopes
}

// bit is the set that has only the atom at index i. The first atom has the highest bit, so
// that [bits.LeadingZeros64] finds the first atom of a set.
func bit(i int) uint64 { return 1 << (maxNames - 1 - i) }

// setOf is the set of the atoms whose indexes are the bytes of written.
func setOf(written string) (set uint64) {
	for _, atom := range []byte(written) {
		set |= bit(int(atom))
	}
	return set
}

// isValue reports whether an atom is a value of acr, and not the name of a scope.
func isValue(atom string) bool { return atom[0] == ' ' }

// valuesOf is the set of the values of acr in atoms.
func valuesOf(atoms []string) (set uint64) {
	for i := 0; i < len(atoms) && isValue(atoms[i]); i++ {
		set |= bit(i)
	}
	return set
}

// newFormula makes a formula from atoms and from conjunctions of them. Some conjunctions may
// be redundant. They are in the author's order, and written returns the order of the atoms
// in the conjunction at an index, perhaps with other atoms among them. newFormula keeps
// atoms, so the caller must not use it again. There must be at most maxNames atoms, sorted
// and distinct.
func newFormula(atoms []string, all []conjunction, written func(at int) string) (*formula, error) {
	f := &formula{atoms: atoms, values: valuesOf(atoms)}
	kept, err := irredundant(all, f.values)
	if err != nil {
		return nil, err
	}
	f.alternatives = make([]alternative, len(kept))
	var used uint64
	for i, k := range kept {
		text := written(k.at)
		for _, at := range k.more {
			text += written(at)
		}
		f.alternatives[i] = alternative{k.conjunction, ordered(text, k.set, f.values)}
		f.aged = f.aged || k.maxAge != 0
		used |= k.set
	}
	if bits.OnesCount64(used) < len(atoms) {
		f = f.over(f.pick(used))
	}
	if f.textLen() > maxText {
		return nil, errText
	}
	return f, nil
}

// ordered returns the atoms of set in the order of written: first the scopes, then the
// values of acr.
func ordered(written string, set, values uint64) string {
	scopes, acr := make([]byte, 0, len(written)), []byte(nil)
	for _, atom := range []byte(written) {
		switch one := bit(int(atom)); {
		case set&one == 0: // not there, or not there again
			continue
		case values&one == 0:
			scopes = append(scopes, atom)
		default:
			acr = append(acr, atom)
		}
		set &^= bit(int(atom))
	}
	return string(append(scopes, acr...))
}

// kept is a conjunction that is not redundant.
type kept struct {
	conjunction
	at   int   // its index
	more []int // those of conjunctions that differ only in acr, whose values it has, too
}

// irredundant returns what is left if each conjunction is reduced by the others, in ascending
// order of the indexes: those that another one implies are gone, and so is a value of acr
// that is enough without the rest. Those that differ only in acr become one. Of equal
// conjunctions it keeps the first.
func irredundant(all []conjunction, values uint64) ([]kept, error) {
	// Only a laxer conjunction can make another one redundant. They are looked at in an order
	// in which the laxer ones come first, so no later one makes a kept one redundant, and the
	// loop can stop as soon as too many are kept.
	var bySize [maxNames + 1][]int
	login := false
	for at, c := range all {
		size := bits.OnesCount64(c.set &^ values)
		bySize[size] = append(bySize[size], at)
		login = login || c.maxAge != 0 || c.set&values != 0
	}
	var list []kept
	for _, same := range bySize {
		if login {
			slices.SortStableFunc(same, func(i, j int) int {
				a, b := all[i], all[j]
				return cmp.Or(laxer(a.maxAge, b.maxAge), cmp.Compare(min(a.set&values, 1), min(b.set&values, 1)))
			})
		}
		for _, at := range same {
			c, group := all[at], -1
			acr, redundant := c.set&values, false
			for i := 0; i < len(list) && !redundant; i++ {
				k := &list[i]
				if k.set&^values&^c.set != 0 || laxer(k.maxAge, c.maxAge) > 0 {
					continue
				}
				redundant = k.set&values == 0 || acr != 0 && acr&^k.set == 0
				acr &^= k.set
				if (k.set^c.set)&^values == 0 && k.maxAge == c.maxAge {
					group = i
				}
			}
			switch {
			case redundant:
			case group >= 0:
				list[group].set |= acr
				list[group].more = append(list[group].more, at)
			case len(list) == maxAlternatives:
				return nil, errAlternatives
			default:
				c.set = c.set&^values | acr
				list = append(list, kept{conjunction: c, at: at})
			}
		}
	}
	slices.SortFunc(list, func(a, b kept) int { return cmp.Compare(a.at, b.at) })
	return list, nil
}

// laxer compares two maximum ages: the laxer one is less. 0 is the laxest.
func laxer(a, b time.Duration) int { return cmp.Compare(uint64(b-1), uint64(a-1)) }

// and joins each alternative of f with each alternative of g. Both have at most 64
// alternatives, so the product has at most 4096. Two alternatives whose lists of acr have no
// common value have no product.
func (f *formula) and(g *formula) (*formula, error) {
	atoms, err := f.union(g)
	if err != nil {
		return nil, err
	}
	left, right := f.over(atoms), g.over(atoms)
	product := make([]conjunction, 0, len(left.alternatives)*len(right.alternatives))
	factors := make([][2]int, 0, cap(product))
	for i, a := range left.alternatives {
		for j, b := range right.alternatives {
			c := conjunction{a.set | b.set, a.maxAge}
			if laxer(a.maxAge, b.maxAge) < 0 {
				c.maxAge = b.maxAge
			}
			if a.set&left.values != 0 && b.set&left.values != 0 {
				if c.set &^= left.values &^ (a.set & b.set); c.set&left.values == 0 {
					continue
				}
			}
			product, factors = append(product, c), append(factors, [2]int{i, j})
		}
	}
	if len(product) == 0 {
		return nil, errNoLogin
	}
	return newFormula(atoms, product, func(at int) string {
		return left.alternatives[factors[at][0]].written + right.alternatives[factors[at][1]].written
	})
}

func (f *formula) or(g *formula) (*formula, error) {
	atoms, err := f.union(g)
	if err != nil {
		return nil, err
	}
	both := slices.Concat(f.over(atoms).alternatives, g.over(atoms).alternatives)
	all := make([]conjunction, len(both))
	for i, a := range both {
		all[i] = a.conjunction
	}
	return newFormula(atoms, all, func(at int) string { return both[at].written })
}

// union is a new slice with the atoms of both.
func (f *formula) union(g *formula) ([]string, error) {
	atoms := slices.Concat(f.atoms, g.atoms)
	slices.Sort(atoms)
	atoms = slices.Compact(atoms)
	switch {
	case len(atoms) <= maxNames:
		return atoms, nil
	case isValue(atoms[0]):
		return nil, errAtoms
	}
	return nil, errNames
}

// over returns f with atoms in place of its own atoms. atoms must be sorted and distinct,
// and must contain each atom that an alternative uses.
func (f *formula) over(atoms []string) *formula {
	var moved [maxNames]byte
	for i, atom := range f.atoms {
		j, _ := slices.BinarySearch(atoms, atom) // not found: no alternative uses it
		moved[i] = byte(j)
	}
	g := &formula{atoms: atoms, values: valuesOf(atoms), aged: f.aged}
	g.alternatives = make([]alternative, len(f.alternatives))
	for k, a := range f.alternatives {
		renumbered := []byte(a.written)
		for i, atom := range renumbered {
			renumbered[i] = moved[atom]
		}
		a.written = string(renumbered)
		a.set = setOf(a.written)
		g.alternatives[k] = a
	}
	return g
}

// pick is a new slice with the atoms of a set, sorted.
func (f *formula) pick(set uint64) []string {
	if set == 0 {
		return nil
	}
	atoms := make([]string, 0, bits.OnesCount64(set))
	for ; set != 0; set &^= bit(bits.LeadingZeros64(set)) {
		atoms = append(atoms, f.atoms[bits.LeadingZeros64(set)])
	}
	return atoms
}

// acr is a new slice with the values of acr of a, in the author's order.
func (f *formula) acr(a alternative) []string {
	var values []string
	for _, atom := range []byte(a.written) {
		if bit(int(atom))&f.values != 0 {
			values = append(values, f.atoms[atom][len(" "):])
		}
	}
	return values
}

// names are the names of scopes in f. The slice is that of f.
func (f *formula) names() []string { return f.atoms[bits.OnesCount64(f.values):] }

// equal reports whether f and g have the same meaning.
func (f *formula) equal(g *formula) bool {
	// Neither has an alternative twice. So if both have the same number of alternatives, and g
	// has each alternative of f, they have the same alternatives.
	has := func(a alternative) bool {
		return slices.ContainsFunc(g.alternatives, func(b alternative) bool { return a.conjunction == b.conjunction })
	}
	return slices.Equal(f.atoms, g.atoms) && len(f.alternatives) == len(g.alternatives) &&
		!slices.ContainsFunc(f.alternatives, func(a alternative) bool { return !has(a) })
}
