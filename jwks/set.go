package jwks

import (
	"context"
	"errors"
)

// ErrKeyNotFound means that the set is known and has no key for the token, so the token is invalid. Any other
// error of [Set.Keys], except the caller's own cancellation, means that this is unknown: an outage.
var ErrKeyNotFound = errors.New("jwks: key not found")

var (
	errNoKeys    = errors.New("jwks: a static set needs at least one key")
	errNilKey    = errors.New("jwks: a static set cannot hold a nil key")
	errMixedKeys = errors.New("jwks: a static set cannot have both secrets and public keys: join two sets by Union")
)

// Set holds the keys of a verifier. Implementations must be safe for concurrent use.
//
// Keys returns at least one key for q, in the order in which to try them. A verifier tries the first four.
// Callers must not write to the slice. If there is no key, the error wraps [ErrKeyNotFound]. If ctx ended
// first, it wraps ctx's error. Every other error means that the set could not be asked.
//
// A key should have the same pointer in every answer. A verifier remembers a token with the key that verified
// it, and looks for that pointer in the next answer. A Set that makes new keys for each call is correct, but
// then no token is remembered, and every request verifies a signature, which takes hundreds of times longer.
type Set interface {
	Keys(ctx context.Context, q Query) ([]*Key, error)
}

// Query says which keys a verifier needs. KeyID and Algorithm are case-sensitive.
type Query struct {
	// KeyID is the kid of the token. It is empty for a token without one, which any key may fit.
	KeyID string
	// Algorithm is the signature algorithm of the token (RFC 7518 §3.1). It is always set.
	Algorithm string
	// Tried has the keys of an earlier answer if none of them verified the signature. The answer then has the
	// others among the first four that fit now. If there are none, a Set that can ask its issuer does so,
	// because the issuer may have replaced a key. If that brings none, or fails, the error is
	// [ErrKeyNotFound], because the known keys have refused the token.
	Tried []*Key
}

// Static returns a set of fixed keys: public keys, or shared secrets, but not both. A key that is given twice
// counts once. A key without a kid serves tokens with any kid, after the keys that have the token's kid.
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
