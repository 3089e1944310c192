package jose_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"math/big"
	"sync"
	"testing"

	"github.com/bearerguard/bearerguard/internal/jose"
)

var algorithms = []jose.Algorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512,
	jose.EdDSA, jose.Ed25519, jose.HS256, jose.HS384, jose.HS512,
}

var hashes = map[jose.Algorithm]crypto.Hash{
	jose.RS256: crypto.SHA256, jose.RS384: crypto.SHA384, jose.RS512: crypto.SHA512,
	jose.PS256: crypto.SHA256, jose.PS384: crypto.SHA384, jose.PS512: crypto.SHA512,
	jose.ES256: crypto.SHA256, jose.ES384: crypto.SHA384, jose.ES512: crypto.SHA512,
	jose.HS256: crypto.SHA256, jose.HS384: crypto.SHA384, jose.HS512: crypto.SHA512,
}

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

// signer signs with the standard library alone.
type signer struct {
	alg     jose.Algorithm
	private any
	public  any // as NewVerifier takes it
}

func newSigner(t testing.TB, alg jose.Algorithm) signer {
	t.Helper()
	s := signer{alg: alg}
	var err error
	switch alg {
	case jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512:
		k := rsaKey()
		s.private, s.public = k, &k.PublicKey
	case jose.ES256, jose.ES384, jose.ES512:
		curve := map[jose.Algorithm]elliptic.Curve{
			jose.ES256: elliptic.P256(), jose.ES384: elliptic.P384(), jose.ES512: elliptic.P521(),
		}[alg]
		var k *ecdsa.PrivateKey
		if k, err = ecdsa.GenerateKey(curve, rand.Reader); err == nil {
			s.private, s.public = k, &k.PublicKey
		}
	case jose.EdDSA, jose.Ed25519:
		var public ed25519.PublicKey
		public, s.private, err = ed25519.GenerateKey(rand.Reader)
		s.public = public
	default:
		secret := make([]byte, 64)
		_, err = rand.Read(secret)
		s.private, s.public = secret, secret
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s signer) sign(t testing.TB, input string) []byte {
	t.Helper()
	var signature []byte
	var err error
	hash := hashes[s.alg]
	digest := []byte(input)
	if hash != 0 && !s.alg.Symmetric() {
		h := hash.New()
		h.Write(digest)
		digest = h.Sum(nil)
	}
	switch k := s.private.(type) {
	case *rsa.PrivateKey:
		if s.alg >= jose.PS256 {
			signature, err = rsa.SignPSS(rand.Reader, k, hash, digest, &rsa.PSSOptions{SaltLength: hash.Size()})
		} else {
			signature, err = rsa.SignPKCS1v15(rand.Reader, k, hash, digest)
		}
	case *ecdsa.PrivateKey:
		var r, n *big.Int
		if r, n, err = ecdsa.Sign(rand.Reader, k, digest); err == nil {
			size := (k.Params().BitSize + 7) / 8
			signature = append(r.FillBytes(make([]byte, size)), n.FillBytes(make([]byte, size))...)
		}
	case ed25519.PrivateKey:
		signature = ed25519.Sign(k, digest)
	case []byte:
		h := hmac.New(hash.New, k)
		h.Write(digest)
		signature = h.Sum(nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// derSignature encodes r and s in DER, as X.509 does and JWS does not.
func derSignature(t testing.TB, rs []byte) []byte {
	t.Helper()
	half := len(rs) / 2
	der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(rs[:half]), new(big.Int).SetBytes(rs[half:])})
	if err != nil {
		t.Fatal(err)
	}
	return der
}
