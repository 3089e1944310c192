package jwks

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"strings"

	"github.com/bearerguard/bearerguard/internal/jose"
)

var (
	errKeyType   = errors.New("jwks: the key is not an *rsa.PublicKey, *ecdsa.PublicKey or ed25519.PublicKey")
	errKeyWeak   = errors.New("jwks: the key is malformed, weak or on an unsupported curve")
	errAlgorithm = errors.New("jwks: the algorithm is unknown or does not fit the key")
	errSecretAlg = errors.New("jwks: a secret needs one of HS256, HS384 and HS512")
	errSecret    = errors.New("jwks: the secret is shorter than the algorithm's hash (RFC 7518 section 3.2)")
)

// Key verifies signatures with one public key or one shared secret. It is immutable and safe for
// concurrent use.
//
// A [Cache] yields the same pointer for as long as the issuer publishes the same key: same kid,
// same algorithms, same material. Two equal pointers are therefore the same key, which makes "was
// it withdrawn or replaced?" one comparison.
type Key struct {
	id       string
	serves   []service
	secret   bool
	identity identity
}

// service is one algorithm that a key serves. A key serves at most six, so a scan beats a map.
type service struct {
	alg      string
	verifier *jose.Verifier
}

// identity tells whether two keys are the same one. The material is hashed so that a secret is
// not kept a second time.
type identity struct {
	id, algs string
	material [sha256.Size]byte
}

// NewKey makes a key from pub, which is an *rsa.PublicKey, an *ecdsa.PublicKey (P-256, P-384 or
// P-521) or an ed25519.PublicKey; it is copied. kid may be empty: see [Static]. alg binds the key to one
// algorithm; the empty alg stands for every algorithm of the key's type: RS* and PS* for RSA, the
// one of its curve for ECDSA, EdDSA and Ed25519 for Ed25519.
//
// Refused: an RSA modulus under 2048 or over 16384 bits, an even or tiny exponent, a point off
// its curve, and an algorithm that does not fit the key.
func NewKey(kid, alg string, pub crypto.PublicKey) (*Key, error) {
	if !complete(pub) {
		return nil, errKeyType
	}
	// One round trip through SubjectPublicKeyInfo yields both the canonical form to compare keys
	// by and a copy that the caller cannot write to. It also refuses points that are off their
	// curve.
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, errKeyWeak
	}
	own, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, errKeyWeak
	}
	fitting := algorithmsOf(own)
	if len(fitting) == 0 {
		return nil, errKeyWeak
	}
	return compile(kid, alg, fitting, own, der)
}

// NewSecret makes a key from a secret shared with the issuer, for alg HS256, HS384 or HS512; the secret is
// copied. kid may be empty: see [Static]. RFC 7518 §3.2 sets its minimum length: that of the hash, 32, 48
// or 64 bytes.
//
// Whoever can verify with a secret can also sign with it, so a secret never stands beside public
// keys in one set.
func NewSecret(kid, alg string, secret []byte) (*Key, error) {
	if a, _ := jose.ParseAlgorithm(alg); !a.Symmetric() { // nor is the zero Algorithm of an unknown name
		return nil, errSecretAlg
	}
	k, err := compile(kid, alg, []string{alg}, secret, secret)
	if err != nil {
		return nil, errSecret
	}
	k.secret = true
	return k, nil
}

// ID is the key's kid, empty for a key without one.
func (k *Key) ID() string { return k.id }

// Verify checks signature over signingInput (RFC 7515 §5.2) under alg. Any error means that the
// signature does not count; one is also returned when alg is not among those that the key serves.
func (k *Key) Verify(alg, signingInput string, signature []byte) error {
	for i := range k.serves {
		if k.serves[i].alg == alg {
			return k.serves[i].verifier.Verify(signingInput, signature)
		}
	}
	return errAlgorithm
}

// same reports whether both keys verify the same signatures, under the algorithms that both serve.
func (k *Key) same(other *Key) bool {
	return other != nil && other.identity.material == k.identity.material
}

func compile(kid, alg string, fitting []string, key any, material []byte) (*Key, error) {
	k := &Key{id: kid}
	var names []string
	for _, name := range fitting {
		if alg != "" && alg != name {
			continue
		}
		a, _ := jose.ParseAlgorithm(name)
		verifier, err := jose.NewVerifier(a, key)
		if err != nil {
			return nil, errKeyWeak
		}
		k.serves = append(k.serves, service{name, verifier})
		names = append(names, name)
	}
	if len(k.serves) == 0 {
		return nil, errAlgorithm
	}
	k.identity = identity{kid, strings.Join(names, " "), sha256.Sum256(material)}
	return k, nil
}

// complete keeps away from crypto/x509 what makes it panic; what else is incomplete, that refuses.
func complete(pub crypto.PublicKey) bool {
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return pub != nil
	case *ecdsa.PublicKey:
		return pub != nil && pub.X != nil && pub.Y != nil
	case ed25519.PublicKey:
		return true
	}
	return false
}

func algorithmsOf(pub crypto.PublicKey) []string {
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
	case *ecdsa.PublicKey:
		switch pub.Curve.Params().BitSize {
		case 256:
			return []string{"ES256"}
		case 384:
			return []string{"ES384"}
		case 521:
			return []string{"ES512"}
		}
	case ed25519.PublicKey:
		return []string{"EdDSA", "Ed25519"}
	}
	return nil
}
