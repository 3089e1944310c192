package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
)

var (
	errKeyType   = errors.New("the key's type does not fit the algorithm")
	errSignature = errors.New("the signature does not verify")
)

// Verifier verifies signatures of one algorithm with one key. It is immutable and safe for concurrent use.
// The zero Verifier refuses every signature.
type Verifier struct {
	alg  Algorithm
	size int // of a signature, in octets

	// alg says which of these is set. There is no interface, because a signature that is passed to an
	// interface escapes to the heap.
	rsa *rsa.PublicKey
	ec  *ecdsa.PublicKey
	ed  ed25519.PublicKey
	mac *macPool
}

// NewVerifier returns a Verifier with a copy of key, which is an *rsa.PublicKey, an *ecdsa.PublicKey, an
// ed25519.PublicKey, or a []byte for an HMAC. It refuses
//
//   - a key whose type or curve does not fit the algorithm,
//   - an RSA modulus that is even, under 2048 or over 16384 bits,
//   - an RSA exponent that is even, below 65537 or over 31 bits,
//   - a point that is not on its curve, at infinity or of small order,
//   - a secret that is shorter than the hash (RFC 7518 §3.2).
func NewVerifier(a Algorithm, key any) (*Verifier, error) {
	v := &Verifier{alg: a}
	var err error
	switch a {
	case RS256, RS384, RS512, PS256, PS384, PS512:
		v.rsa, v.size, err = copyRSA(key)
	case ES256, ES384, ES512:
		v.ec, v.size, err = copyECDSA(a, key)
	case EdDSA, Ed25519:
		v.ed, v.size, err = copyEd25519(key)
	case HS256, HS384, HS512:
		v.mac, v.size, err = newMACPool(a, key)
	default:
		err = errors.New("unknown algorithm")
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// Verify verifies signature over signingInput, and keeps neither. It first checks the length of the
// signature, before any cryptography. It has one error, which does not tell the reason, because that could
// help an attacker.
func (v *Verifier) Verify(signingInput string, signature []byte) error {
	if len(signature) != v.size {
		return errSignature
	}
	input := bytesOf(signingInput)
	ok := false
	switch v.alg {
	case RS256, PS256, ES256:
		digest := sha256.Sum256(input)
		ok = v.public(crypto.SHA256, digest[:], signature)
	case RS384, PS384, ES384:
		digest := sha512.Sum384(input)
		ok = v.public(crypto.SHA384, digest[:], signature)
	case RS512, PS512, ES512:
		digest := sha512.Sum512(input)
		ok = v.public(crypto.SHA512, digest[:], signature)
	case EdDSA, Ed25519:
		ok = ed25519.Verify(v.ed, input, signature)
	case HS256, HS384, HS512:
		ok = v.mac.verify(input, signature)
	}
	if !ok {
		return errSignature
	}
	return nil
}

// public verifies a signature of a public key over a digest.
func (v *Verifier) public(hash crypto.Hash, digest, signature []byte) bool {
	switch v.alg {
	case RS256, RS384, RS512:
		return rsa.VerifyPKCS1v15(v.rsa, hash, digest, signature) == nil
	case PS256, PS384, PS512:
		return rsa.VerifyPSS(v.rsa, hash, digest, signature, &pssOptions) == nil
	default:
		return verifyECDSA(v.ec, digest, signature)
	}
}

// pssOptions requires a salt as long as the hash (RFC 7518 §3.5).
var pssOptions = rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
