package jose

import (
	"crypto/sha256"
	"errors"
	"strings"
)

var errCompact = errors.New("not three non-empty parts separated by dots")

// Compact is a token in JWS compact serialisation (RFC 7515 §7.1). Its parts are still encoded.
type Compact struct {
	SigningInput, Header, Payload, Signature string // substrings of the token; SigningInput is header, dot, payload
}

// Split cuts token at its two dots. Another number of dots is an error, and so is an empty part. This refuses
// a JWE (five parts), an unsecured token (no signature, RFC 7515 appendix A.5) and detached content (no
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

// SignatureDigest returns the SHA-256 of the encoded signature. It identifies the signature for a caller that
// must not keep it.
func (c Compact) SignatureDigest() [sha256.Size]byte {
	return sha256.Sum256(bytesOf(c.Signature))
}
