package peers

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"math/big"
	"strings"

	"github.com/bearerguard/bearerguard/benchmarks/internal/workload"
)

var errSignature = errors.New("the signature is not good")

// NewFloor returns a check of one token's signature by the standard library, and of nothing else. All that
// can be prepared is prepared, including the keyed HMAC. A library that verifies the same signature with
// the standard library cannot be faster.
func NewFloor(w *workload.World, token string) (func() error, error) {
	dot := strings.LastIndexByte(token, '.')
	input := []byte(token[:dot])
	signature, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
	if err != nil {
		return nil, err
	}
	verdict := func(ok bool) error {
		if !ok {
			return errSignature
		}
		return nil
	}
	switch key := w.VerifyKey().(type) {
	case *rsa.PublicKey:
		if w.Algorithm == "PS256" {
			options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
			return func() error {
				digest := sha256.Sum256(input)
				return rsa.VerifyPSS(key, crypto.SHA256, digest[:], signature, options)
			}, nil
		}
		return func() error {
			digest := sha256.Sum256(input)
			return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature)
		}, nil
	case *ecdsa.PublicKey:
		half := len(signature) / 2
		der, err := asn1.Marshal(struct{ R, S *big.Int }{
			new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:]),
		})
		if err != nil {
			return nil, err
		}
		if w.Algorithm == "ES384" {
			return func() error {
				digest := sha512.Sum384(input)
				return verdict(ecdsa.VerifyASN1(key, digest[:], der))
			}, nil
		}
		return func() error {
			digest := sha256.Sum256(input)
			return verdict(ecdsa.VerifyASN1(key, digest[:], der))
		}, nil
	case ed25519.PublicKey:
		return func() error { return verdict(ed25519.Verify(key, input, signature)) }, nil
	case []byte:
		mac := hmac.New(sha256.New, key)
		sum := make([]byte, 0, sha256.Size)
		return func() error {
			mac.Reset()
			mac.Write(input)
			return verdict(hmac.Equal(mac.Sum(sum), signature))
		}, nil
	}
	return nil, errKeyType
}
