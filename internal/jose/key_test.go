package jose_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/hex"
	"math/big"
	"slices"
	"testing"

	"github.com/bearerguard/bearerguard/internal/jose"
)

// modulus returns an odd number of that many bits.
func modulus(bits uint) *big.Int {
	n := new(big.Int).Lsh(big.NewInt(1), bits-1)
	return n.Add(n, big.NewInt(0x10001))
}

func ecKey(curve elliptic.Curve) *ecdsa.PublicKey {
	p := curve.Params()
	return &ecdsa.PublicKey{Curve: curve, X: new(big.Int).Set(p.Gx), Y: new(big.Int).Set(p.Gy)}
}

func edKey(s string) ed25519.PublicKey {
	k, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return k
}

// customCurve is a user's own curve with the parameters of P-256.
type customCurve struct{ elliptic.Curve }

func TestNewVerifier(t *testing.T) {
	p256 := func(x, y *big.Int) *ecdsa.PublicKey { return &ecdsa.PublicKey{Curve: elliptic.P256(), X: x, Y: y} }
	gx, gy, prime := elliptic.P256().Params().Gx, elliptic.P256().Params().Gy, elliptic.P256().Params().P
	plus := func(a *big.Int, b int64) *big.Int { return new(big.Int).Add(a, big.NewInt(b)) }
	past31 := int64(1<<31 + 1)
	goodEd := edKey("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a") // RFC 8032 §7.1, test 1
	for _, row := range []struct {
		name string
		alg  jose.Algorithm
		key  any
		ok   bool
	}{
		{"RSA of 2048 bits", jose.RS256, &rsa.PublicKey{N: modulus(2048), E: 65537}, true},
		{"RSA of 16384 bits", jose.PS512, &rsa.PublicKey{N: modulus(16384), E: 65537}, true},
		{"RSA of an odd number of bits", jose.PS256, &rsa.PublicKey{N: modulus(2049), E: 65537}, true},
		{"RSA with the largest exponent", jose.RS256, &rsa.PublicKey{N: modulus(2048), E: 1<<31 - 1}, true},
		{"P-256 for ES256", jose.ES256, ecKey(elliptic.P256()), true},
		{"P-384 for ES384", jose.ES384, ecKey(elliptic.P384()), true},
		{"P-521 for ES512", jose.ES512, ecKey(elliptic.P521()), true},
		{"Ed25519 for EdDSA", jose.EdDSA, goodEd, true},
		{"Ed25519 for Ed25519", jose.Ed25519, goodEd, true},
		{"Ed25519 with the smallest y that is a point of large order", jose.EdDSA, edKey("03" + zeros(30) + "00"), true},
		{"a secret of 32 octets for HS256", jose.HS256, make([]byte, 32), true},
		{"a secret of 48 octets for HS384", jose.HS384, make([]byte, 48), true},
		{"a secret of 64 octets for HS512", jose.HS512, make([]byte, 64), true},
		{"a secret longer than a block", jose.HS256, make([]byte, 1000), true},

		{"no algorithm", 0, make([]byte, 64), false},
		{"an unknown algorithm", 99, make([]byte, 64), false},
		{"no key for RS256", jose.RS256, nil, false},
		{"no key for ES256", jose.ES256, nil, false},
		{"no key for EdDSA", jose.EdDSA, nil, false},
		{"no key for HS256", jose.HS256, nil, false},
		{"a typed nil for RS256", jose.RS256, (*rsa.PublicKey)(nil), false},
		{"a typed nil for PS256", jose.PS256, (*rsa.PublicKey)(nil), false},
		{"a typed nil for ES256", jose.ES256, (*ecdsa.PublicKey)(nil), false},
		{"a typed nil for EdDSA", jose.EdDSA, ed25519.PublicKey(nil), false},
		{"a typed nil for HS256", jose.HS256, []byte(nil), false},
		{"an RSA key without a modulus", jose.RS256, &rsa.PublicKey{E: 65537}, false},
		{"an EC key without anything", jose.ES256, &ecdsa.PublicKey{}, false},
		{"an EC key without a curve", jose.ES256, &ecdsa.PublicKey{X: gx, Y: gy}, false},
		{"an EC key without x", jose.ES256, p256(nil, gy), false},
		{"an EC key without y", jose.ES256, p256(gx, nil), false},

		{"an EC key for RS256", jose.RS256, ecKey(elliptic.P256()), false},
		{"an RSA key for ES256", jose.ES256, &rsa.PublicKey{N: modulus(2048), E: 65537}, false},
		{"an RSA key for EdDSA", jose.EdDSA, &rsa.PublicKey{N: modulus(2048), E: 65537}, false},
		{"an RSA key for HS256", jose.HS256, &rsa.PublicKey{N: modulus(2048), E: 65537}, false},
		{"an Ed25519 key for HS256", jose.HS256, goodEd, false},
		{"octets for EdDSA", jose.EdDSA, []byte(goodEd), false},
		{"a string for HS256", jose.HS256, string(make([]byte, 64)), false},
		{"a private RSA key", jose.RS256, rsaKey(), false},
		{"an RSA key by value", jose.RS256, rsa.PublicKey{N: modulus(2048), E: 65537}, false},
		{"an X25519 key for EdDSA", jose.EdDSA, &ecdh.PublicKey{}, false},

		{"RSA of 2047 bits", jose.RS256, &rsa.PublicKey{N: modulus(2047), E: 65537}, false},
		{"RSA of 16385 bits", jose.RS256, &rsa.PublicKey{N: modulus(16385), E: 65537}, false},
		{"RSA with a modulus of zero", jose.RS256, &rsa.PublicKey{N: new(big.Int), E: 65537}, false},
		{"RSA with a negative modulus", jose.RS256, &rsa.PublicKey{N: new(big.Int).Neg(modulus(2048)), E: 65537}, false},
		{"RSA with an even modulus", jose.RS256, &rsa.PublicKey{N: plus(modulus(2048), 1), E: 65537}, false},
		{"RSA with exponent 0", jose.RS256, &rsa.PublicKey{N: modulus(2048)}, false},
		{"RSA with exponent 1", jose.RS256, &rsa.PublicKey{N: modulus(2048), E: 1}, false},
		{"RSA with exponent 3", jose.RS256, &rsa.PublicKey{N: modulus(2048), E: 3}, false},
		{"RSA with exponent 65535", jose.RS256, &rsa.PublicKey{N: modulus(2048), E: 65535}, false},
		{"RSA with an even exponent", jose.RS256, &rsa.PublicKey{N: modulus(2048), E: 65538}, false},
		{"RSA with an exponent past 31 bits", jose.RS256, &rsa.PublicKey{N: modulus(2048), E: int(past31)}, false},
		{"RSA with a negative exponent", jose.RS256, &rsa.PublicKey{N: modulus(2048), E: -65537}, false},

		{"P-384 for ES256", jose.ES256, ecKey(elliptic.P384()), false},
		{"P-256 for ES384", jose.ES384, ecKey(elliptic.P256()), false},
		{"P-256 for ES512", jose.ES512, ecKey(elliptic.P256()), false},
		{"P-521 for ES384", jose.ES384, ecKey(elliptic.P521()), false},
		{"P-224 for ES256", jose.ES256, ecKey(elliptic.P224()), false},
		{"a curve of one's own", jose.ES256, &ecdsa.PublicKey{Curve: customCurve{elliptic.P256()}, X: gx, Y: gy}, false},
		{"a generic curve with P-256's parameters", jose.ES256, &ecdsa.PublicKey{Curve: elliptic.P256().Params(), X: gx, Y: gy}, false},
		{"a point beside the curve", jose.ES256, p256(gx, plus(gy, 1)), false},
		{"the point at infinity", jose.ES256, p256(new(big.Int), new(big.Int)), false},
		{"a negative y", jose.ES256, p256(gx, new(big.Int).Neg(gy)), false},
		{"x beyond the field", jose.ES256, p256(new(big.Int).Add(gx, prime), gy), false},
		{"x far beyond the field", jose.ES256, p256(modulus(3000), gy), false},

		{"Ed25519 of 31 octets", jose.EdDSA, goodEd[:31], false},
		{"Ed25519 of 33 octets", jose.EdDSA, append(slices.Clone(goodEd), 0), false},
		{"Ed25519 with y of no point", jose.EdDSA, edKey("02" + zeros(31)), false},
		{"Ed25519 with y of no point, sign set", jose.EdDSA, edKey("07" + zeros(30) + "80"), false},
		{"Ed25519 of order 1", jose.EdDSA, edKey("01" + zeros(31)), false},
		{"Ed25519 of order 1, sign set where x is zero", jose.EdDSA, edKey("01" + zeros(30) + "80"), false},
		{"Ed25519 of order 2", jose.EdDSA, edKey("ec" + ones(30) + "7f"), false},
		{"Ed25519 of order 4", jose.EdDSA, edKey(zeros(32)), false},
		{"Ed25519 of order 4, negative", jose.EdDSA, edKey(zeros(31) + "80"), false},
		{"Ed25519 of order 8, first", jose.EdDSA, edKey("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), false},
		{"Ed25519 of order 8, second", jose.EdDSA, edKey("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"), false},
		{"Ed25519 of order 8, third", jose.EdDSA, edKey("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), false},
		{"Ed25519 of order 8, fourth", jose.EdDSA, edKey("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"), false},
		{"Ed25519 with y beyond the field: 3, a good point, as p+3", jose.EdDSA, edKey("f0" + ones(30) + "7f"), false},
		{"Ed25519 with y = p", jose.EdDSA, edKey("ed" + ones(30) + "7f"), false},
		{"Ed25519 with all bits set", jose.EdDSA, edKey(ones(32)), false},

		{"a secret of 31 octets for HS256", jose.HS256, make([]byte, 31), false},
		{"a secret of 47 octets for HS384", jose.HS384, make([]byte, 47), false},
		{"a secret of 63 octets for HS512", jose.HS512, make([]byte, 63), false},
		{"an empty secret", jose.HS256, []byte{}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			v, err := jose.NewVerifier(row.alg, row.key)
			if (err == nil) != row.ok || (v != nil) != row.ok {
				t.Errorf("got err = %v, want ok %v", err, row.ok)
			}
		})
	}
}

func zeros(n int) string { return hex.EncodeToString(make([]byte, n)) }
func ones(n int) string  { return hex.EncodeToString(bytes.Repeat([]byte{0xff}, n)) }

// TestNewVerifierNamesTheWrongCurve has points that are good on another curve. The error must not call them
// bad points.
func TestNewVerifierNamesTheWrongCurve(t *testing.T) {
	for _, key := range []*ecdsa.PublicKey{
		ecKey(elliptic.P384()), ecKey(elliptic.P224()),
		{Curve: elliptic.P256().Params(), X: big.NewInt(1), Y: big.NewInt(1)},
	} {
		_, err := jose.NewVerifier(jose.ES256, key)
		if want := "the key's curve is not the algorithm's"; err == nil || err.Error() != want {
			t.Errorf("%v: got %v, want %q", key.Params().Name, err, want)
		}
	}
}

func TestNewVerifierTakesRandomEd25519Keys(t *testing.T) {
	for range 50 {
		if _, err := jose.NewVerifier(jose.EdDSA, newSigner(t, jose.EdDSA).public); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNewVerifierCopiesTheKey(t *testing.T) {
	for _, row := range []struct {
		alg   jose.Algorithm
		spoil func(key any)
	}{
		{jose.RS256, func(key any) { k := key.(*rsa.PublicKey); k.N.SetInt64(15); k.E = 3 }},
		{jose.ES256, func(key any) { k := key.(*ecdsa.PublicKey); k.X.SetInt64(1); k.Y = nil }},
		{jose.EdDSA, func(key any) { clear(key.(ed25519.PublicKey)) }},
		{jose.HS256, func(key any) { clear(key.([]byte)) }},
	} {
		s := newSigner(t, row.alg)
		signature := s.sign(t, input)
		if k, ok := s.public.(*rsa.PublicKey); ok { // the change must not reach the key of other tests
			s.public = &rsa.PublicKey{N: new(big.Int).Set(k.N), E: k.E}
		}
		v, err := jose.NewVerifier(row.alg, s.public)
		if err != nil {
			t.Fatal(err)
		}
		row.spoil(s.public)
		if err := v.Verify(input, signature); err != nil {
			t.Errorf("%v: the verifier changed with the key it was given", row.alg)
		}
	}
}
