package middleware

import (
	"hash/maphash"
	"strings"
	"sync/atomic"

	"github.com/bearerguard/bearerguard/internal/jose"
)

// headerCache has the protected headers of good tokens, decoded and checked, by their
// text, because an issuer writes the same few headers into all of its tokens. It has 16
// slots. The hash of the text picks the slot, and a new header overwrites the old one. Only
// a header under a good signature gets in, so only the issuer can overwrite others. The
// zero value is empty and ready for use.
type headerCache struct {
	slots [16]atomic.Pointer[header]
}

type header struct {
	segment string
	jose.Header
}

var headerSeed = maphash.MakeSeed()

func (h *headerCache) slot(segment string) *atomic.Pointer[header] {
	return &h.slots[maphash.String(headerSeed, segment)%uint64(len(h.slots))]
}

// find returns the header that segment encodes, or nil if it is not in the cache.
func (h *headerCache) find(segment string) *header {
	if known := h.slot(segment).Load(); known != nil && known.segment == segment {
		return known
	}
	return nil
}

// add adds known, which must not be written to any more.
func (h *headerCache) add(known *header) {
	known.segment = strings.Clone(known.segment) // a substring would keep the whole token
	h.slot(known.segment).Store(known)
}
