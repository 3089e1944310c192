package attack_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"math/big"
	"sync"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// badKey is a key that must be left out of a set. An attacker signs tokens with it by sign. If seal
// is not nil, it makes the whole token, because sign is not enough.
type badKey struct {
	name, reference string
	key             any
	alg             string
	sign            sign
	seal            func() string
}

// badKeys returns the bad keys that a set can have beside good ones. Making them takes a second.
var badKeys = sync.OnceValue(func() []badKey {
	const (
		weak     = "RFC 7518 §3.3; RFC 8725 §3.5"
		exponent = "NIST SP 800-56B §6.2; Coppersmith"
		curve    = "RFC 8725 §3.4; invalid curve attack"
		use      = "RFC 7517 §4.2, §4.3"
		private  = "RFC 7517 §9.2"
		form     = "RFC 7517 §5"
		order    = "RFC 8725 §3.4; RFC 8032 §5.1.7; small subgroup"
	)
	ec, their := theirEC(), theirRSA()
	ecKey, rsaKey, edKey := ecJWK("bad", ec), rsaKeyJWK("bad", &their.PublicKey), okpJWK("bad", theirEd25519()[32:])
	half := must(ec.PublicKey.Bytes())
	point := func(x, y []byte) jwk { return edit{"x": b64(x), "y": b64(y)}.over(ecKey) }
	offCurve := new(big.Int).Add(new(big.Int).SetBytes(half[33:]), big.NewInt(1)).FillBytes(make([]byte, 32))
	identity := append([]byte{1}, make([]byte, 31)...)
	alias := append(append([]byte{0xee}, bytesOf(0xff, 30)...), 0x7f) // 1 + p, another encoding of the identity
	anything := func(string) []byte { return append(append([]byte{}, identity...), make([]byte, 32)...) }
	huge := new(big.Int).Lsh(their.N, 18000)
	huge.SetBit(huge, 0, 1)
	p384 := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))

	es, rs := es256(ec), rs256(their)
	keys := []badKey{
		{name: "an elliptic point off its curve", reference: curve, key: point(half[1:33], offCurve), alg: "ES256", sign: es},
		{name: "the elliptic point at infinity", reference: curve, key: point(make([]byte, 32), make([]byte, 32)), alg: "ES256", sign: es},
		{name: "an elliptic point without y", reference: curve, key: edit{"y": nil}.over(ecKey), alg: "ES256", sign: es},
		{name: "an elliptic point of another curve", reference: curve, key: edit{"crv": "P-256"}.over(ecJWK("bad", p384)), alg: "ES256", sign: es256(p384)},
		{name: "a curve that is not supported", reference: "RFC 8812 §3.1", key: edit{"crv": "secp256k1"}.over(ecKey), alg: "ES256", sign: es},
		{name: "a curve in another case", reference: "RFC 7518 §6.2.1.1", key: edit{"crv": "p-256"}.over(ecKey), alg: "ES256", sign: es},
		{name: "an Ed25519 key that verifies any signature", reference: order, key: okpJWK("bad", identity), alg: "EdDSA", sign: anything},
		{name: "the same in another encoding", reference: order, key: okpJWK("bad", alias), alg: "EdDSA", sign: anything},
		{name: "an Ed25519 key short of an octet", reference: "RFC 8037 §2", key: okpJWK("bad", theirEd25519()[33:]), alg: "EdDSA", sign: eddsa(theirEd25519())},
		{name: "an X25519 key", reference: "RFC 8037 §3.2", key: edit{"crv": "X25519"}.over(edKey), alg: "EdDSA", sign: eddsa(theirEd25519())},
		{name: "an Ed448 key", reference: "RFC 8037 §3.1", key: edit{"crv": "Ed448"}.over(edKey), alg: "EdDSA", sign: eddsa(theirEd25519())},

		{name: "a key for encryption", reference: use, key: edit{"use": "enc"}.over(ecKey), alg: "ES256", sign: es},
		{name: "a key for another use", reference: use, key: edit{"use": "SIG"}.over(ecKey), alg: "ES256", sign: es},
		{name: "a key whose use is no string", reference: use, key: edit{"use": []string{"sig"}}.over(ecKey), alg: "ES256", sign: es},
		{name: "a key that must only sign", reference: use, key: edit{"key_ops": []string{"sign"}}.over(ecKey), alg: "ES256", sign: es},
		{name: "a key that must only wrap", reference: use, key: edit{"key_ops": []string{"wrapKey", "encrypt"}}.over(rsaKey), alg: "RS256", sign: rs},
		{name: "a key whose operations are no array", reference: use, key: edit{"key_ops": "verify"}.over(ecKey), alg: "ES256", sign: es},
		{name: "a key for another algorithm", reference: "RFC 7517 §4.4", key: edit{"alg": "ES384"}.over(ecKey), alg: "ES256", sign: es},
		{name: "a key for agreements", reference: "RFC 7517 §4.4", key: edit{"alg": "ECDH-ES"}.over(ecKey), alg: "ES256", sign: es},
		{name: "a key for encryption by its algorithm", reference: "RFC 7517 §4.4", key: edit{"alg": "RSA-OAEP-256"}.over(rsaKey), alg: "RS256", sign: rs},
		{name: "a key for none", reference: "RFC 7517 §4.4", key: edit{"alg": "none"}.over(rsaKey), alg: "RS256", sign: rs},
		{name: "a public key that calls itself a secret's", reference: "RFC 8725 §3.1", key: edit{"alg": "HS256"}.over(rsaKey), alg: "RS256", sign: rs},
		{name: "a key whose algorithm is no string", reference: "RFC 7517 §4.4", key: edit{"alg": 7}.over(rsaKey), alg: "RS256", sign: rs},

		{name: "a private elliptic key", reference: private, key: edit{"d": b64(must(ec.Bytes()))}.over(ecKey), alg: "ES256", sign: es},
		{name: "a private RSA key", reference: private, key: edit{"d": b64(their.D.Bytes()), "p": b64(their.Primes[0].Bytes()), "q": b64(their.Primes[1].Bytes())}.over(rsaKey), alg: "RS256", sign: rs},
		{name: "a private Ed25519 key", reference: private, key: edit{"d": b64(theirEd25519().Seed())}.over(edKey), alg: "EdDSA", sign: eddsa(theirEd25519())},
		{name: "a public key with a secret beside", reference: private, key: edit{"k": "AAAA"}.over(ecKey), alg: "ES256", sign: es},
		{name: "an unknown type of key", reference: form, key: edit{"kty": "AKP"}.over(ecKey), alg: "ES256", sign: es},
		{name: "a key without a type", reference: form, key: edit{"kty": nil}.over(ecKey), alg: "ES256", sign: es},
		{name: "a type of key in another case", reference: form, key: edit{"kty": "ec"}.over(ecKey), alg: "ES256", sign: es},
		{name: "an RSA key without a modulus", reference: form, key: edit{"n": nil}.over(rsaKey), alg: "RS256", sign: rs},
		{name: "a kid that is no string", reference: "RFC 7517 §4.5", key: edit{"kid": []string{"bad"}}.over(ecKey), alg: "ES256", sign: es},
		{name: "a key with a member twice", reference: "RFC 7517 §4", key: raw(ecKey, `,"use":"sig","use":"sig"`), alg: "ES256", sign: es},
		{name: "a key with a member twice in disguise", reference: "RFC 7517 §4", key: raw(ecKey, `,"use":"sig","\u0075se":"enc"`), alg: "ES256", sign: es},
		{name: "a key with a byte that is no UTF-8", reference: "RFC 8259 §8.1", key: raw(ecKey, ",\"x-name\":\"\xff\""), alg: "ES256", sign: es},
		{name: "an RSA exponent that is harmless in its lowest 64 bits", reference: exponent, key: rsaJWK("bad", their.N, new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 64), big.NewInt(65537))), alg: "RS256", sign: rs},
		{name: "an RSA key of 20,000 bits", reference: "CVE-2023-29409", key: rsaJWK("bad", huge, big.NewInt(65537)), alg: "RS256", sign: rs},
		{name: "a modulus with characters that are not base64url", reference: "RFC 7518 §6.3.1.1", key: edit{"n": "!" + rsaKey["n"].(string)[1:]}.over(rsaKey), alg: "RS256", sign: rs},
	}
	for _, r := range []struct {
		name, reference string
		exponent        int64
		primes          []int // sizes in bits
	}{
		{"an RSA key of 512 bits", weak, 65537, []int{256, 256}},
		{"an RSA key of 1024 bits", weak, 65537, []int{512, 512}},
		{"an RSA key of 2047 bits at most", weak, 65537, []int{512, 512, 512, 511}},
		{"an RSA exponent of 1", exponent, 1, []int{516, 516, 516, 516}},
		{"an RSA exponent of 2", exponent, 2, []int{516, 516, 516, 516}},
		{"an RSA exponent of 3", exponent, 3, []int{516, 516, 516, 516}},
		{"an RSA exponent of 65538", exponent, 65538, []int{516, 516, 516, 516}},
		{"an RSA exponent past 31 bits", exponent, 1<<32 + 15, []int{516, 516, 516, 516}},
		{"an even RSA modulus", weak, 65537, []int{2, 516, 516, 516, 516}},
	} {
		key := newRSA(r.exponent, r.primes)
		keys = append(keys, badKey{name: r.name, reference: r.reference, key: rsaJWK("bad", key.n, key.e), seal: key.seal})
	}
	return keys
})

func bytesOf(b byte, n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = b
	}
	return out
}

// raw writes a key with extra members. A map cannot have a member twice.
func raw(key jwk, members string) json.RawMessage {
	text := must(json.Marshal(key))
	return append(append(text[:len(text)-1], members...), '}')
}

// weakRSA is an RSA key that is too weak for the standard library to make.
type weakRSA struct {
	n, e, d *big.Int
	odd     []*big.Int // primes
}

// newRSA makes a key from primes of these sizes; the size 2 means the prime 2. If the exponent is even,
// only squares have a root. The number of squares is odd if each prime is 3 modulo 4.
func newRSA(exponent int64, sizes []int) weakRSA {
	one, two := big.NewInt(1), big.NewInt(2)
	for {
		key := weakRSA{n: big.NewInt(1), e: big.NewInt(exponent)}
		order := big.NewInt(1)
		for _, bits := range sizes {
			if bits == 2 {
				key.n.Mul(key.n, two)
				continue
			}
			p := must(rand.Prime(rand.Reader, bits))
			for p.Bit(1) == 0 {
				p = must(rand.Prime(rand.Reader, bits))
			}
			key.n.Mul(key.n, p)
			key.odd = append(key.odd, p)
			less := new(big.Int).Sub(p, one)
			if key.e.Bit(0) == 0 {
				less.Rsh(less, 1)
			}
			order.Mul(order, less)
		}
		if key.d = new(big.Int).ModInverse(key.e, order); key.d != nil {
			return key
		}
	}
}

// seal tries tokens until the digest of one has a root, and signs that token.
func (k weakRSA) seal() string {
	for i := 0; ; i++ {
		input := b64(`{"alg":"RS256","kid":"bad"}`) + "." + b64(fmt.Sprintf(`{%s,"jti":"%d"}`, goodClaims, i))
		em := pkcs1(k.n, input)
		if k.e.Bit(0) == 0 && !k.isSquare(em) {
			continue
		}
		s := new(big.Int).Exp(em, k.d, k.n)
		if new(big.Int).Exp(s, k.e, k.n).Cmp(em) != 0 {
			panic("a signature that does not verify")
		}
		return input + "." + b64(s.FillBytes(make([]byte, (k.n.BitLen()+7)/8)))
	}
}

func (k weakRSA) isSquare(x *big.Int) bool {
	for _, p := range k.odd {
		if big.Jacobi(new(big.Int).Mod(x, p), p) != 1 {
			return false
		}
	}
	return true
}

func (b badKey) token() string {
	if b.seal != nil {
		return b.seal()
	}
	return seal(b64(`{"alg":"`+b.alg+`","kid":"bad"}`), b64("{"+goodClaims+"}"), b.sign)
}

// In keySetAttacks the issuer publishes a bad key, and an attacker signs with it. Every row checks
// that the good keys still serve. The last row has all bad keys at once.
func keySetAttacks() []attack {
	var out []attack
	all := []any{nil, 7, "key", []any{}, map[string]any{}, true, []any{ecJWK("bad", theirEC())}}
	for _, b := range badKeys() {
		out = append(out, attack{
			name: "a token signed with " + b.name, reference: b.reference, prepare: publish(b.key),
			send: func(*world) request { return bearer(b.token()) }, reason: noKey,
		})
		all = append(all, b.key)
	}
	secret := must(authtest.NewKey("HS256"))
	late := must(authtest.NewKey("ES256"))
	oct := edit{"kid": "ec"}.over(secret.JWK())
	return append(out,
		attack{
			name: "a token signed with a secret under the kid of a good key", reference: "RFC 8725 §3.1",
			prepare: publish(oct), send: func(w *world) request {
				return bearer(w.issuer.Mint(authtest.Token{Key: authtest.KeyFromSecret("ec", secret.Secret())}))
			}, reason: offTheList,
		},
		attack{
			name: "a good token beside a secret of its key's kid", reference: "RFC 7517 §5", prepare: publish(oct),
			send: heading("{" + goodHeader + "}"), code: passes,
		},
		attack{
			name: "a good token beside an RSA key of its key's kid", reference: "RFC 7517 §4.5",
			prepare: publish(rsaKeyJWK("ec", &theirRSA().PublicKey)), send: heading("{" + goodHeader + "}"), code: passes,
		},
		attack{
			name: "a good token of a key that is published twice", reference: "RFC 7517 §4.5",
			prepare: publish(ecJWK("ec", ourEC())), send: heading("{" + goodHeader + "}"), code: passes,
		},
		attack{
			name: "a good token of a key behind bad ones of every kind", reference: "RFC 7517 §5",
			prepare: func(w *world) {
				publish(all...)(w)
				w.issuer.Publish(late)
			}, send: minted(authtest.Token{Key: late}), code: passes,
		},
		attack{
			name: "a token signed with the key of a certificate in a good key", reference: "RFC 7517 §4.7",
			prepare: publish(edit{"x5c": []string{certificate(theirEC())}}.over(ecJWK("certified", ourEC()))),
			send:    signed(`{"alg":"ES256","kid":"certified"}`, es256(theirEC())), reason: forged,
		},
	)
}

// In ambiguousKeyAttacks the issuer gives several keys one kid. All of them are its own. A token passes
// only if it is signed with one of the first four.
func ambiguousKeyAttacks() []attack {
	const reference = "RFC 7517 §4.5; RFC 8725 §3.8"
	twin, ps := `{"alg":"ES256","kid":"twin"}`, `{"alg":"PS256","kid":"twin"}`
	two := publish(ecJWK("twin", ourEC()), ecJWK("twin", theirEC()))
	four := []any{}
	for range 4 {
		four = append(four, ecJWK("twin", must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))))
	}
	nobody := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	return []attack{
		{name: "a token signed with the first of two keys of one kid", reference: reference, prepare: two, send: signed(twin, es256(ourEC())), code: passes},
		{name: "a token signed with the second of two keys of one kid", reference: reference, prepare: two, send: signed(twin, es256(theirEC())), code: passes},
		{name: "a token signed with neither of two keys of one kid", reference: reference, prepare: two, send: signed(twin, es256(nobody)), reason: forged},
		{name: "a token signed with the fifth of five keys of one kid", reference: reference, prepare: publish(append(four, ecJWK("twin", ourEC()))...), send: signed(twin, es256(ourEC())), reason: forged},
		{name: "a token signed with a key after one that is published four times", reference: reference, prepare: publish(four[0], four[0], edit{"alg": "ES256"}.over(four[0].(jwk)), edit{"use": "sig"}.over(four[0].(jwk)), ecJWK("twin", ourEC())), send: signed(twin, es256(ourEC())), code: passes},
		{name: "a token signed with one key under a kid that is bound for one algorithm and free for another", reference: reference, prepare: publish(edit{"alg": "RS256"}.over(rsaKeyJWK("twin", &ourRSA().PublicKey)), rsaKeyJWK("twin", &theirRSA().PublicKey)), send: signed(ps, ps256(ourRSA(), rsa.PSSSaltLengthEqualsHash)), reason: forged},
		{name: "a token signed with a key whose operations say verify twice", reference: "RFC 7517 §4.3", prepare: publish(edit{"key_ops": []string{"verify", "verify"}}.over(ecJWK("twice", theirEC()))), send: signed(`{"alg":"ES256","kid":"twice"}`, es256(theirEC())), reason: noKey},
	}
}
