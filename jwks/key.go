package jwks

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/bearerguard/bearerguard/internal/jose"
)

var (
	errKeyType   = errors.New("jwks: the key is not an *rsa.PublicKey, *ecdsa.PublicKey or ed25519.PublicKey")
	errKeyWeak   = errors.New("jwks: the key is malformed, weak or on an unsupported curve")
	errAlgorithm = errors.New("jwks: the algorithm is unknown or does not fit the key")
	errSecretAlg = errors.New("jwks: a secret needs one of HS256, HS384 and HS512")
)

// Key is one public key or one shared secret, with its kid and its algorithms. It is immutable and safe for
// concurrent use. The zero Key verifies nothing.
//
// A [Cache] returns the same pointer as long as the issuer publishes the same key, with the same kid,
// algorithms, issuer and material. So comparing pointers is enough to see whether a key was withdrawn or
// replaced.
type Key struct {
	id       string
	serves   []service
	secret   bool
	identity identity
}

// service is one algorithm that a key serves. A key has six at most.
type service struct {
	alg      string
	verifier *jose.Verifier
}

// identity is equal for keys that are the same. The material is hashed, so that no second copy of a secret is
// kept.
type identity struct {
	id, algs, issuer string
	material         [sha256.Size]byte
}

// NewKey returns a key with a copy of pub, which is an *rsa.PublicKey, an *ecdsa.PublicKey (P-256, P-384 or
// P-521) or an ed25519.PublicKey. kid may be empty: see [Static]. alg is the only algorithm of the key. If it
// is empty, the key serves every algorithm of its type: RS* and PS* for RSA, the one of its curve for ECDSA,
// EdDSA and Ed25519 for Ed25519.
//
// NewKey refuses an RSA modulus under 2048 or over 16384 bits, an exponent that is even or under 65537, a
// point that is not on its curve, and an algorithm that does not fit the key.
func NewKey(kid, alg string, pub crypto.PublicKey) (*Key, error) {
	if !complete(pub) {
		return nil, errKeyType
	}
	// Encoding and decoding as SubjectPublicKeyInfo makes a canonical form to compare keys by, and a copy
	// that the caller cannot write to. It also refuses points that are not on their curve.
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

// NewSecret returns a key with a copy of a secret that is shared with the issuer, for alg HS256, HS384 or
// HS512. kid may be empty: see [Static]. The secret must be as long as the hash, 32, 48 or 64 bytes (RFC 7518
// §3.2).
//
// A program that can verify with a secret can also sign with it. So a secret never stands beside public keys
// in a [Static] set. A [Union] can join two sets.
func NewSecret(kid, alg string, secret []byte) (*Key, error) {
	if a, _ := jose.ParseAlgorithm(alg); !a.Symmetric() { // an unknown name has the zero Algorithm, which is not symmetric
		return nil, errSecretAlg
	}
	k, err := compile(kid, alg, []string{alg}, secret, secret)
	if err != nil {
		least := map[string]int{"HS256": 32, "HS384": 48, "HS512": 64}[alg]
		return nil, fmt.Errorf(
			"jwks: the secret has %d bytes, and %s needs %d at least (RFC 7518 §3.2)", len(secret), alg, least)
	}
	k.secret = true
	return k, nil
}

// ID returns the kid, which is empty for a key without one.
func (k *Key) ID() string { return k.id }

// Issuer returns the issuer member of the key's JWK, which is empty without one. It is not a standard member.
// Microsoft Entra ID publishes the keys of many issuers in one set, and names in each key the issuer that
// may use it. No [Set] chooses keys by it, so a verifier must compare it with the iss of the token.
// middleware.JWT does so beside an IssuerTemplate alone.
func (k *Key) Issuer() string { return k.identity.issuer }

// Verify verifies signature over signingInput (RFC 7515 §5.2) with alg. It returns an error if the signature
// is not valid, or if the key does not serve alg.
//
// It is for verifiers, such as middleware.JWT. A program that protects an API must not call it in place of
// one, because a valid signature says nothing about the issuer, audience, type and times of the token.
func (k *Key) Verify(alg, signingInput string, signature []byte) error {
	for i := range k.serves {
		if k.serves[i].alg == alg {
			return k.serves[i].verifier.Verify(signingInput, signature)
		}
	}
	return errAlgorithm
}

// same reports whether both keys have the same material. Then they verify the same signatures, with the
// algorithms that both serve. The octets of a secret may be those of a public key.
func (k *Key) same(other *Key) bool {
	return other != nil && other.secret == k.secret && other.identity.material == k.identity.material
}

// compile makes a Key that serves alg, or all of the fitting algorithms if alg is empty.
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
	k.identity = identity{id: kid, algs: strings.Join(names, " "), material: sha256.Sum256(material)}
	return k, nil
}

// complete refuses nil keys and nil coordinates, with which x509.MarshalPKIXPublicKey panics. x509 itself
// refuses other malformed keys.
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

// algorithmsOf returns the algorithms that fit the key, or nil for an unsupported one.
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
