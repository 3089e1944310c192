package jose

import (
	"encoding/base64"
	"errors"
	"unsafe"
)

var errBase64 = errors.New("jose: not base64url without padding")

// Strict refuses bits that are set beyond the last whole octet.
var rawURL = base64.RawURLEncoding.Strict()

// AppendDecode appends the octets of s, base64url without padding (RFC 7515 §2), to dst and
// returns the longer slice; it allocates only when dst has no room for DecodedLen(len(s)) more.
// On an error it returns dst as it was, though octets beyond its length may have been written. It
// refuses padding, trailing bits, CR, LF, any byte outside of the alphabet, and lengths that no
// encoder produces. The empty string stands for no octets.
func AppendDecode(dst []byte, s string) ([]byte, error) {
	out, err := rawURL.AppendDecode(dst, bytesOf(s))
	// The decoder skips CR and LF even when strict, which would give one token many spellings.
	// With L characters of which m are in the alphabet it yields floor(6m/8) octets. From L-1 to
	// L that number grows except where L is one more than a multiple of four, a length that no
	// encoding has. Hence, with those lengths refused, octets for all L characters mean m = L:
	// nothing was skipped.
	if err != nil || len(s)%4 == 1 || len(out)-len(dst) != DecodedLen(len(s)) {
		return dst, errBase64
	}
	return out, nil
}

// DecodeText is the text that s, base64url without padding, stands for, under the rules of
// AppendDecode. It allocates the text and nothing else.
func DecodeText(s string) (string, error) {
	octets, err := AppendDecode(make([]byte, 0, DecodedLen(len(s))), s)
	if err != nil {
		return "", err
	}
	// Nobody else holds octets, so nobody can write to them any more.
	return unsafe.String(unsafe.SliceData(octets), len(octets)), nil
}

// DecodedLen is the number of octets that n characters of base64url stand for, so that a caller
// can size its buffer.
func DecodedLen(n int) int {
	return n/4*3 + n%4*6/8
}

// bytesOf is s as a slice without a copy, for callees that neither write to nor keep it. The
// compiler does this by itself where it can see as much, which it can't across assembly and
// interfaces, and the token is the largest thing that we touch.
func bytesOf(s string) []byte {
	return unsafe.Slice(unsafe.StringData(s), len(s))
}
