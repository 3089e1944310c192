package middleware

import (
	"hash/maphash"
	"strings"
	"sync/atomic"

	"github.com/bearerguard/bearerguard/internal/jose"
)

// headerCache remembers the protected headers of good tokens by their text, decoded and
// judged: an issuer writes the same few into all of its tokens. Each has one place,
// picked by a hash; the last one there stays. Only a header under a good signature
// gets in, so that nobody but the issuer can push others out. The zero value is
// empty and ready for use.
type headerCache struct {
	places [16]atomic.Pointer[header]
}

type header struct {
	segment string
	jose.Header
}

var headerSeed = maphash.MakeSeed()

func (h *headerCache) place(segment string) *atomic.Pointer[header] {
	return &h.places[maphash.String(headerSeed, segment)%uint64(len(h.places))]
}

// find returns what segment says; nil if that isn't remembered.
func (h *headerCache) find(segment string) *header {
	if known := h.place(segment).Load(); known != nil && known.segment == segment {
		return known
	}
	return nil
}

// add remembers h, which must not be written to any more.
func (h *headerCache) add(known *header) {
	known.segment = strings.Clone(known.segment) // a substring would keep the whole token
	h.place(known.segment).Store(known)
}
