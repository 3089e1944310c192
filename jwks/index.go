package jwks

import (
	"context"
	"crypto/sha256"
	"slices"
)

// maxTries is how many keys of one answer a verifier tries.
const maxTries = 4

// index is a Set that never changes. All answers exist beforehand, so that a look-up is one map access.
type index struct {
	keys    map[identity]*Key
	answers map[string]answers // by kid; the empty kid stands for tokens without one
	// unnamed are for a kid of which nothing is known for the algorithm. Only an operator's own keys can be
	// among them.
	unnamed answers
}

// answers are the keys of one kid, by algorithm. There are few algorithms, so a scan beats a map.
type answers []answer

type answer struct {
	alg  string
	keys []*Key
}

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

// clip leaves no room behind the keys: a Set of the user's that appends to an answer gets a slice of its
// own, instead of one that it shares with all other callers.
func (a answers) clip() {
	for i := range a {
		a[i].keys = slices.Clip(a[i].keys)
	}
}

// newIndex keeps the order of keys. With anyKid, a key without a kid serves every kid.
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

// place is where a key's material stands in the answers.
type place struct {
	kid, alg string
	material [sha256.Size]byte
}

// answer adds k to an answer, unless the same material is there already: a signature that does not verify
// under it does not verify under it again.
func (x *index) answer(given map[place]struct{}, kid, alg string, k *Key) {
	p := place{kid, alg, k.identity.material}
	if _, twice := given[p]; !twice {
		given[p] = struct{}{}
		x.answers[kid] = x.answers[kid].add(alg, k)
	}
}

// renewed returns the index that holds keys, with the pointers of x for those that x has already.
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

// find returns nil when there is no such key; a nil index has none.
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

// untried returns what is left of the keys that a verifier tries, nil for nothing.
func untried(keys, tried []*Key) (left []*Key) {
	for _, k := range keys[:min(len(keys), maxTries)] {
		if !slices.ContainsFunc(tried, k.same) {
			left = append(left, k)
		}
	}
	return left
}

// knows reports whether a key has that kid, whatever it serves.
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
