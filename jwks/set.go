package jwks

import (
	"context"
	"errors"
)

// ErrKeyNotFound says that the token is at fault: the set is known and has no key for it. Any other error
// of [Set.Keys] that is not the caller's own cancellation is an outage: nobody could tell.
var ErrKeyNotFound = errors.New("jwks: key not found")

var (
	errNoKeys    = errors.New("jwks: a static set needs at least one key")
	errNilKey    = errors.New("jwks: a static set cannot hold a nil key")
	errMixedKeys = errors.New("jwks: a secret cannot stand beside public keys in one set")
)

// Set is where a verifier finds its keys. Implementations are safe for concurrent use.
//
// Keys returns the keys that q asks for, at least one, in the order in which they are to be tried. A
// verifier tries the first four. Callers must not write to the slice. Without such a key the error wraps
// [ErrKeyNotFound]; when ctx ended first it wraps ctx's error; every other error means that the set could
// not be asked.
//
// The same key should have the same pointer in every answer. A verifier remembers tokens together with the
// key that verified them, and looks for that pointer among the keys of the next answer. A Set that makes its
// keys anew for each call is correct, but no token is ever known there: each request then costs the
// verification of a signature, which takes hundreds of times longer.
type Set interface {
	Keys(ctx context.Context, q Query) ([]*Key, error)
}

// Query says which keys a verifier needs. Both names are compared to the letter.
type Query struct {
	// KeyID is the kid that the token names; empty for a token without one, which any key may fit.
	KeyID string
	// Algorithm is the signature algorithm of the token (RFC 7518 §3.1). It is always set.
	Algorithm string
	// Tried are the keys of an earlier answer, when the signature verified under none of them. The answer
	// holds the others among the first four that fit now. A Set that can ask its issuer does so first if
	// there are none, since the issuer may have replaced a key. If that brings none, or fails, the error is
	// [ErrKeyNotFound]: the keys at hand have judged the token.
	Tried []*Key
}

// Static returns a set of fixed keys: public keys, or shared secrets, never both. A key that is
// given twice counts once. A key without a kid serves tokens with any kid, after the keys whose kid
// the token names. Keys answers at once, since nothing ever changes.
func Static(keys ...*Key) (Set, error) {
	if len(keys) == 0 {
		return nil, errNoKeys
	}
	for _, k := range keys {
		if k == nil || len(k.serves) == 0 {
			return nil, errNilKey
		}
		if k.secret != keys[0].secret {
			return nil, errMixedKeys
		}
	}
	return newIndex(keys, true), nil
}
