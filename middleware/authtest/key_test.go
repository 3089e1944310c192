package authtest_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jws"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// jwx verifies a token of every algorithm with the published JWK.
func TestSignatures(t *testing.T) {
	keys := map[string]*authtest.Key{}
	for _, algorithm := range []string{
		"RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA", "Ed25519", "HS256", "HS384", "HS512",
	} {
		keys[algorithm] = mustKey(t, algorithm)
	}
	issuer := newIssuer(t, authtest.Config{})
	for _, c := range []struct {
		name, key string
		algorithm string
		size      int
	}{
		{"RS256", "RS256", "RS256", 256},
		{"RS384 with any RSA key", "RS256", "RS384", 256},
		{"RS512 with any RSA key", "RS256", "RS512", 256},
		{"PS256", "PS256", "PS256", 256},
		{"PS384 with any RSA key", "PS256", "PS384", 256},
		{"PS512 with any RSA key", "PS256", "PS512", 256},
		{"ES256", "ES256", "ES256", 64},
		{"ES384", "ES384", "ES384", 96},
		{"ES512", "ES512", "ES512", 132},
		{"EdDSA", "EdDSA", "EdDSA", 64},
		{"Ed25519, which jwx calls EdDSA", "Ed25519", "EdDSA", 64},
		{"HS256", "HS256", "HS256", 32},
		{"HS384", "HS384", "HS384", 48},
		{"HS512", "HS512", "HS512", 64},
	} {
		t.Run(c.name, func(t *testing.T) {
			key := keys[c.key]
			octets, err := json.Marshal(key.JWK())
			if err != nil {
				t.Fatal(err)
			}
			public, err := jwk.ParseKey(octets)
			if err != nil {
				t.Fatal(err)
			}
			if err := public.Set(jwk.AlgorithmKey, jwa.SignatureAlgorithm(c.algorithm)); err != nil {
				t.Fatal(err)
			}
			token := issuer.Mint(authtest.Token{Key: key, Algorithm: c.algorithm})
			with := jws.WithKey(jwa.SignatureAlgorithm(c.algorithm), public)
			if _, err := jws.Verify([]byte(token), with); err != nil {
				t.Error(err)
			}
			if _, _, signature := split(t, token); len(signature) != c.size {
				t.Errorf("a signature of %d octets, want %d", len(signature), c.size)
			}
			forged := issuer.Mint(authtest.Token{Key: mustKey(t, strings.Replace(c.key, "P", "R", 1)), Algorithm: c.algorithm})
			if _, err := jws.Verify([]byte(forged), with); err == nil {
				t.Error("another key's signature passes too")
			}
		})
	}
}

func TestPSSSaltIsAsLongAsTheHash(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Algorithm: "PS256"})
	token := issuer.Mint(authtest.Token{})
	input := token[:strings.LastIndex(token, ".")]
	_, _, signature := split(t, token)
	digest := sha256.Sum256([]byte(input))
	public := issuer.Key().Public().(*rsa.PublicKey)
	err := rsa.VerifyPSS(public, crypto.SHA256, digest[:], []byte(signature), &rsa.PSSOptions{SaltLength: 32})
	if err != nil {
		t.Error(err)
	}
}

// The alg and the curve need not fit together, because a test may need such a token to see
// it refused.
func TestECDSAOnAForeignCurve(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Algorithm: "ES384"})
	token := issuer.Mint(authtest.Token{Algorithm: "ES256"})
	_, _, signature := split(t, token)
	digest := sha256.Sum256([]byte(token[:strings.LastIndex(token, ".")]))
	r, s := new(big.Int).SetBytes([]byte(signature[:48])), new(big.Int).SetBytes([]byte(signature[48:]))
	if !ecdsa.Verify(issuer.Key().Public().(*ecdsa.PublicKey), digest[:], r, s) {
		t.Error("does not verify as ECDSA on P-384 with SHA-256")
	}
}

func TestJWK(t *testing.T) {
	for algorithm, want := range map[string][]string{
		"RS256":   {"alg", "e", "kid", "kty", "n", "use"},
		"ES256":   {"alg", "crv", "kid", "kty", "use", "x", "y"},
		"Ed25519": {"alg", "crv", "kid", "kty", "use", "x"},
		"HS256":   {"alg", "k", "kid", "kty", "use"},
	} {
		key := mustKey(t, algorithm)
		got := key.JWK()
		members := []string{}
		for name := range got {
			members = append(members, name)
		}
		slices.Sort(members)
		if diff := cmp.Diff(want, members); diff != "" {
			t.Errorf("%s: more or less than the public key:\n%s", algorithm, diff)
		}
		if key.Algorithm() != algorithm || got["kid"] != key.ID() || got["alg"] != algorithm || got["use"] != "sig" {
			t.Errorf("%s: %v", algorithm, got)
		}
		got["kid"] = "edited"
		if key.JWK()["kid"] != key.ID() || key.ID() == "edited" {
			t.Errorf("%s: an edit reaches the key", algorithm)
		}
	}
}

// One coordinate in 256 begins with a zero octet, which RFC 7518 §6.2.1.2 keeps.
func TestJWKCoordinatesKeepTheirLength(t *testing.T) {
	for algorithm, size := range map[string]int{"ES256": 43, "ES384": 64, "ES512": 88} {
		for range 40 {
			jwk := mustKey(t, algorithm).JWK()
			if x, y := jwk["x"].(string), jwk["y"].(string); len(x) != size || len(y) != size {
				t.Fatalf("%s: %s, %s", algorithm, x, y)
			}
		}
	}
}

func TestPublicAndSecret(t *testing.T) {
	if _, ok := mustKey(t, "RS512").Public().(*rsa.PublicKey); !ok {
		t.Error("RS512")
	}
	if _, ok := mustKey(t, "ES512").Public().(*ecdsa.PublicKey); !ok {
		t.Error("ES512")
	}
	if _, ok := mustKey(t, "EdDSA").Public().(ed25519.PublicKey); !ok {
		t.Error("EdDSA")
	}
	if mustKey(t, "EdDSA").Secret() != nil {
		t.Error("a private key is handed out as a secret")
	}
	for algorithm, size := range map[string]int{"HS256": 32, "HS384": 48, "HS512": 64} {
		key := mustKey(t, algorithm)
		if key.Public() != nil {
			t.Errorf("%s: a public half", algorithm)
		}
		secret := key.Secret()
		if len(secret) != size {
			t.Errorf("%s: %d octets", algorithm, len(secret))
		}
		secret[0]++
		if bytes.Equal(secret, key.Secret()) {
			t.Errorf("%s: Secret is no copy", algorithm)
		}
	}
	octets := []byte("secret")
	key := authtest.KeyFromSecret("id", octets)
	octets[0] = 'x'
	if key.ID() != "id" || string(key.Secret()) != "secret" {
		t.Errorf("%s %s", key.ID(), key.Secret())
	}
}

func TestKeysAreFresh(t *testing.T) {
	for _, algorithm := range []string{"RS256", "ES256", "EdDSA", "HS256"} {
		a, b := mustKey(t, algorithm).JWK(), mustKey(t, algorithm).JWK()
		for _, member := range []string{"kid", "n", "x", "k"} {
			if a[member] != nil && a[member] == b[member] {
				t.Errorf("%s: two keys with one %s", algorithm, member)
			}
		}
	}
}

func TestNewKeyRefuses(t *testing.T) {
	for _, algorithm := range []string{"", "none", "es256", "ES256K", "HS128", "Ed448", "RSA-OAEP"} {
		if key, err := authtest.NewKey(algorithm); err == nil || key != nil {
			t.Errorf("NewKey(%q) = %v, %v", algorithm, key, err)
		}
	}
}
