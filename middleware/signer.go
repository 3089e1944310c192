package middleware

import (
	"context"
	"errors"
	"time"

	"github.com/bearerguard/bearerguard/internal/say"
	"github.com/bearerguard/bearerguard/jwks"
)

const (
	// maxTries is how many keys of an answer are tried for one signature.
	maxTries = 4
	// maxWait is how long a request waits for keys, for all questions together.
	maxWait = 2 * time.Second
)

// fitting returns the keys that may verify a token, maxTries at most, in the order of the
// set.
func (v *JWT) fitting(ctx context.Context, q jwks.Query) ([]*jwks.Key, error) {
	keys, err := v.keys.Keys(ctx, q)
	switch {
	case err == nil:
		n := min(len(keys), maxTries)
		return keys[:n:n], nil // a Set may append to Query.Tried
	case errors.Is(err, jwks.ErrKeyNotFound):
		return nil, unknownKey(q.KeyID, q.Algorithm)
	}
	return nil, err
}

// over is a context that has ended. A Cache that gets it returns the keys that it knows and
// does not wait.
var over = func() context.Context {
	ctx, end := context.WithCancel(context.Background())
	end()
	return ctx
}()

// atHand returns the same keys as fitting, without a wait if it can. If it may have waited
// for the set, asked is when that began. Otherwise it is zero.
func (v *JWT) atHand(ctx context.Context, q jwks.Query) (keys []*jwks.Key, asked time.Time, err error) {
	if v.prompt {
		keys, err = v.keys.Keys(over, q)
		if err == nil {
			return keys[:min(len(keys), maxTries)], asked, nil
		}
	}
	asked = time.Now()
	keys, err = v.fitting(ctx, q)
	return keys, asked, err
}

// signer returns the key that made signature. keys is the answer to q, which was asked at
// the time asked. If signature verifies under none of them, signer asks the set once more,
// because the issuer may have replaced a key. If that fails, for any reason, the token
// stays invalid, because the keys at hand have refused it.
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

// try returns the first of keys under which signature verifies.
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
		return nil, unknownKey(q.KeyID, q.Algorithm)
	}
	return nil, invalid("", func() string { return "key " + say.Quote(last.ID()) + ": " + why.Error() })
}
