package attack_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"maps"
	"math/big"
	"strings"
	"sync"
)

// jwk is a JSON Web Key to publish.
type jwk = map[string]any

// sign makes the signature of a token's first two parts.
type sign func(input string) []byte

func b64[T string | []byte](octets T) string {
	return base64.RawURLEncoding.EncodeToString([]byte(octets))
}

func sum(input string) []byte {
	digest := sha256.Sum256([]byte(input))
	return digest[:]
}

// seal signs two parts of a token as they are. They may be badly encoded.
func seal(header, payload string, sign sign) string {
	input := header + "." + payload
	return input + "." + b64(sign(input))
}

// The issuer's keys for tokens that authtest cannot mint. authtest does not give out its own keys.
// These keys are made once for all tests.
var (
	ourEC      = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	ourP384    = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) })
	ourEd25519 = sync.OnceValue(func() ed25519.PrivateKey { return second(ed25519.GenerateKey(rand.Reader)) })
	ourRSA     = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })

	theirEC = sync.OnceValue(
		func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) },
	)
	theirEd25519 = sync.OnceValue(func() ed25519.PrivateKey { return second(ed25519.GenerateKey(rand.Reader)) })
	theirRSA     = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func second[A, B any](_ A, b B, err error) B { return must(b, err) }

// es256 signs on the curve of the key. r and s are as long as the curve requires.
func es256(key *ecdsa.PrivateKey) sign {
	return func(input string) []byte {
		r, s := rs(key, input)
		return pair(key, r, s)
	}
}

func rs(key *ecdsa.PrivateKey, input string) (r, s *big.Int) {
	r, s, err := ecdsa.Sign(rand.Reader, key, sum(input))
	if err != nil {
		panic(err)
	}
	return r, s
}

// pair writes r and s as RFC 7518 §3.4 does.
func pair(key *ecdsa.PrivateKey, r, s *big.Int) []byte {
	size := (key.Curve.Params().BitSize + 7) / 8
	out := make([]byte, 2*size)
	r.FillBytes(out[:size])
	s.FillBytes(out[size:])
	return out
}

func rs256(key *rsa.PrivateKey) sign {
	return func(input string) []byte { return must(rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum(input))) }
}

func hs256(secret []byte) sign {
	return func(input string) []byte {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(input))
		return mac.Sum(nil)
	}
}

func rs512(key *rsa.PrivateKey) sign {
	return func(input string) []byte {
		digest := sha512.Sum512([]byte(input))
		return must(rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA512, digest[:]))
	}
}

func ps256(key *rsa.PrivateKey, salt int) sign {
	return func(input string) []byte {
		return must(rsa.SignPSS(rand.Reader, key, crypto.SHA256, sum(input), &rsa.PSSOptions{SaltLength: salt}))
	}
}

func eddsa(key ed25519.PrivateKey) sign {
	return func(input string) []byte { return ed25519.Sign(key, []byte(input)) }
}

// pkcs1 returns EMSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §9.2) as a number, for keys with which the
// standard library refuses to sign.
func pkcs1(n *big.Int, input string) *big.Int {
	info := append([]byte{
		0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
	}, sum(input)...)
	size := (n.BitLen() + 7) / 8
	em := "\x00\x01" + strings.Repeat("\xff", size-3-len(info)) + "\x00" + string(info)
	return new(big.Int).SetBytes([]byte(em))
}

func ecJWK(kid string, key *ecdsa.PrivateKey) jwk {
	point := must(key.PublicKey.Bytes())
	half := len(point) / 2
	return jwk{"kid": kid, "kty": "EC", "crv": key.Params().Name, "x": b64(point[1 : 1+half]), "y": b64(point[1+half:])}
}

func rsaJWK(kid string, n, e *big.Int) jwk {
	return jwk{"kid": kid, "kty": "RSA", "n": b64(n.Bytes()), "e": b64(e.Bytes())}
}

func rsaKeyJWK(kid string, key *rsa.PublicKey) jwk {
	return rsaJWK(kid, key.N, big.NewInt(int64(key.E)))
}

func okpJWK(kid string, x []byte) jwk {
	return jwk{"kid": kid, "kty": "OKP", "crv": "Ed25519", "x": b64(x)}
}

// edit replaces members of a key. A nil value removes the member.
type edit map[string]any

func (e edit) over(key jwk) jwk {
	key = maps.Clone(key)
	maps.Copy(key, e)
	maps.DeleteFunc(key, func(_ string, v any) bool { return v == nil })
	return key
}
