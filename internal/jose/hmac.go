package jose

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"hash"
	"slices"
	"sync"
)

var errSecret = errors.New("the HMAC secret is shorter than the hash")

// macPool keeps hashes that have their key set. Setting the key allocates, and takes as long as hashing a
// short token.
type macPool struct{ pool sync.Pool }

type mac struct {
	hash.Hash
	sum [sha512.Size]byte // here, because on the stack of verify it would escape through the interface
}

// newMACPool also returns the length of a signature, which is that of the hash.
func newMACPool(a Algorithm, key any) (*macPool, int, error) {
	secret, ok := key.([]byte)
	if !ok {
		return nil, 0, errKeyType
	}
	var newHash func() hash.Hash
	switch a {
	case HS256:
		newHash = sha256.New
	case HS384:
		newHash = sha512.New384
	default:
		newHash = sha512.New
	}
	size := newHash().Size()
	if len(secret) < size {
		return nil, 0, errSecret
	}
	secret = slices.Clone(secret)
	p := &macPool{}
	p.pool.New = func() any { return &mac{Hash: hmac.New(newHash, secret)} }
	return p, size, nil
}

// verify compares in constant time.
func (p *macPool) verify(input, signature []byte) bool {
	m := p.pool.Get().(*mac)
	defer p.pool.Put(m)
	m.Reset()
	m.Write(input)
	return hmac.Equal(m.Sum(m.sum[:0]), signature)
}
