package jwks

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

var (
	errNoSets = errors.New("jwks: a union needs at least one set")
	errNilSet = errors.New("jwks: a union cannot hold a nil set")
)

// Union returns a set of the keys of all sets, for an issuer that publishes its keys at several places, or
// whose tokens are signed partly with a shared secret and partly with a private key. A secret serves only
// HMAC and a public key never does, so neither can be taken for the other.
//
// Keys asks the sets in their order, and returns the keys of all that have some for the token. Key material
// that several sets have is in an answer once. What the sets have at hand is returned at once. Only if there
// is nothing, or all of it was tried, each [Cache] asks its issuer, all at the same time. The error is
//
//   - [ErrKeyNotFound] if all sets say so, or if keys were tried,
//   - the outage of a set otherwise.
//
// So an outage of one set does not harm tokens whose key another set has. But a key without a kid in a
// [Static] set fits a token with any kid, and every key fits a token without one. If a key is tried in vain
// while the set with the right one is down, the token counts as invalid. Give keys a kid.
//
// A set of your own is asked for each token, before the caches ask their issuers. It should answer quickly.
//
// The result has a method Ready(context.Context) error, which waits for each set that has such a method. It
// has no Status and no Close: keep each Cache, ask it for its Status, and close it.
func Union(sets ...Set) (Set, error) {
	u := &union{prompt: true}
	for _, s := range sets {
		if isNil(s) {
			return nil, errNilSet
		}
		if inner, ok := s.(*union); ok {
			u.sets = append(u.sets, inner.sets...)
		} else {
			u.sets = append(u.sets, s)
		}
	}
	if len(u.sets) == 0 {
		return nil, errNoSets
	}
	for _, s := range u.sets {
		u.prompt = u.prompt && !own(s)
	}
	return u, nil
}

// union is immutable.
type union struct {
	sets   []Set // none is a union
	prompt bool  // no set is the user's own
}

// Sets returns the sets. A verifier asks for them, because what it may expect depends on their kinds.
func (u *union) Sets() []Set { return slices.Clone(u.sets) }

// Ready waits for all sets that have something to wait for.
func (u *union) Ready(ctx context.Context) error {
	var failed error
	for _, s := range u.sets {
		if r, ok := s.(interface{ Ready(context.Context) error }); ok {
			failed = errors.Join(failed, r.Ready(ctx))
		}
	}
	return failed
}

// Keys implements [Set].
func (u *union) Keys(ctx context.Context, q Query) ([]*Key, error) {
	if u.prompt {
		var keys []*Key
		for _, s := range u.sets {
			keys = join(keys, atHand(s, q))
		}
		if keys = open(keys, q); keys != nil {
			return keys, nil
		}
	}
	return u.ask(ctx, q)
}

// answered is what one set has answered.
type answered struct {
	keys []*Key
	err  error
}

// ask does the work of Keys if that may take time.
func (u *union) ask(ctx context.Context, q Query) ([]*Key, error) {
	all := make([]answered, len(u.sets))
	first := q
	first.Tried = nil
	for i, s := range u.sets {
		if own(s) {
			all[i] = answerOf(ctx, s, first)
		} else {
			all[i].keys = atHand(s, q)
		}
	}
	if keys := pick(all, q); keys != nil {
		return keys, nil
	}
	u.fetch(ctx, q, all)
	if keys := pick(all, q); keys != nil {
		return keys, nil
	}
	if ctx.Err() != nil {
		return nil, left(ctx)
	}
	return nil, verdict(all, q)
}

// fetch asks the sets that may find more keys than all has, and puts the answers there. It returns when all
// have answered, or left because one of them has found keys.
func (u *union) fetch(ctx context.Context, q Query, all []answered) {
	ctx, found := context.WithCancel(ctx)
	var waiting sync.WaitGroup
	defer waiting.Wait() // also if a set of the user's panics
	defer found()
	for i, s := range u.sets {
		c, ok := s.(*Cache)
		if !ok || !mayFetch(s, q) {
			continue
		}
		waiting.Go(func() {
			if _, all[i].err = c.Keys(ctx, more(q, all[i].keys)); all[i].err == nil {
				found()
			}
			all[i].keys = atHand(c, q)
		})
	}
	for i, s := range u.sets {
		if !own(s) || len(q.Tried) == 0 { // without Tried, it was asked the same before
			continue
		}
		if again := answerOf(ctx, s, more(q, all[i].keys)); len(again.keys) > 0 {
			all[i] = again
			found()
		}
	}
	waiting.Wait()
}

// own reports whether s is a set of the user's own. It may take time for every key.
func own(s Set) bool {
	switch s.(type) {
	case *index, *Cache:
		return false
	}
	return true
}

// answerOf asks a set of the user's own. The answer has no nil, which such a set may return, and no spare
// capacity: see answers.clip.
func answerOf(ctx context.Context, s Set, q Query) answered {
	keys, err := s.Keys(ctx, q)
	if err != nil {
		return answered{err: err}
	}
	if slices.Contains(keys, nil) {
		keys = slices.DeleteFunc(slices.Clone(keys), func(k *Key) bool { return k == nil })
	}
	return answered{keys: slices.Clip(keys)}
}

// mayFetch reports whether s may find keys for q that it does not have at hand. An issuer publishes no
// secrets.
func mayFetch(s Set, q Query) bool {
	if _, fixed := s.(*index); fixed {
		return false
	}
	return own(s) || !strings.HasPrefix(q.Algorithm, "HS")
}

// atHand returns all keys for q, tried or not, that s has at hand. It is not for sets of the user's own.
func atHand(s Set, q Query) []*Key {
	q.Tried = nil
	switch s := s.(type) {
	case *index:
		return s.find(q)
	case *Cache:
		return s.current.Load().find(q)
	}
	return nil
}

// more returns q with known among Tried, if q has some. A set that knows those keys then looks for others.
func more(q Query, known []*Key) Query {
	if len(q.Tried) > 0 {
		q.Tried = slices.Concat(q.Tried, known[:min(len(known), maxTries)])
	}
	return q
}

// pick returns the keys of all that were not tried, or nil.
func pick(all []answered, q Query) []*Key {
	var keys []*Key
	for _, a := range all {
		keys = join(keys, a.keys)
	}
	return open(keys, q)
}

// join returns keys and those of others that have other material. If both have some, these are the first
// maxTries, because nobody tries more, and others may have a thousand.
func join(keys, others []*Key) []*Key {
	switch {
	case len(keys) == 0:
		return others
	case len(others) == 0:
		return keys
	}
	joined := slices.Clone(keys[:min(len(keys), maxTries)])
	for _, k := range others {
		if len(joined) == maxTries {
			break
		}
		if !slices.ContainsFunc(joined, k.same) {
			joined = append(joined, k)
		}
	}
	return slices.Clip(joined)
}

// open returns those of keys that q still needs to try, or nil.
func open(keys []*Key, q Query) []*Key {
	switch {
	case len(keys) == 0:
		return nil
	case len(q.Tried) > 0:
		return untried(keys, q.Tried)
	}
	return keys
}

// verdict returns the error for q if all have no keys.
func verdict(all []answered, q Query) error {
	var failed error
	for _, a := range all {
		switch {
		case a.err == nil || errors.Is(a.err, ErrKeyNotFound):
		case failed == nil:
			failed = a.err
		default:
			failed = fmt.Errorf("%w; and %w", failed, a.err)
		}
	}
	if failed == nil || len(q.Tried) > 0 {
		return ErrKeyNotFound
	}
	return failed
}

// isNil reports whether s is nil, or holds a nil pointer or function.
func isNil(s Set) bool {
	v := reflect.ValueOf(s)
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Func, reflect.Map, reflect.Slice:
		return v.IsNil()
	}
	return false
}
