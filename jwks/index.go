package jwks

import (
	"context"
	"crypto/sha256"
	"slices"
)

// maxTries is the number of keys of one answer that a verifier tries.
const maxTries = 4

// index is a Set that never changes. Its answers are made in advance, so that a look-up is one map access.
type index struct {
	keys    map[identity]*Key
	answers map[string]answers // by kid; the empty kid stands for tokens without one
	// unnamed holds the keys without a kid, for kids that have no key for the algorithm. Only Static sets it.
	unnamed answers
}

// answers holds the keys of one kid, by algorithm. It is a slice because there are few algorithms.
type answers []answer

type answer struct {
	alg  string
	keys []*Key
}

// of returns the keys for alg, or nil.
func (a answers) of(alg string) []*Key {
	for i := range a {
		if a[i].alg == alg {
			return a[i].keys
		}
	}
	return nil
}

// add appends k to the keys of alg.
func (a answers) add(alg string, k *Key) answers {
	for i := range a {
		if a[i].alg == alg {
			a[i].keys = append(a[i].keys, k)
			return a
		}
	}
	return append(a, answer{alg, []*Key{k}})
}

// clip removes the spare capacity of the slices, because a user's Set may append to an answer. That then
// copies it, instead of writing into memory that all callers share.
func (a answers) clip() {
	for i := range a {
		a[i].keys = slices.Clip(a[i].keys)
	}
}

// newIndex returns an index of keys, in their order. If anyKid is set, a key without a kid serves every kid.
func newIndex(keys []*Key, anyKid bool) *index {
	x := &index{
		keys:    make(map[identity]*Key, len(keys)),
		answers: make(map[string]answers, len(keys)+1),
	}
	given := make(map[place]struct{}, 2*len(keys))
	for _, k := range keys {
		if _, twice := x.keys[k.identity]; twice {
			continue
		}
		x.keys[k.identity] = k
		for _, s := range k.serves {
			x.answer(given, "", s.alg, k)
			switch {
			case k.id != "":
				x.answer(given, k.id, s.alg, k)
			case anyKid && !slices.ContainsFunc(x.unnamed.of(s.alg), k.same):
				x.unnamed = x.unnamed.add(s.alg, k)
			}
		}
	}
	for kid, named := range x.answers {
		for _, a := range named {
			for _, k := range x.unnamed.of(a.alg) {
				x.answer(given, kid, a.alg, k)
			}
		}
	}
	x.unnamed.clip()
	for _, named := range x.answers {
		named.clip()
	}
	return x
}

// place is the presence of key material in one answer.
type place struct {
	kid, alg string
	material [sha256.Size]byte
}

// answer adds k to an answer, unless that has the same material already, because a second try with the same
// material has the same result.
func (x *index) answer(given map[place]struct{}, kid, alg string, k *Key) {
	p := place{kid, alg, k.identity.material}
	if _, twice := given[p]; !twice {
		given[p] = struct{}{}
		x.answers[kid] = x.answers[kid].add(alg, k)
	}
}

// renewed returns an index of keys, in which a key that x has already keeps its pointer. x may be nil.
func (x *index) renewed(keys []*Key) *index {
	if x != nil {
		for i, k := range keys {
			if known, ok := x.keys[k.identity]; ok {
				keys[i] = known
			}
		}
	}
	return newIndex(keys, false)
}

// find returns the keys for q, or nil if there are none. x may be nil.
func (x *index) find(q Query) []*Key {
	if x == nil {
		return nil
	}
	keys := x.answers[q.KeyID].of(q.Algorithm)
	if keys == nil {
		keys = x.unnamed.of(q.Algorithm)
	}
	if len(q.Tried) > 0 {
		return untried(keys, q.Tried)
	}
	return keys
}

// untried returns those of the first maxTries keys that are not in tried, or nil.
func untried(keys, tried []*Key) (left []*Key) {
	for _, k := range keys[:min(len(keys), maxTries)] {
		if !slices.ContainsFunc(tried, k.same) {
			left = append(left, k)
		}
	}
	return left
}

// size returns the number of keys. x may be nil.
func (x *index) size() int {
	if x == nil {
		return 0
	}
	return len(x.keys)
}

// knows reports whether a key has that kid, whatever its algorithms. x may be nil.
func (x *index) knows(kid string) bool {
	return kid != "" && x != nil && x.answers[kid] != nil
}

// Keys implements [Set].
func (x *index) Keys(_ context.Context, q Query) ([]*Key, error) {
	if keys := x.find(q); keys != nil {
		return keys, nil
	}
	return nil, ErrKeyNotFound
}
