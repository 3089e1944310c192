package authtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"math/big"
	"slices"
)

// A Key signs tokens. It never changes and may be shared between tests, goroutines and issuers.
type Key struct {
	id        string
	algorithm string
	private   any // *rsa.PrivateKey, *ecdsa.PrivateKey, ed25519.PrivateKey or []byte
}

// NewKey makes a key with a random kid for an algorithm of RFC 7518 §3.1 (RS256 to PS512, ES256,
// ES384, ES512, HS256 to HS512), for EdDSA (RFC 8037) or for Ed25519 (RFC 9864). RSA keys have
// 2048 bits.
//
// Every call generates a key. For RSA that can take some tenths of a second. NewKey never returns the
// same key twice, because a test of another key's signature would then prove nothing. Tests that need
// many RSA tokens share a Key:
//
//	var rsaKey = sync.OnceValues(func() (*authtest.Key, error) { return authtest.NewKey("RS256") })
func NewKey(algorithm string) (*Key, error) {
	var private any
	var err error
	switch algorithm {
	case "RS256", "RS384", "RS512", "PS256", "PS384", "PS512":
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	case "ES256":
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ES384":
		private, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "ES512":
		private, err = ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case "EdDSA", "Ed25519":
		_, private, err = ed25519.GenerateKey(rand.Reader)
	case "HS256", "HS384", "HS512":
		// As long as the hash: the minimum of RFC 7518 §3.2.
		secret := make([]byte, hashOf(algorithm).Size())
		_, err = rand.Read(secret)
		private = secret
	default:
		return nil, fmt.Errorf("authtest: unknown algorithm %q", algorithm)
	}
	if err != nil {
		return nil, fmt.Errorf("authtest: %w", err)
	}
	return &Key{id: "key-" + rand.Text()[:10], algorithm: algorithm, private: private}, nil
}

// KeyFromSecret makes an HS256 key of a secret that the API shares. Pass the octets of a public key (its
// PEM, DER or JWK) as the secret to forge a token that confuses RS256 with HS256:
//
//	der, _ := x509.MarshalPKIXPublicKey(issuer.Key().Public())
//	forged := issuer.Mint(authtest.Token{Key: authtest.KeyFromSecret(issuer.Key().ID(), der)})
func KeyFromSecret(kid string, secret []byte) *Key {
	return &Key{id: kid, algorithm: "HS256", private: slices.Clone(secret)}
}

// ID is the kid.
func (k *Key) ID() string { return k.id }

// Algorithm is the alg that the key was made for.
func (k *Key) Algorithm() string { return k.algorithm }

// Public is the public half, a *rsa.PublicKey, *ecdsa.PublicKey or ed25519.PublicKey, and nil
// for a symmetric key.
func (k *Key) Public() crypto.PublicKey {
	if signer, ok := k.private.(crypto.Signer); ok {
		return signer.Public()
	}
	return nil
}

// Secret is a copy of the octets of a symmetric key, and nil for any other.
func (k *Key) Secret() []byte {
	secret, _ := k.private.([]byte)
	return slices.Clone(secret)
}

// JWK returns the key as a JWK (RFC 7517) with kid, alg and use. It holds the public half only. A
// symmetric key has no public half, so its JWK holds the secret (kty "oct"). The caller may edit the map
// and give it to [Issuer.PublishJWK].
func (k *Key) JWK() map[string]any {
	jwk := map[string]any{"kid": k.id, "alg": k.algorithm, "use": "sig"}
	switch private := k.private.(type) {
	case *rsa.PrivateKey:
		jwk["kty"] = "RSA"
		jwk["n"] = encode(private.N.Bytes())
		jwk["e"] = encode(big.NewInt(int64(private.E)).Bytes())
	case *ecdsa.PrivateKey:
		point, err := private.PublicKey.Bytes()
		if err != nil {
			panic(err) // every key of this type was generated on a NIST curve
		}
		x, y := point[1:1+len(point)/2], point[1+len(point)/2:]
		jwk["kty"], jwk["crv"] = "EC", private.Curve.Params().Name
		jwk["x"], jwk["y"] = encode(x), encode(y)
	case ed25519.PrivateKey:
		jwk["kty"], jwk["crv"] = "OKP", "Ed25519"
		jwk["x"] = encode(private.Public().(ed25519.PublicKey))
	case []byte:
		jwk["kty"], jwk["k"] = "oct", encode(private)
	}
	return jwk
}
