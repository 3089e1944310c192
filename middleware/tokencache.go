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

	// rememberedBytes is the size of an entry without its texts: a remembered with its
	// claims, and its share of the cache's own structures.
	rememberedBytes = 1024

	// tailBytes is how much of a signature is hashed to pick an entry. These bytes are as
	// good as random, and their number bounds the work for a hostile token.
	tailBytes = 43
)

// tokenCache has the tokens that one JWT has verified, so that the next request with the
// same token does not verify the signature again. JWTs never share one, because the verdict
// on a token depends on the configuration of the JWT (CVE-2026-33496).
//
// A token is found again only if it is the same to the last byte. The header and payload
// are compared in full, and the signature by its SHA-256: to pass with another signature,
// an attacker must find a second preimage. The signature itself is not kept, so that what
// is in memory is no bearer token. A hash of the signature's tail picks the entry. The hash
// is keyed, so an attacker cannot choose which entry to evict. A collision only means that
// a token is verified again.
//
// The bytes of all entries are bounded. Otter chooses which ones are evicted, by how often
// a token comes (W-TinyLFU): a flood of tokens that come once does not evict those in use.
// Look-ups take no lock.
type tokenCache struct {
	seed    maphash.Seed
	entries *otter.Cache[uint64, *remembered]
}

// remembered is a verified token.
type remembered struct {
	signingInput string
	signature    [sha256.Size]byte // of its text
	keyID, alg   string            // as in its header
	key          *jwks.Key         // the key that verified it
	claims       claims
}

// newTokenCache returns a tokenCache of at most that many bytes. For none it returns nil,
// which remembers nothing.
func newTokenCache(bytes int) *tokenCache {
	if bytes <= 0 {
		return nil
	}
	return &tokenCache{
		seed: maphash.MakeSeed(),
		entries: otter.Must(&otter.Options[uint64, *remembered]{
			MaximumWeight: uint64(bytes),
			Weigher:       func(_ uint64, r *remembered) uint32 { return r.weight() },
			// The cache has no goroutine of its own. The goroutine that adds an entry also evicts
			// others.
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
	n += n / 8                         // the allocator rounds sizes up
	return uint32(rememberedBytes + n) // tokens are at most 16 KiB
}

func (m *tokenCache) slot(signature string) uint64 {
	return maphash.String(m.seed, signature[max(0, len(signature)-tailBytes):])
}

// find returns the entry of token, or nil if there is none.
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

// add adds r, the result for token. r must not be written to any more.
func (m *tokenCache) add(token jose.Compact, r *remembered) {
	if m == nil {
		return
	}
	r.signingInput = strings.Clone(token.SigningInput) // a substring would keep the whole token
	r.signature = token.SignatureDigest()
	m.entries.Set(m.slot(token.Signature), r)
}
