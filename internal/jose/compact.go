package jose

import (
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
	first := strings.IndexByte(token, '.')
	second := strings.LastIndexByte(token, '.')
	if first <= 0 || second <= first+1 || second == len(token)-1 {
		return Compact{}, errCompact
	}
	c := Compact{
		SigningInput: token[:second],
		Header:       token[:first],
		Payload:      token[first+1 : second],
		Signature:    token[second+1:],
	}
	if strings.IndexByte(c.Payload, '.') >= 0 {
		return Compact{}, errCompact
	}
	return c, nil
}
