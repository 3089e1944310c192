package scopes

import (
	"cmp"
	"errors"
	"math/bits"
	"slices"
)

const (
	maxNames        = 64 // an alternative is one machine word
	maxAlternatives = 64
	maxText         = 16 << 10
)

var (
	errNames        = errors.New("more than 64 scope names in one requirement")
	errAlternatives = errors.New("more than 64 alternatives in one requirement")
	errText         = errors.New("a requirement of more than 16 KiB as text")
)

// formula is a requirement for scopes in its only form: a disjunction of
// conjunctions of which none implies another (a | a & b is a). Two formulas with
// the same meaning are therefore equal, member by member.
type formula struct {
	names        []string // sorted, distinct, each used by an alternative
	alternatives []uint64 // sets of names, see bit; descending
}

// bit is the mask of the name at index i. The first name has the highest bit, so
// that masks in descending order are alternatives in alphabetical order.
func bit(i int) uint64 { return 1 << (maxNames - 1 - i) }

// newFormula brings alternatives, in any order and with redundant ones among them,
// into the only form. It takes over both slices. There must be at most maxNames
// names, sorted and distinct.
func newFormula(names []string, alternatives []uint64) (*formula, error) {
	// Only a smaller set can make a larger one redundant. In order of size, a set
	// that is kept stays, so counting the kept ones tells early when there are too many.
	slices.SortFunc(alternatives, func(a, b uint64) int {
		return cmp.Compare(bits.OnesCount64(a), bits.OnesCount64(b))
	})
	kept := alternatives[:0]
	var used uint64
	for _, a := range alternatives {
		if slices.ContainsFunc(kept, func(k uint64) bool { return k&^a == 0 }) {
			continue
		}
		if len(kept) == maxAlternatives {
			return nil, errAlternatives
		}
		kept = append(kept, a)
		used |= a
	}
	f := &formula{names: names, alternatives: slices.Clip(kept)}
	if bits.OnesCount64(used) < len(names) {
		left := f.pick(used)
		f.names, f.alternatives = left, f.over(left)
	}
	slices.SortFunc(f.alternatives, func(a, b uint64) int { return cmp.Compare(b, a) })
	if f.textLen() > maxText {
		return nil, errText
	}
	return f, nil
}

// and multiplies: each alternative of f joined with each of g. Two formulas have at
// most 64 alternatives each, so that the product never exceeds 4096 words.
func (f *formula) and(g *formula) (*formula, error) {
	names, err := f.union(g)
	if err != nil {
		return nil, err
	}
	left, right := f.over(names), g.over(names)
	product := make([]uint64, 0, len(left)*len(right))
	for _, a := range left {
		for _, b := range right {
			product = append(product, a|b)
		}
	}
	return newFormula(names, product)
}

func (f *formula) or(g *formula) (*formula, error) {
	names, err := f.union(g)
	if err != nil {
		return nil, err
	}
	return newFormula(names, append(f.over(names), g.over(names)...))
}

// union is a new slice with the names of both.
func (f *formula) union(g *formula) ([]string, error) {
	names := slices.Concat(f.names, g.names)
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > maxNames {
		return nil, errNames
	}
	return names, nil
}

// over is a new slice with the alternatives of f as sets of other names, which must
// hold each name that an alternative uses.
func (f *formula) over(names []string) []uint64 {
	var moved [maxNames]uint64
	for i, name := range f.names {
		if j, found := slices.BinarySearch(names, name); found {
			moved[i] = bit(j)
		}
	}
	sets := make([]uint64, len(f.alternatives))
	for k, a := range f.alternatives {
		for ; a != 0; a &^= bit(bits.LeadingZeros64(a)) {
			sets[k] |= moved[bits.LeadingZeros64(a)]
		}
	}
	return sets
}

// pick is a new slice with the names of a set, sorted.
func (f *formula) pick(set uint64) []string {
	names := make([]string, 0, bits.OnesCount64(set))
	for ; set != 0; set &^= bit(bits.LeadingZeros64(set)) {
		names = append(names, f.names[bits.LeadingZeros64(set)])
	}
	return names
}
