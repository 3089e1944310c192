package middleware

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
)

const (
	// maxTries is how many keys of an answer a signature is verified with.
	maxTries = 4
	// maxWait is how long a request waits for keys, both questions taken together.
	maxWait = 2 * time.Second
)

// fitting returns the keys that a token may be verified with, in the order of the
// set, maxTries at most.
func (v *JWT) fitting(ctx context.Context, q jwks.Query) ([]*jwks.Key, error) {
	keys, err := v.keys.Keys(ctx, q)
	switch {
	case err == nil:
		n := min(len(keys), maxTries)
		return keys[:n:n], nil // a Set may append to Query.Tried
	case errors.Is(err, jwks.ErrKeyNotFound):
		return nil, errUnknownKey
	}
	return nil, err
}

// over is a context that has ended: under it, a Cache answers what it knows and waits for
// nothing.
var over = func() context.Context {
	ctx, end := context.WithCancel(context.Background())
	end()
	return ctx
}()

// atHand is fitting. waited tells that it may have taken time.
func (v *JWT) atHand(ctx context.Context, q jwks.Query) (keys []*jwks.Key, waited bool, err error) {
	if v.prompt {
		keys, err = v.keys.Keys(over, q)
		if err == nil {
			return keys[:min(len(keys), maxTries)], false, nil
		}
	}
	keys, err = v.fitting(ctx, q)
	return keys, true, err
}

// signer returns the key that has made signature. keys are those that q, which was
// asked at that moment, has found.
// Under none of them, the set is asked once more: the issuer may have put another
// key in the place of one. If that fails for whatever reason, the verdict stays
// what it is: the keys at hand have found the token invalid.
func (v *JWT) signer(
	ctx context.Context, asked time.Time, q jwks.Query, keys []*jwks.Key, input string, signature []byte,
) (*jwks.Key, error) {
	key, err := try(keys, q, input, signature)
	if err == nil {
		return key, nil
	}
	ctx, cancel := context.WithDeadline(ctx, asked.Add(maxWait))
	defer cancel()
	q.Tried = keys
	keys, _ = v.fitting(ctx, q) // none in an outage
	if key, again := try(keys, q, input, signature); again == nil {
		return key, nil
	}
	return nil, err
}

// try returns the first of keys under which the signature verifies.
func try(keys []*jwks.Key, q jwks.Query, input string, signature []byte) (*jwks.Key, error) {
	var last *jwks.Key
	var why error
	for _, key := range keys {
		if key == nil {
			continue
		}
		if why = key.Verify(q.Algorithm, input, signature); why == nil {
			return key, nil
		}
		last = key
	}
	if last == nil {
		return nil, errUnknownKey
	}
	return nil, &tokenError{"key " + strconv.Quote(last.ID()), why}
}
