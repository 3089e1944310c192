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

// These bound what one set may hold, and with it the memory and time that a hostile document can cost:
// an element may be as short as its comma. The largest sets in the field hold some dozens; what lies
// past a bound is left out.
const (
	maxKeys     = 1024
	maxElements = 4 * maxKeys
)

var (
	errMalformedSet = errors.New("jwks: the document is not a JWK Set")
	errNoUsableKey  = errors.New("jwks: the JWK Set holds no usable key")
	errUnusableJWK  = errors.New("jwks: the JWK is not a public key for signatures that this package supports")
)

// ParseSet returns the set that a JWK Set document describes (RFC 7517 §5), for keys that come from a file
// or from configuration. Elements that are not usable are left out, one by one: anything but a public
// RSA, EC or Ed25519 key, weak or malformed keys, those meant for another use or algorithm, and the
// ones after the 1,024th key or the 4,096th element. A key without a kid serves tokens without a kid
// alone. It is an error when the document is malformed or
// when no key is left.
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

// parseSet also tells how many elements the document has, up to maxElements: "no key at all" and "no
// key that we understand" are different statements of an issuer.
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

// parseJWK judges one element of a JWK Set by itself (RFC 7517 §4). An element is usable when it is a
// strict JSON object that holds a public key of type RSA, EC or OKP which is strong enough, and when
// neither use, key_ops nor alg reserves it for something other than verifying signatures with a
// supported algorithm.
func parseJWK(text string) (*Key, error) {
	var kid, alg string
	// Only the members that make up the key reach jwx, each already checked: whatever else an issuer
	// adds (x5c with line breaks, private extensions) has to be ignored (RFC 7517 §4) and can neither
	// fail nor confuse it.
	material := make([]byte, 0, len(text))
	err := jose.ParseObject(text, func(name string, v jose.Value) error {
		ok := true
		switch name {
		case "kty", "crv", "n", "e", "x", "y":
			if v == "null" {
				return nil // jwx misses it if the key's type needs it
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
		case "use":
			use, _ := v.Text()
			ok = use == "sig"
		case "key_ops":
			ok = mayVerify(v)
		case "d", "p", "q", "dp", "dq", "qi", "oth", "k":
			// A private or symmetric key that was published belongs to everyone.
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
	// Cloned, since a substring would keep the whole document in memory for as long as the key lives.
	return NewKey(strings.Clone(kid), alg, pub)
}

// absent tells whether v is how serialisers of fixed structures (.NET's JsonWebKey, Jackson) spell a
// member that a key does not have: null, "" or []. None of them can be a key's purpose or a secret.
func absent(v jose.Value) bool {
	for range v.Elements() {
		return false
	}
	return v == "null" || v == `""` || v.Kind() == '['
}

// maxOperations is far past the eight operations that are registered. The bound keeps the search for
// duplicates short.
const maxOperations = 64

// mayVerify judges key_ops (RFC 7517 §4.3): strings without a duplicate, "verify" among them.
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

// publicKey lets jwx read the key material. jwx accepts points off their curve and keys of any
// strength: NewKey judges those. It also cuts an RSA exponent down to 64 bits without a word,
// which nobody could notice later.
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
