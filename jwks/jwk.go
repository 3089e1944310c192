package jwks

import (
	"crypto"
	"crypto/rsa"
	"errors"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/lestrrat-go/jwx/v2/jwk"

	"github.com/bearerguard/bearerguard/internal/jose"
)

// The bounds of one set. They limit the memory and time that a hostile document can take, because an element
// may be one character long. The largest real sets have some dozens of keys. Elements over a bound are left
// out.
const (
	maxKeys     = 1024
	maxElements = 4 * maxKeys
)

var (
	errMalformedSet = errors.New("jwks: the document is not a JWK Set")
	errNoUsableKey  = errors.New("jwks: the JWK Set holds no usable key")
	errUnusableJWK  = errors.New("jwks: the JWK is not a public key for signatures that this package supports")
)

// ParseSet returns the keys of a JWK Set (RFC 7517 §5), for example of one in a file. It leaves out unusable
// elements: an element that is not a public RSA, EC or Ed25519 key, a weak or malformed key, a key for
// another use or algorithm, and every element after 1,024 keys or 4,096 elements. A key without a kid serves
// only tokens without a kid. It is an error if the document is malformed or if no key is left.
func ParseSet(jwks []byte) (Set, error) {
	keys, _, err := parseSet(jwks)
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, errNoUsableKey
	}
	return newIndex(keys, false), nil
}

// parseSet also returns how many elements the document has, up to maxElements, so that callers can tell an
// empty set from one without usable keys.
func parseSet(text []byte) (keys []*Key, elements int, err error) {
	split, err := jose.SplitKeySet(string(text), maxElements)
	if err != nil {
		return nil, 0, errMalformedSet
	}
	for _, element := range split {
		if len(keys) == maxKeys {
			break
		}
		if k, err := parseJWK(element); err == nil {
			keys = append(keys, k)
		}
	}
	return keys, len(split), nil
}

// parseJWK returns the key in one element of a JWK Set (RFC 7517 §4). The element must be a strict JSON
// object with a public key of type RSA, EC or OKP that is strong enough. Its use, key_ops and alg, if
// present, must allow to verify signatures with a supported algorithm.
func parseJWK(text string) (*Key, error) {
	var kid, alg, issuer string
	// jwx gets only the members of the key itself, and these are checked before. Other members must be
	// ignored (RFC 7517 §4), but jwx refuses some, such as an x5c with line breaks.
	material := make([]byte, 0, len(text))
	err := jose.ParseObject(text, func(name string, v jose.Value) error {
		ok := true
		switch name {
		case "kty", "crv", "n", "e", "x", "y":
			if v == "null" {
				return nil // left out; jwx refuses the key if its type needs this member
			}
			if _, text := v.Text(); !text {
				return errUnusableJWK
			}
			material = strconv.AppendQuote(append(material, ','), name)
			material = append(append(material, ':'), v...)
		case "kid":
			kid, ok = v.Text()
		case "alg":
			alg, ok = v.Text()
		case "issuer":
			issuer, ok = v.Text()
		case "use":
			use, _ := v.Text()
			ok = use == "sig" || use == "jwt-svid" // which is "sig" in a SPIFFE bundle
		case "key_ops":
			ok = mayVerify(v)
		case "d", "p", "q", "dp", "dq", "qi", "oth", "k":
			// Anybody can sign with a private or symmetric key that was published.
			ok = false
		}
		if !ok && !absent(v) {
			return errUnusableJWK
		}
		return nil
	})
	if err != nil || len(material) == 0 {
		return nil, errUnusableJWK
	}
	material[0] = '{'
	pub, err := publicKey(append(material, '}'))
	if err != nil {
		return nil, err
	}
	// A substring would keep the whole document in memory.
	k, err := NewKey(strings.Clone(kid), alg, pub)
	if err != nil {
		return nil, err
	}
	k.identity.issuer = strings.Clone(issuer)
	return k, nil
}

// absent reports whether v is null, "" or [], which some serialisers (.NET's JsonWebKey, Jackson) write for a
// member that a key does not have. None of the three is a valid purpose or a secret.
func absent(v jose.Value) bool {
	for range v.Elements() {
		return false
	}
	return v == "null" || v == `""` || v.Kind() == '['
}

// maxOperations bounds the time to look for duplicates. Eight operations are registered.
const maxOperations = 64

// mayVerify reports whether key_ops (RFC 7517 §4.3) has only strings, no duplicate, and "verify".
func mayVerify(operations jose.Value) bool {
	var seen []string
	for v := range operations.Elements() {
		op, ok := v.Text()
		if !ok || len(seen) == maxOperations || slices.Contains(seen, op) {
			return false
		}
		seen = append(seen, op)
	}
	return slices.Contains(seen, "verify")
}

// publicKey parses the key material with jwx. jwx accepts points that are not on their curve, and keys of any
// strength, so NewKey checks these. jwx also truncates an RSA exponent to 64 bits without an error, so
// publicKey compares the exponents.
func publicKey(text []byte) (crypto.PublicKey, error) {
	parsed, err := jwk.ParseKey(text)
	if err != nil {
		return nil, errUnusableJWK
	}
	var pub any
	if err := parsed.Raw(&pub); err != nil {
		return nil, errUnusableJWK
	}
	if parsed, ok := parsed.(jwk.RSAPublicKey); ok {
		pub, ok := pub.(*rsa.PublicKey)
		if !ok || new(big.Int).SetBytes(parsed.E()).Cmp(big.NewInt(int64(pub.E))) != 0 {
			return nil, errUnusableJWK
		}
	}
	return pub, nil
}
