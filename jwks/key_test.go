package jwks_test

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bearerguard/bearerguard/jwks"
)

var (
	rsaKey  = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	ecKey   = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	ec384   = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) })
	ec521   = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)) })
	weakRSA = sync.OnceValue(func() *rsa.PublicKey {
		return &rsa.PublicKey{
			N: new(big.Int).Rsh(rsaKey().N, 1025).SetBit(new(big.Int).Rsh(rsaKey().N, 1025), 0, 1), E: 65537,
		}
	})
	secret = []byte(strings.Repeat("s", 64))
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

const input = "header.payload"

func sum256() []byte { s := sha256.Sum256([]byte(input)); return s[:] }

func sum384() []byte { s := sha512.Sum384([]byte(input)); return s[:] }

func sum512() []byte { s := sha512.Sum512([]byte(input)); return s[:] }

// signatures has a signature of input for each algorithm, made with the standard library.
var signatures = sync.OnceValue(func() map[string][]byte {
	k := rsaKey()
	salted := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
	ec := func(k *ecdsa.PrivateKey, sum []byte, size int) []byte {
		r, s, err := ecdsa.Sign(rand.Reader, k, sum)
		must(0, err)
		return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(input))
	ed := ed25519.Sign(edKey(1), []byte(input))
	return map[string][]byte{
		"RS256": must(rsa.SignPKCS1v15(nil, k, crypto.SHA256, sum256())),
		"RS384": must(rsa.SignPKCS1v15(nil, k, crypto.SHA384, sum384())),
		"RS512": must(rsa.SignPKCS1v15(nil, k, crypto.SHA512, sum512())),
		"PS256": must(rsa.SignPSS(rand.Reader, k, crypto.SHA256, sum256(), salted)),
		"PS384": must(rsa.SignPSS(rand.Reader, k, crypto.SHA384, sum384(), salted)),
		"PS512": must(rsa.SignPSS(rand.Reader, k, crypto.SHA512, sum512(), salted)),
		"ES256": ec(ecKey(), sum256(), 32), "ES384": ec(ec384(), sum384(), 48), "ES512": ec(ec521(), sum512(), 66),
		"EdDSA": ed, "Ed25519": ed, "HS256": mac.Sum(nil),
	}
})

// served returns the algorithms for which the key accepts the signature.
func served(k *jwks.Key) (algs []string) {
	for alg, signature := range signatures() {
		if k.Verify(alg, input, signature) == nil {
			algs = append(algs, alg)
		}
	}
	slices.Sort(algs)
	return algs
}

func TestNewKeyServes(t *testing.T) {
	rows := []struct {
		name, alg string
		pub       crypto.PublicKey
		want      string
	}{
		{"RSA without alg: every RSA algorithm", "", &rsaKey().PublicKey, "PS256 PS384 PS512 RS256 RS384 RS512"},
		{"RSA with alg: that one", "PS384", &rsaKey().PublicKey, "PS384"},
		{"P-256 without alg", "", &ecKey().PublicKey, "ES256"},
		{"P-384 without alg", "", &ec384().PublicKey, "ES384"},
		{"P-521 without alg", "", &ec521().PublicKey, "ES512"},
		{"P-256 with its alg", "ES256", &ecKey().PublicKey, "ES256"},
		{"Ed25519 without alg: both names", "", edPublic(1), "Ed25519 EdDSA"},
		{"Ed25519 as EdDSA", "EdDSA", edPublic(1), "EdDSA"},
		{"Ed25519 as Ed25519", "Ed25519", edPublic(1), "Ed25519"},
	}
	for _, row := range rows {
		k, err := jwks.NewKey("kid", row.alg, row.pub)
		if err != nil {
			t.Errorf("%s: got error %v, want none", row.name, err)
			continue
		}
		if got := strings.Join(served(k), " "); got != row.want {
			t.Errorf("%s: got a key that serves %s, want %s", row.name, got, row.want)
		}
		if k.ID() != "kid" {
			t.Errorf("%s: got ID %q, want %q", row.name, k.ID(), "kid")
		}
	}
}

func TestNewKeyRefuses(t *testing.T) {
	good := &rsaKey().PublicKey
	x25519 := must(ecdh.X25519().GenerateKey(rand.Reader)).PublicKey()
	p224 := must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader)).PublicKey
	offCurve := &ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(1), Y: big.NewInt(1)}
	rows := []struct {
		name, alg string
		pub       crypto.PublicKey
	}{
		{"nothing", "", nil},
		{"a nil RSA key", "", (*rsa.PublicKey)(nil)},
		{"an RSA key without a modulus", "", &rsa.PublicKey{E: 65537}},
		{"a nil ECDSA key", "", (*ecdsa.PublicKey)(nil)},
		{"an ECDSA key without a point", "", &ecdsa.PublicKey{Curve: elliptic.P256()}},
		{"an ECDSA key without a curve", "", &ecdsa.PublicKey{X: big.NewInt(1), Y: big.NewInt(1)}},
		{"a short Ed25519 key", "", edPublic(1)[:31]},
		{"a private key", "", rsaKey()},
		{"a secret", "", secret},
		{"a secret as HS256", "HS256", secret},
		{"an X25519 key", "", x25519},
		{"P-224", "", &p224},
		{"a point off its curve", "", offCurve},
		{"RSA under 2048 bits", "", weakRSA()},
		{"an even modulus", "", &rsa.PublicKey{N: new(big.Int).Sub(good.N, big.NewInt(1)), E: 65537}},
		{"an even exponent", "", &rsa.PublicKey{N: good.N, E: 65538}},
		{"a tiny exponent", "", &rsa.PublicKey{N: good.N, E: 3}},
		{"a negative modulus", "", &rsa.PublicKey{N: new(big.Int).Neg(good.N), E: 65537}},
		{"RSA as ES256", "ES256", good},
		{"RSA as HS256", "HS256", good},
		{"P-256 as ES384", "ES384", &ecKey().PublicKey},
		{"RSA as none", "none", good},
		{"RSA as an unknown algorithm", "RS1024", good},
		{"RSA in the wrong case", "rs256", good},
	}
	for _, row := range rows {
		if _, err := jwks.NewKey("", row.alg, row.pub); err == nil {
			t.Errorf("%s is accepted, want an error", row.name)
		}
	}
}

func TestKeyVerifyRefuses(t *testing.T) {
	k := must(jwks.NewKey("", "RS256", &rsaKey().PublicKey))
	good := signatures()["RS256"]
	bent := append([]byte{good[0] ^ 1}, good[1:]...)
	rows := []struct {
		name, alg, input string
		signature        []byte
	}{
		{"another text", "RS256", "header.payloae", good},
		{"another signature", "RS256", input, bent},
		{"no signature", "RS256", input, nil},
		{"an algorithm of the type that the key does not serve", "PS256", input, signatures()["PS256"]},
		{"an algorithm of another type", "ES256", input, signatures()["ES256"]},
		{"none", "none", input, nil},
		{"no algorithm", "", input, good},
	}
	for _, row := range rows {
		if k.Verify(row.alg, row.input, row.signature) == nil {
			t.Errorf("%s is accepted, want an error", row.name)
		}
	}
}

func TestNewKeyCopiesTheKey(t *testing.T) {
	pub := slices.Clone(edPublic(1))
	own := slices.Clone(secret)
	modulus := &rsa.PublicKey{N: new(big.Int).Set(rsaKey().N), E: 65537}
	keys := []*jwks.Key{
		must(jwks.NewKey("", "Ed25519", pub)), must(jwks.NewSecret("", "HS256", own)),
		must(jwks.NewKey("", "RS256", modulus)),
	}
	clear(pub)
	clear(own)
	modulus.N.SetInt64(1)
	var got []string
	for _, k := range keys {
		got = append(got, served(k)...)
	}
	if diff := cmp.Diff([]string{"Ed25519", "HS256", "RS256"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNewSecret(t *testing.T) {
	rows := []struct {
		name, alg string
		size      int
		ok        bool
	}{
		{"HS256 with 32 bytes", "HS256", 32, true},
		{"HS256 with 31 bytes", "HS256", 31, false},
		{"HS384 with 48 bytes", "HS384", 48, true},
		{"HS384 with 47 bytes", "HS384", 47, false},
		{"HS512 with 64 bytes", "HS512", 64, true},
		{"HS512 with 63 bytes", "HS512", 63, false},
		{"no secret", "HS256", 0, false},
		{"no algorithm", "", 64, false},
		{"an algorithm for public keys", "RS256", 64, false},
		{"none", "none", 64, false},
	}
	for _, row := range rows {
		k, err := jwks.NewSecret("kid", row.alg, secret[:row.size])
		if (err == nil) != row.ok {
			t.Errorf("%s: got error %v, want none", row.name, err)
		}
		if err != nil && strings.Contains(err.Error(), "needs one of") == strings.HasPrefix(row.alg, "HS") {
			t.Errorf("%s: %v does not name the fault", row.name, err)
		}
		if short := "the secret has " + strconv.Itoa(row.size) + " bytes, and " + row.alg + " needs " +
			strconv.Itoa(row.size+1) + " at least"; row.size%16 == 15 && !strings.Contains(err.Error(), short) {
			t.Errorf("%s: got %v, want %s", row.name, err, short)
		}
		if row.ok && k.ID() != "kid" {
			t.Errorf("%s: got ID %q, want %q", row.name, k.ID(), "kid")
		}
	}
}

func TestNewKeySaysWhatIsWrong(t *testing.T) {
	p224 := must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))
	for _, row := range []struct {
		name, alg string
		pub       crypto.PublicKey
		want      string
	}{
		{"a curve that JOSE has no algorithm for", "", &p224.PublicKey, "malformed, weak or on an unsupported curve"},
		{"an algorithm of another type", "ES256", &rsaKey().PublicKey, "does not fit the key"},
		{"a private key", "", rsaKey(), "is not an *rsa.PublicKey"},
	} {
		if _, err := jwks.NewKey("k", row.alg, row.pub); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: got %v, want %q", row.name, err, row.want)
		}
	}
}

func TestNewKeyRefusesIncompleteKeys(t *testing.T) {
	one := big.NewInt(1)
	for name, pub := range map[string]crypto.PublicKey{
		"nothing":                nil,
		"no RSA key":             (*rsa.PublicKey)(nil),
		"an RSA key without n":   &rsa.PublicKey{E: 65537},
		"an RSA key without e":   &rsa.PublicKey{N: rsaKey().N},
		"no EC key":              (*ecdsa.PublicKey)(nil),
		"an EC key without crv":  &ecdsa.PublicKey{X: one, Y: one},
		"an EC key without x":    &ecdsa.PublicKey{Curve: elliptic.P256(), Y: one},
		"an EC key without y":    &ecdsa.PublicKey{Curve: elliptic.P256(), X: one},
		"no Ed25519 key":         ed25519.PublicKey(nil),
		"half of an Ed25519 key": edPublic(1)[:16],
	} {
		if _, err := jwks.NewKey("k", "", pub); err == nil {
			t.Errorf("%s is accepted, want an error", name)
		}
	}
}
