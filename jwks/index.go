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
	answers map[question][]*Key
	ids     map[string]struct{}
	// unnamed are the keys for a kid that nothing else is known of, by algorithm. Only an operator's own
	// keys can be among them.
	unnamed map[string][]*Key
}

type question struct{ kid, alg string }

// newIndex keeps the order of keys. With anyKid, a key without a kid serves every kid.
func newIndex(keys []*Key, anyKid bool) *index {
	x := &index{
		keys:    make(map[identity]*Key, len(keys)),
		answers: make(map[question][]*Key, 2*len(keys)),
		ids:     make(map[string]struct{}, len(keys)),
		unnamed: make(map[string][]*Key),
	}
	answered := make(map[answer]struct{}, 2*len(keys))
	for _, k := range keys {
		if _, twice := x.keys[k.identity]; twice {
			continue
		}
		x.keys[k.identity] = k
		for _, s := range k.serves {
			x.answer(answered, question{"", s.alg}, k)
			switch {
			case k.id != "":
				x.answer(answered, question{k.id, s.alg}, k)
			case anyKid && !slices.ContainsFunc(x.unnamed[s.alg], k.same):
				x.unnamed[s.alg] = append(x.unnamed[s.alg], k)
			}
		}
		if k.id != "" {
			x.ids[k.id] = struct{}{}
		}
	}
	if len(x.unnamed) > 0 {
		for q := range x.answers {
			for _, k := range x.unnamed[q.alg] {
				x.answer(answered, q, k)
			}
		}
	}
	return x
}

// answer is a question and the material of a key that answers it.
type answer struct {
	question
	material [sha256.Size]byte
}

// answer adds k to the answer of q, unless the same material is there already: a signature that does not
// verify under it does not verify under it again.
func (x *index) answer(answered map[answer]struct{}, q question, k *Key) {
	a := answer{q, k.identity.material}
	if _, twice := answered[a]; !twice {
		answered[a] = struct{}{}
		x.answers[q] = append(x.answers[q], k)
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
	keys, ok := x.answers[question{q.KeyID, q.Algorithm}]
	if !ok {
		keys = x.unnamed[q.Algorithm]
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
	if x == nil {
		return false
	}
	_, ok := x.ids[kid]
	return ok
}

// Keys implements [Set].
func (x *index) Keys(_ context.Context, q Query) ([]*Key, error) {
	if keys := x.find(q); keys != nil {
		return keys, nil
	}
	return nil, ErrKeyNotFound
}
