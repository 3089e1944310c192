package jose

import (
	"errors"
	"strings"
	"sync"
	"unsafe"
)

var (
	errHeaderLong     = errors.New("longer than 4096 characters")
	errHeaderCritical = errors.New("has crit, and no extension is supported")
	errHeaderBase64   = errors.New("has b64, which a JWT must not have")
)

// Header holds the members of a JWS protected header (RFC 7515 §4) that a verifier uses. Others are checked
// to be JSON and ignored. jwk, jku, x5u, x5c and x5t are among them, because a token must not choose its own
// key.
type Header struct {
	Algorithm Algorithm
	KeyID     string // "" when absent
	Type      string // typ as sent, "" when absent
}

// MaxHeader is the length of the longest header segment that DecodeHeader reads. A usual header has a tenth
// of this length. A header with a certificate in x5c has half of it. A header with a chain of certificates is
// refused, because nothing here would use the chain.
const MaxHeader = 4096

var headerBuffers = sync.Pool{New: func() any { return new([MaxHeader / 4 * 3]byte) }}

// DecodeHeader decodes a header segment by the rules of AppendDecode and ParseHeader. It allocates nothing
// but the two strings of the Header.
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
	// The buffer will be reused, so no string may point into it.
	h.KeyID, h.Type = strings.Clone(h.KeyID), strings.Clone(h.Type)
	return h, err
}

// ParseHeader reads a header that is already decoded from base64url. The strings of the Header share memory
// with text. Besides what ParseObject refuses, it refuses
//
//   - an alg that is absent or that ParseAlgorithm does not know, "none" included: the error is an
//     AlgorithmError,
//   - crit, even an empty one, because no extension is supported (RFC 7515 §4.1.11),
//   - b64, because false is not allowed in a JWT (RFC 7797 §7) and true is the default,
//   - a kid or typ that is empty or not a string.
func ParseHeader(text string) (Header, error) {
	var h Header
	alg := Value("").TypeName()
	err := ParseObject(text, func(name string, v Value) error {
		switch name {
		case "alg":
			h.Algorithm, alg = readAlgorithm(v)
		case "kid":
			if h.KeyID, _ = v.Text(); h.KeyID == "" {
				return mistyped("kid", "a string that is not empty", v)
			}
		case "typ":
			if h.Type, _ = v.Text(); h.Type == "" {
				return mistyped("typ", "a string that is not empty", v)
			}
		case "crit":
			return errHeaderCritical
		case "b64":
			return errHeaderBase64
		}
		return nil
	})
	if err == nil && h.Algorithm == 0 {
		err = AlgorithmError(alg)
	}
	if err != nil {
		return Header{}, err
	}
	return h, nil
}
