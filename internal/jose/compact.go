package jose

import (
	"crypto/sha256"
	"errors"
	"strings"
)

var errCompact = errors.New("jose: not three non-empty parts divided by dots")

// Compact is a token in JWS compact serialisation (RFC 7515 §7.1), split and not yet decoded.
type Compact struct {
	SigningInput, Header, Payload, Signature string // substrings of the token; SigningInput is header, dot, payload
}

// Split cuts token at its two dots. More or fewer dots, or an empty part, is an error: so is a
// JWE (five parts), an unsecured token (no signature, RFC 7515 A.5) and detached content (no
// payload).
func Split(token string) (Compact, error) {
	header, rest, _ := strings.Cut(token, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	if header == "" || payload == "" || signature == "" || strings.IndexByte(signature, '.') >= 0 {
		return Compact{}, errCompact
	}
	return Compact{
		SigningInput: token[:len(header)+1+len(payload)],
		Header:       header,
		Payload:      payload,
		Signature:    signature,
	}, nil
}

// SignatureDigest is the SHA-256 of the signature as it stands in the token: what a signature can be
// recognised by without being kept.
func (c Compact) SignatureDigest() [sha256.Size]byte {
	return sha256.Sum256(bytesOf(c.Signature))
}
