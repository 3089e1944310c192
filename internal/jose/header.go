package jose

import "errors"

var (
	errHeaderAlg      = errors.New("jose: header without a supported alg")
	errHeaderKeyID    = errors.New("jose: kid in the header is not a non-empty string")
	errHeaderType     = errors.New("jose: typ in the header is not a non-empty string")
	errHeaderCritical = errors.New("jose: header with crit or b64")
)

// Header is the part of a JWS protected header (RFC 7515 §4) that a verifier acts upon. Its
// strings share the header's memory. jwk, jku, x5u, x5c, x5t and unknown members are checked to
// be JSON and never read: a token does not bring its own key.
type Header struct {
	Algorithm Algorithm
	KeyID     string // "" when absent
	Type      string // typ as sent, "" when absent
}

// ParseHeader decodes a header that is already freed from base64url. Besides what ParseObject
// refuses, it refuses an alg that is missing or that ParseAlgorithm does not know ("none" in any
// case); crit, also an empty one, since no extension is understood here (RFC 7515 §4.1.11); b64
// with any value: false is barred from JWTs (RFC 7797 §7), and true says nothing; members of a
// wrong type; an empty kid; and a typ that is present but empty.
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
