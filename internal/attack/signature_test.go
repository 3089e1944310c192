package attack_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// signatureAttacks change a signature. They start from a genuine one of the issuer if there is one.
func signatureAttacks() []attack {
	const length, inRange, malleable = "RFC 7518 §3.4", "CVE-2022-21449", "RFC 8032 §5.1.7, §8.4"
	ec, n := ourEC(), elliptic.P256().Params().N
	zero, one := new(big.Int), big.NewInt(1)
	point := func(r, s *big.Int) sign { return func(string) []byte { return pair(ec, r, s) } }
	after := func(s sign, change func([]byte) []byte) sign {
		return func(input string) []byte { return change(s(input)) }
	}
	plus := func(octets ...byte) func([]byte) []byte {
		return func(sig []byte) []byte { return append(sig, octets...) }
	}
	first := func(n int) func([]byte) []byte { return func(sig []byte) []byte { return sig[:n] } }

	var out []attack
	add := func(name, reference, header string, sign sign) {
		out = append(out, attack{name: name, reference: reference, send: signed(header, sign), reason: forged})
	}
	const es = "{" + goodHeader + "}"
	add(
		"an ECDSA signature in DER", length, es,
		func(input string) []byte { return must(ecdsa.SignASN1(rand.Reader, ec, sum(input))) },
	)
	add("an ECDSA signature of r alone", length, es, after(es256(ec), first(32)))
	add("an ECDSA signature short of an octet", length, es, after(es256(ec), first(63)))
	add("an ECDSA signature with an octet too many", length, es, after(es256(ec), plus(0)))
	add("an ECDSA signature padded to the length of P-384", length, es, after(es256(ec), func(sig []byte) []byte {
		return slices.Concat(make([]byte, 16), sig[:32], make([]byte, 16), sig[32:])
	}))
	add(
		"an ECDSA signature twice", length, es,
		after(es256(ec), func(sig []byte) []byte { return slices.Concat(sig, sig) }),
	)
	add(
		"an ECDSA signature with its halves swapped", length, es,
		after(es256(ec), func(sig []byte) []byte { return slices.Concat(sig[32:], sig[:32]) }),
	)
	add("r and s zero", inRange, es, point(zero, zero))
	add("r zero", inRange, es, point(zero, one))
	add("s zero", inRange, es, point(one, zero))
	add("r and s of the order of the curve", inRange, es, point(n, n))
	add("r of the order of the curve", inRange, es, point(n, one))
	add("s of the order of the curve", inRange, es, point(one, n))
	add("r and s with every bit set", inRange, es, func(string) []byte { return bytes.Repeat([]byte{0xff}, 64) })
	add("an ECDSA signature of another token", "RFC 7515 §5.2", es, func(string) []byte { return es256(ec)("another") })
	add("an ECDSA signature over another hash", "RFC 7518 §3.4", es, func(input string) []byte {
		digest := sha512.Sum512([]byte(input))
		r, s, err := ecdsa.Sign(rand.Reader, ec, digest[:])
		if err != nil {
			panic(err)
		}
		return pair(ec, r, s)
	})
	add("an ECDSA signature of a stranger", "RFC 7515 §5.2", es, es256(theirEC()))

	const rs, ps = `{"alg":"RS256","kid":"rsa-any"}`, `{"alg":"PS256","kid":"rsa-any"}`
	key := ourRSA()
	add("an RSA-PSS signature under RS256", "RFC 8725 §3.1", rs, ps256(key, rsa.PSSSaltLengthEqualsHash))
	add("a PKCS #1 signature under PS256", "RFC 8725 §3.1", ps, rs256(key))
	add("an RSA-PSS signature without salt", "RFC 7518 §3.5", ps, saltless(key))
	add("an RSA-PSS signature with the longest salt", "RFC 7518 §3.5", ps, ps256(key, rsa.PSSSaltLengthAuto))
	add("a PKCS #1 signature with SHA-512 under RS256", "RFC 7518 §3.3", rs, rs512(key))
	add("a PKCS #1 signature without the name of its hash", "RFC 8017 §9.2", rs, func(input string) []byte {
		return must(rsa.SignPKCS1v15(rand.Reader, key, 0, sum(input)))
	})
	add(
		"an RSA signature with a zero in front", "RFC 8017 §8.2.2", rs,
		after(rs256(key), func(sig []byte) []byte { return append([]byte{0}, sig...) }),
	)
	add("an RSA signature with a zero behind", "RFC 8017 §8.2.2", rs, after(rs256(key), plus(0)))
	add("an RSA signature of zero", "RFC 8017 §5.2.2", rs, func(string) []byte { return make([]byte, key.Size()) })
	add(
		"an RSA signature of one", "RFC 8017 §5.2.2", rs,
		func(string) []byte { return big.NewInt(1).FillBytes(make([]byte, key.Size())) },
	)
	add("an RSA signature of a stranger", "RFC 7515 §5.2", rs, rs256(theirRSA()))
	const garbage = "CVE-2006-4339; Bleichenbacher 2006"
	add("an RSA signature with garbage after the digest", garbage, rs, func(input string) []byte {
		em := pkcs1(new(big.Int).Rsh(key.N, 512), input) // the padding is shorter and moved up, and the garbage is zeros
		em.Lsh(em, 512)
		return em.Exp(em, key.D, key.N).FillBytes(make([]byte, key.Size()))
	})
	out = append(out, attack{
		name: "an RSA signature with the modulus added", reference: "RFC 8017 §5.2.2", reason: forged,
		send: func(w *world) request {
			for i := 0; ; i++ {
				input := b64(rs) + "." + b64(fmt.Sprintf(`{%s,"jti":"%d"}`, goodClaims, i))
				s := new(big.Int).SetBytes(rs256(key)(input))
				if s.Add(s, key.N).BitLen() <= key.N.BitLen() {
					return bearer(input + "." + b64(s.FillBytes(make([]byte, key.Size()))))
				}
			}
		},
	})

	const ed = `{"alg":"EdDSA","kid":"ed"}`
	edKey := ourEd25519()
	add("an Ed25519 signature whose S is not reduced", malleable, ed, after(eddsa(edKey), func(sig []byte) []byte {
		order, _ := new(big.Int).SetString("27742317777372353535851937790883648493", 10)
		order.Add(order, new(big.Int).Lsh(one, 252))
		s := slices.Clone(sig[32:])
		slices.Reverse(s)
		little := new(big.Int).Add(new(big.Int).SetBytes(s), order).FillBytes(make([]byte, 32))
		slices.Reverse(little)
		return append(sig[:32], little...)
	}))
	add("an Ed25519 signature of zeros", malleable, ed, func(string) []byte { return make([]byte, 64) })
	add("an Ed25519 signature short of an octet", malleable, ed, after(eddsa(edKey), first(63)))
	add("an Ed25519 signature with an octet too many", malleable, ed, after(eddsa(edKey), plus(0)))
	add("an Ed25519 signature over the hash of the token", "RFC 8037 §3.1", ed, func(input string) []byte {
		digest := sha512.Sum512([]byte(input))
		return must(edKey.Sign(rand.Reader, digest[:], &ed25519.Options{Hash: crypto.SHA512}))
	})

	const claims = "CVE-2024-51744"
	return append(out,
		attack{name: "a forged token that has expired too", reference: claims, send: func(*world) request {
			return bearer(seal(b64(es), b64(`{"iss":"https://issuer.test","aud":"https://api.test","exp":1}`), es256(theirEC())))
		}, reason: forged},
		attack{
			name: "a good token with its subject changed", reference: "RFC 7515 §5.2", reason: forged,
			send: tampered(func(s string) string {
				parts := strings.Split(s, ".")
				return parts[0] + "." + b64("{"+goodClaims+`,"scope":"admin"}`) + "." + parts[2]
			}),
		},
		attack{name: "a good token with its header written anew", reference: "RFC 7515 §5.2", send: func(*world) request {
			good := seal(b64(es), b64("{"+goodClaims+"}"), es256(ec))
			return bearer(b64("{ "+goodHeader+"}") + good[strings.IndexByte(good, '.'):])
		}, reason: forged},
	)
}

// saltless signs with RSA-PSS without a salt (RFC 8017 §9.1.1). The options of crypto/rsa cannot ask
// for that, because 0 means the longest salt.
func saltless(key *rsa.PrivateKey) sign {
	return func(input string) []byte {
		hash := func(octets []byte) []byte { return sum(string(octets)) }
		h := hash(append(make([]byte, 8), sum(input)...))
		size := key.Size()
		db := make([]byte, size-len(h)-1)
		db[len(db)-1] = 1
		for i, block := 0, uint32(0); i < len(db); block++ { // MGF1
			for _, o := range hash(append(slices.Clone(h), byte(block>>24), byte(block>>16), byte(block>>8), byte(block))) {
				if i < len(db) {
					db[i] ^= o
					i++
				}
			}
		}
		db[0] &= 0x7f
		em := new(big.Int).SetBytes(slices.Concat(db, h, []byte{0xbc}))
		return em.Exp(em, key.D, key.N).FillBytes(make([]byte, size))
	}
}
