package jose

import (
	"errors"
	"strings"
	"sync"
	"unsafe"
)

var (
	errHeaderAlg      = errors.New("jose: header without a supported alg")
	errHeaderKeyID    = errors.New("jose: kid in the header is not a non-empty string")
	errHeaderType     = errors.New("jose: typ in the header is not a non-empty string")
	errHeaderLong     = errors.New("jose: header longer than 4096 characters")
	errHeaderCritical = errors.New("jose: header with crit or b64")
)

// Header is the part of a JWS protected header (RFC 7515 §4) that a verifier acts upon. jwk, jku,
// x5u, x5c, x5t and unknown members are checked to be JSON and never read: a token does not bring
// its own key.
type Header struct {
	Algorithm Algorithm
	KeyID     string // "" when absent
	Type      string // typ as sent, "" when absent
}

// MaxHeader is the length of the longest header segment that DecodeHeader reads. Real ones have a
// tenth of it, or half with a certificate in x5c; a chain of them, which nobody here reads, is too much.
const MaxHeader = 4096

var headerBuffers = sync.Pool{New: func() any { return new([MaxHeader / 4 * 3]byte) }}

// DecodeHeader decodes a header segment by the rules of AppendDecode and ParseHeader. The Header
// has its own memory, and the segment itself is decoded into none, however long it is.
func DecodeHeader(segment string) (Header, error) {
	if len(segment) > MaxHeader {
		return Header{}, errHeaderLong
	}
	buffer := headerBuffers.Get().(*[MaxHeader / 4 * 3]byte)
	defer headerBuffers.Put(buffer)
	octets, err := AppendDecode(buffer[:0], segment)
	if err != nil {
		return Header{}, err
	}
	h, err := ParseHeader(unsafe.String(unsafe.SliceData(octets), len(octets)))
	// The buffer will be written to again, so nothing may point to it.
	h.KeyID, h.Type = strings.Clone(h.KeyID), strings.Clone(h.Type)
	return h, err
}

// ParseHeader decodes a header that is already freed from base64url. Besides what ParseObject
// refuses, it refuses an alg that is missing or that ParseAlgorithm does not know ("none" in any
// case); crit, also an empty one, since no extension is understood here (RFC 7515 §4.1.11); b64
// with any value: false is barred from JWTs (RFC 7797 §7), and true says nothing; members of a
// wrong type; an empty kid; and a typ that is present but empty. The Header's strings share text's
// memory.
func ParseHeader(text string) (Header, error) {
	var h Header
	err := ParseObject(text, func(name string, v Value) error {
		switch name {
		case "alg":
			alg, _ := v.Text()
			h.Algorithm, _ = ParseAlgorithm(alg)
		case "kid":
			if h.KeyID, _ = v.Text(); h.KeyID == "" {
				return errHeaderKeyID
			}
		case "typ":
			if h.Type, _ = v.Text(); h.Type == "" {
				return errHeaderType
			}
		case "crit", "b64":
			return errHeaderCritical
		}
		return nil
	})
	if err == nil && h.Algorithm == 0 {
		err = errHeaderAlg
	}
	if err != nil {
		return Header{}, err
	}
	return h, nil
}
