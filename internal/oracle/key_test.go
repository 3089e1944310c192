package oracle_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"encoding/asn1"
	"math/big"
	"strings"
)

// The RSA keys of the tests are constants, because a seed must make the same tokens on every machine, and
// crypto/rsa takes no seed. They protect nothing.
const (
	primeP = "c9d9c5122a2e043855b5ce13be848f31c2a3033ed82f191f94b2b7360060ecf6fc8152a92b3831f2d51f020d" +
		"1385646b7f93d71f143eece40dca4983f7aa75c2d03c105ab181bcd0a0ba1557a84fa3a168c1d5f2c607d1e1" +
		"f1ba1e4f47b2e2c037675e56d2f8456232d057090bb56568b94261efd23f34e7dfcfdb12c071541b"
	primeQ = "fc4ddd97ce69ac6467d460d525970d3cee61ae7980bb5ee554628c70196acb16e15bcead58fac735dc472e13" +
		"0ae4be519ecbebfdb3bba9770c1111051762a08c404f39837279586567e8c22bfedc14f79822e952d97c7236" +
		"dd4a12f8f6028bd44e5738aa88fe7eb1de284a35fc14acbc58f44e1a284d378a7206aef1b19c4ab5"
	primeR = "d77637cfb741707a57e2b1668f77982317ca8c07ec4ea960be33fc9832ae25e86795562222af720e8f80b712" +
		"d2c0e07d751f4207dde05e1869b91b777b034c4b5b1fc585858b0380b30513224aa1d3d6477f48edff5d8394" +
		"16284bfb02ee6ab6d780a3d439743da6957d2a7a307831157b3f1eebe3da06bbb27f4cff123a1f8b"
)

// key is one signing key of an issuer.
type key struct {
	kid, alg string
	private  any // *rsa.PrivateKey, *ecdsa.PrivateKey, ed25519.PrivateKey, or []byte for an HMAC secret
}

// The algorithms of the two issuers. One has public keys and one has secrets, because no key set has both.
var (
	publicAlgorithms = []string{
		"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
	}
	secretAlgorithms = []string{"HS256", "HS384", "HS512"}
)

// newKey returns the key of an owner ("issuer", "stranger") for an algorithm. It is always the same.
func newKey(owner, alg string) *key {
	k := &key{kid: "kid-" + alg, alg: alg}
	seed := sha512.Sum512([]byte(owner + alg))
	switch {
	case strings.HasPrefix(alg, "RS") || strings.HasPrefix(alg, "PS"):
		k.private = map[string]*rsa.PrivateKey{"issuer": issuerRSA, "stranger": strangerRSA}[owner]
	case alg == "ES256":
		k.private = scalar(elliptic.P256(), seed[:32])
	case alg == "ES384":
		k.private = scalar(elliptic.P384(), seed[:48])
	case alg == "ES512":
		k.private = scalar(elliptic.P521(), append([]byte{0, 0}, seed[:]...))
	case strings.HasPrefix(alg, "Ed"):
		k.private = ed25519.NewKeyFromSeed(seed[:32])
	default:
		k.private = seed[:]
	}
	return k
}

var (
	issuerRSA   = rsaKey(primeP, primeQ)
	strangerRSA = rsaKey(primeQ, primeR)
)

func rsaKey(p, q string) *rsa.PrivateKey {
	one, e := big.NewInt(1), big.NewInt(65537)
	k := &rsa.PrivateKey{Primes: []*big.Int{hexInt(p), hexInt(q)}}
	k.E, k.N = int(e.Int64()), new(big.Int).Mul(k.Primes[0], k.Primes[1])
	phi := new(big.Int).Mul(new(big.Int).Sub(k.Primes[0], one), new(big.Int).Sub(k.Primes[1], one))
	k.D = new(big.Int).ModInverse(e, phi)
	k.Precompute()
	if err := k.Validate(); err != nil {
		panic(err)
	}
	return k
}

func hexInt(digits string) *big.Int {
	n, _ := new(big.Int).SetString(digits, 16)
	return n
}

func scalar(curve elliptic.Curve, octets []byte) *ecdsa.PrivateKey {
	k, err := ecdsa.ParseRawPrivateKey(curve, octets)
	if err != nil {
		panic(err)
	}
	return k
}

// public returns the public key, or the secret itself for HMAC.
func (k *key) public() any {
	if signer, ok := k.private.(crypto.Signer); ok {
		return signer.Public()
	}
	return k.private
}

func hashOf(alg string) crypto.Hash {
	switch {
	case strings.HasSuffix(alg, "384"):
		return crypto.SHA384
	case strings.HasSuffix(alg, "512"):
		return crypto.SHA512
	default:
		return crypto.SHA256
	}
}

func digest(alg, input string) []byte {
	h := hashOf(alg).New()
	h.Write([]byte(input))
	return h.Sum(nil)
}

// sign makes the signature of RFC 7518 §3 and RFC 8037 §3.1.
func (k *key) sign(alg, input string) []byte {
	var signature []byte
	var err error
	switch private := k.private.(type) {
	case *rsa.PrivateKey:
		if strings.HasPrefix(alg, "PS") {
			return signPSS(private, alg, input, rsa.PSSSaltLengthEqualsHash)
		}
		signature, err = rsa.SignPKCS1v15(nil, private, hashOf(alg), digest(alg, input))
	case *ecdsa.PrivateKey:
		// Without a source of randomness, the signature is always the same (RFC 6979).
		var der []byte
		if der, err = private.Sign(nil, digest(alg, input), hashOf(alg)); err == nil {
			r, s := fromDER(der)
			signature = jwsForm(private.Curve, r, s)
		}
	case ed25519.PrivateKey:
		signature = ed25519.Sign(private, []byte(input))
	case []byte:
		return macOf(private, alg, input)
	}
	if err != nil {
		panic(err)
	}
	return signature
}

func signPSS(k *rsa.PrivateKey, alg, input string, salt int) []byte {
	signature, err := rsa.SignPSS(rand.Reader, k, hashOf(alg), digest(alg, input), &rsa.PSSOptions{SaltLength: salt})
	if err != nil {
		panic(err)
	}
	return signature
}

func macOf(secret []byte, alg, input string) []byte {
	mac := hmac.New(hashOf(alg).New, secret)
	mac.Write([]byte(input))
	return mac.Sum(nil)
}

// jwsForm returns r and s in the form of RFC 7518 §3.4: each is as long as the curve's order.
func jwsForm(curve elliptic.Curve, r, s *big.Int) []byte {
	size := (curve.Params().BitSize + 7) / 8
	out := make([]byte, 2*size)
	r.FillBytes(out[:size])
	s.FillBytes(out[size:])
	return out
}

func fromDER(der []byte) (r, s *big.Int) {
	var pair struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &pair); err != nil {
		panic(err)
	}
	return pair.R, pair.S
}
