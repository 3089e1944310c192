package middleware

import (
	"crypto/sha256"
	"hash/maphash"
	"strings"

	"github.com/bearerguard/bearerguard/internal/jose"
	"github.com/bearerguard/bearerguard/jwks"
	"github.com/maypok86/otter/v2"
)

const (
	defaultCacheBytes = 16 << 20

	// rememberedBytes is what an entry takes besides its texts: a remembered, a
	// Claims, and their places in the cache.
	rememberedBytes = 1024

	// tailBytes of a signature pick an entry. They are as good as random, and their
	// number bounds the work for a hostile one.
	tailBytes = 43
)

// tokenCache holds the tokens that one JWT has verified, so that the next request with
// the same one need not pay for the signature again. It is never shared: what a
// token is worth depends on the configuration of the JWT that judged it
// (CVE-2026-33496).
//
// A token is found again only if it is the same to the last byte. The header and
// payload are compared in full, and the signature by its SHA-256, so that whoever
// would pass with another signature has to find a second preimage. The
// signature itself is not kept: without it, what is in memory is no bearer token.
// Entries are picked by a hash of the signature's tail with a random key; who
// can't know the key can't aim at an entry, and who hits one by chance is only
// verified anew.
//
// The bytes of all entries are bounded. Which ones go is otter's to choose: it
// weighs how often a token comes (W-TinyLFU), so that a flood of tokens that come
// once does not push out those in use. Look-ups take no lock.
type tokenCache struct {
	seed    maphash.Seed
	entries *otter.Cache[uint64, *remembered]
}

// remembered is a verified token.
type remembered struct {
	signingInput string
	signature    [sha256.Size]byte // of its text
	keyID, alg   string            // as its header names them
	key          *jwks.Key         // that verified it
	claims       claims
}

// newTokenCache returns a tokenCache of at most that many bytes; nil, which remembers
// nothing, for none.
func newTokenCache(bytes int) *tokenCache {
	if bytes <= 0 {
		return nil
	}
	return &tokenCache{
		seed: maphash.MakeSeed(),
		entries: otter.Must(&otter.Options[uint64, *remembered]{
			MaximumWeight: uint64(bytes),
			Weigher:       func(_ uint64, r *remembered) uint32 { return r.weight() },
			// No goroutine of its own: what there is to tidy up is done by who adds.
			Executor: func(tidy func()) { tidy() },
		}),
	}
}

// weight is about the number of bytes that r keeps in memory.
func (r *remembered) weight() uint32 {
	n := len(r.signingInput) + len(r.claims.set.Text) + 16*cap(r.claims.scopes)
	for _, name := range r.claims.scopes {
		n += len(name)
	}
	n += n / 8                         // what the allocator rounds up
	return uint32(rememberedBytes + n) // tokens are at most 16 KiB
}

func (m *tokenCache) slot(signature string) uint64 {
	return maphash.String(m.seed, signature[max(0, len(signature)-tailBytes):])
}

// find returns what is remembered of token; nil if nothing is.
func (m *tokenCache) find(token jose.Compact) *remembered {
	if m == nil {
		return nil
	}
	r, ok := m.entries.GetIfPresent(m.slot(token.Signature))
	if !ok || r.signingInput != token.SigningInput || r.signature != token.SignatureDigest() {
		return nil
	}
	return r
}

// add remembers r, what was found out about token. r must not be written to any
// more.
func (m *tokenCache) add(token jose.Compact, r *remembered) {
	if m == nil {
		return
	}
	r.signingInput = strings.Clone(token.SigningInput) // a substring would keep the whole token
	r.signature = token.SignatureDigest()
	m.entries.Set(m.slot(token.Signature), r)
}
