package jose

import (
	"encoding/base64"
	"errors"
	"unsafe"
)

var errBase64 = errors.New("not base64url without padding")

// rawURL refuses bits that are set after the last whole octet.
var rawURL = base64.RawURLEncoding.Strict()

// AppendDecode decodes s, which is base64url without padding (RFC 7515 §2), and appends the octets to dst. It
// allocates only if dst has no room for DecodedLen(len(s)) more octets. On an error it returns dst unchanged,
// but may have written to the room behind it.
//
// It refuses padding, trailing bits, CR, LF, any other byte outside the alphabet, and lengths that no encoder
// produces. The empty string decodes to no octets.
func AppendDecode(dst []byte, s string) ([]byte, error) {
	out, err := rawURL.AppendDecode(dst, bytesOf(s))
	// The decoder skips CR and LF, even a strict one, so one token would have many spellings. If m of L
	// characters are in the alphabet, it decodes these m to floor(6m/8) octets. L-1 characters make fewer
	// octets than L, unless L is one more than a multiple of four, and such a length is refused. So if the
	// result has as many octets as L characters make, the decoder has skipped nothing.
	if err != nil || len(s)%4 == 1 || len(out)-len(dst) != DecodedLen(len(s)) {
		return dst, errBase64
	}
	return out, nil
}

// DecodeText decodes s by the rules of AppendDecode. It allocates nothing but the text.
func DecodeText(s string) (string, error) {
	octets, err := AppendDecode(make([]byte, 0, DecodedLen(len(s))), s)
	if err != nil {
		return "", err
	}
	// No other reference to octets exists, so they cannot change.
	return unsafe.String(unsafe.SliceData(octets), len(octets)), nil
}

// DecodedLen returns the number of octets that n characters of base64url decode to.
func DecodedLen(n int) int {
	return n/4*3 + n%4*6/8
}

// bytesOf returns the bytes of s without a copy. The callee must neither write to the slice nor keep it. The
// compiler avoids the copy by itself only if it can prove this. It cannot do so for assembly and interfaces.
func bytesOf(s string) []byte {
	return unsafe.Slice(unsafe.StringData(s), len(s))
}
