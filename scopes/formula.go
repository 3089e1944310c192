package scopes

import (
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

// formula is a requirement for scopes: a disjunction of conjunctions. No conjunction
// implies another, so a | a & b is stored as a. Two formulas with the same meaning
// therefore have the same names and the same alternatives. Only the order can differ,
// because it is the author's.
type formula struct {
	names        []string // sorted, distinct, each used by an alternative
	alternatives []uint64 // sets of names, see bit; in the author's order
	written      []string // the names of each alternative, as their indexes, in the author's order
}

// bit is the set that has only the name at index i. The first name has the highest bit, so
// that [bits.LeadingZeros64] finds the first name of a set.
func bit(i int) uint64 { return 1 << (maxNames - 1 - i) }

// setOf is the set of the names whose indexes are the bytes of written.
func setOf(written string) (set uint64) {
	for _, name := range []byte(written) {
		set |= bit(int(name))
	}
	return set
}

// newFormula makes a formula from names and from sets of these names. Some of the sets may
// be redundant. The sets are in the author's order, and written returns the order of the
// names in the set at an index. newFormula keeps both slices, so the caller must not use
// them again. There must be at most maxNames names, sorted and distinct.
func newFormula(names []string, sets []uint64, written func(at int) string) (*formula, error) {
	kept, err := irredundant(sets)
	if err != nil {
		return nil, err
	}
	f := &formula{names: names, alternatives: make([]uint64, len(kept)), written: make([]string, len(kept))}
	var used uint64
	for i, at := range kept {
		f.alternatives[i], f.written[i] = sets[at], written(at)
		used |= sets[at]
	}
	if bits.OnesCount64(used) < len(names) {
		f = f.over(f.pick(used))
	}
	if f.textLen() > maxText {
		return nil, errText
	}
	return f, nil
}

// irredundant returns the indexes of the sets that no other set makes redundant, in
// ascending order. Of equal sets it keeps the first.
func irredundant(sets []uint64) ([]int, error) {
	// Only a smaller set can make a larger one redundant. The sets are looked at in order
	// of size, so no later set makes a kept one redundant, and the loop can stop as soon
	// as too many are kept.
	var bySize [maxNames + 1][]int
	for at, set := range sets {
		size := bits.OnesCount64(set)
		bySize[size] = append(bySize[size], at)
	}
	var kept []int
	for _, same := range bySize {
		for _, at := range same {
			if slices.ContainsFunc(kept, func(k int) bool { return sets[k]&^sets[at] == 0 }) {
				continue
			}
			if len(kept) == maxAlternatives {
				return nil, errAlternatives
			}
			kept = append(kept, at)
		}
	}
	slices.Sort(kept)
	return kept, nil
}

// and joins each alternative of f with each alternative of g. Both have at most 64
// alternatives, so the product has at most 4096.
func (f *formula) and(g *formula) (*formula, error) {
	names, err := f.union(g)
	if err != nil {
		return nil, err
	}
	left, right := f.over(names), g.over(names)
	product := make([]uint64, 0, len(left.alternatives)*len(right.alternatives))
	for _, a := range left.alternatives {
		for _, b := range right.alternatives {
			product = append(product, a|b)
		}
	}
	return newFormula(names, product, func(at int) string {
		i, j := at/len(right.alternatives), at%len(right.alternatives)
		joined := []byte(left.written[i])
		for _, name := range []byte(right.written[j]) {
			if left.alternatives[i]&bit(int(name)) == 0 {
				joined = append(joined, name)
			}
		}
		return string(joined)
	})
}

func (f *formula) or(g *formula) (*formula, error) {
	names, err := f.union(g)
	if err != nil {
		return nil, err
	}
	left, right := f.over(names), g.over(names)
	written := slices.Concat(left.written, right.written)
	return newFormula(names, slices.Concat(left.alternatives, right.alternatives),
		func(at int) string { return written[at] })
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

// over returns f with names in place of its own names. names must be sorted and distinct,
// and must contain each name that an alternative uses.
func (f *formula) over(names []string) *formula {
	var moved [maxNames]byte
	for i, name := range f.names {
		j, _ := slices.BinarySearch(names, name) // not found: no alternative uses it
		moved[i] = byte(j)
	}
	g := &formula{names: names, alternatives: make([]uint64, len(f.alternatives))}
	g.written = make([]string, len(f.written))
	for k, written := range f.written {
		renumbered := []byte(written)
		for i, name := range renumbered {
			renumbered[i] = moved[name]
		}
		g.written[k] = string(renumbered)
		g.alternatives[k] = setOf(g.written[k])
	}
	return g
}

// pick is a new slice with the names of a set, sorted.
func (f *formula) pick(set uint64) []string {
	names := make([]string, 0, bits.OnesCount64(set))
	for ; set != 0; set &^= bit(bits.LeadingZeros64(set)) {
		names = append(names, f.names[bits.LeadingZeros64(set)])
	}
	return names
}

// equal reports whether f and g have the same meaning.
func (f *formula) equal(g *formula) bool {
	// Neither has an alternative twice. So if both have the same number of alternatives, and g
	// has each alternative of f, they have the same alternatives.
	return slices.Equal(f.names, g.names) && len(f.alternatives) == len(g.alternatives) &&
		!slices.ContainsFunc(f.alternatives, func(a uint64) bool { return !slices.Contains(g.alternatives, a) })
}
