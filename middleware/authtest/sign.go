package authtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha256" // for crypto.Hash.New
	_ "crypto/sha512"
	"fmt"
	"math/big"
	"strings"
)

// sign makes the JWS signature of RFC 7518 §3 under any algorithm with which this kind of key can
// sign, even if the specification does not allow the pair, such as ES256 on P-384. It panics if the
// key cannot sign.
func (k *Key) sign(algorithm, input string) []byte {
	hash := hashOf(algorithm)
	var family string
	if hash != 0 && len(algorithm) == len("XX256") {
		family = algorithm[:2]
	}
	var signature []byte
	var err error
	switch private := k.private.(type) {
	case *rsa.PrivateKey:
		switch family {
		case "RS":
			signature, err = rsa.SignPKCS1v15(rand.Reader, private, hash, digest(hash, input))
		case "PS":
			signature, err = rsa.SignPSS(rand.Reader, private, hash, digest(hash, input),
				&rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		}
	case *ecdsa.PrivateKey:
		if family == "ES" {
			var r, s *big.Int
			if r, s, err = ecdsa.Sign(rand.Reader, private, digest(hash, input)); err == nil {
				size := (private.Curve.Params().BitSize + 7) / 8
				signature = make([]byte, 2*size)
				r.FillBytes(signature[:size])
				s.FillBytes(signature[size:])
			}
		}
	case ed25519.PrivateKey:
		if algorithm == "EdDSA" || algorithm == "Ed25519" {
			signature = ed25519.Sign(private, []byte(input))
		}
	case []byte:
		if family == "HS" {
			mac := hmac.New(hash.New, private)
			mac.Write([]byte(input))
			signature = mac.Sum(nil)
		}
	}
	if signature == nil {
		panic(fmt.Sprintf("authtest: a key for %s cannot sign %s: %v", k.algorithm, algorithm, err))
	}
	return signature
}

func digest(hash crypto.Hash, input string) []byte {
	h := hash.New()
	h.Write([]byte(input))
	return h.Sum(nil)
}

// hashOf returns the hash that the end of an algorithm's name says, or 0 if there is none.
func hashOf(algorithm string) crypto.Hash {
	switch {
	case strings.HasSuffix(algorithm, "256"):
		return crypto.SHA256
	case strings.HasSuffix(algorithm, "384"):
		return crypto.SHA384
	case strings.HasSuffix(algorithm, "512"):
		return crypto.SHA512
	default:
		return 0
	}
}
