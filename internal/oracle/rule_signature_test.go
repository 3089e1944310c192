package oracle_test

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
)

var signatureRules = []rule{
	{"the signature: one bit is another", refuse, func(d *draft) {
		d.signature = func(s []byte) []byte { s[d.r.IntN(len(s))] ^= 1 << d.r.IntN(8); return s }
	}, ""},
	{"the header: one character is another", refuse, func(d *draft) { d.finalToken = respell(d, 0) }, ""},
	{"the payload: one character is another", refuse, func(d *draft) { d.finalToken = respell(d, 1) }, ""},
	{"the signature: an octet short", refuse, octets(func(s []byte) []byte { return s[:len(s)-1] }), ""},
	{"the signature: a zero behind", refuse, octets(func(s []byte) []byte { return append(s, 0) }), ""},
	{"the signature: a zero in front", refuse, octets(func(s []byte) []byte { return append([]byte{0}, s...) }), ""},
	{"the signature: all zeros", refuse, octets(func(s []byte) []byte { return make([]byte, len(s)) }), ""},
	{"the signature: one octet", refuse, octets(func([]byte) []byte { return []byte{1} }), ""},
	{"the signature: twice", refuse, octets(func(s []byte) []byte { return append(s, s...) }), ""},
	{"the signature: of another token", refuse, func(d *draft) {
		d.sign = func(string) []byte { return d.key.sign(d.key.alg, encode(`{}`)+"."+encode(`{}`)) }
	}, ""},
	{"the signature: of the payload alone", refuse, func(d *draft) {
		d.sign = func(input string) []byte { return d.key.sign(d.key.alg, input[strings.IndexByte(input, '.')+1:]) }
	}, ""},
	{"the signature: a stranger's", refuse, func(d *draft) { d.key = stranger(d.key) }, ""},

	{"ECDSA: in DER", refuse, onRS(func(_, r, s *big.Int) []byte { return toDER(r, s) }), "ES"},
	{"ECDSA: r is zero", refuse, onRS(func(n, _, s *big.Int) []byte { return sized(n, new(big.Int), s) }), "ES"},
	{"ECDSA: s is zero", refuse, onRS(func(n, r, _ *big.Int) []byte { return sized(n, r, new(big.Int)) }), "ES"},
	{"ECDSA: r is the order", refuse, onRS(func(n, _, s *big.Int) []byte { return sized(n, n, s) }), "ES"},
	{"ECDSA: s is the order", refuse, onRS(func(n, r, _ *big.Int) []byte { return sized(n, r, n) }), "ES"},
	{"ECDSA: r and s change places", refuse, onRS(func(n, r, s *big.Int) []byte { return sized(n, s, r) }), "ES"},
	{"ECDSA: s is replaced by the order less s", accept, onRS(func(n, r, s *big.Int) []byte { return sized(n, r, new(big.Int).Sub(n, s)) }), "ES"},
	{"ECDSA: s plus the order", refuse, onRS(func(n, r, s *big.Int) []byte { return sized(n, r, new(big.Int).Add(n, s)) }), "ES512"},
	{"Ed25519: S plus the order of the group", refuse, octets(plusOrder), "EdDSA"},
	{"RSA: the signature plus the modulus", refuse, plusModulus, "RS PS"},
	{"RSA-PSS: a salt of no octets", refuse, saltOf(0), "PS"},
	{"RSA-PSS: a salt of one octet less than the hash", refuse, func(d *draft) { saltOf(hashOf(d.key.alg).Size() - 1)(d) }, "PS"},
	{"RSA-PSS: the longest salt", refuse, saltOf(rsa.PSSSaltLengthAuto), "PS"},
	{"HMAC: half of it", refuse, octets(func(s []byte) []byte { return s[:len(s)/2] }), "HS"},
	{"HMAC: of an empty secret", refuse, secret(func(*key) []byte { return nil }), "HS"},
}

// The alg of the header, or of the signature, is not the alg of the key (RFC 8725 §2.1, §3.1).
var confusionRules = []rule{
	{"none: signed all the same", refuse, header("alg", `"none"`), ""},
	{"none: no signature", refuse, unsigned("none"), ""},
	{"none: in other cases, no signature", refuse, func(d *draft) { unsigned([]string{"None", "NONE", "nOnE", "none "}[d.r.IntN(4)])(d) }, ""},
	{"none: no alg and no signature", refuse, func(d *draft) { d.header.remove("alg"); d.finalToken = stripped }, ""},
	{"none: no kid and no signature", refuse, func(d *draft) { d.header.remove("kid"); unsigned("none")(d) }, ""},
	{"HMAC with the public key: DER", refuse, macWith(publicDER), "RS PS ES EdDSA"},
	{"HMAC with the public key: PEM", refuse, macWith(publicPEM), "RS PS ES EdDSA"},
	{"HMAC with the public key: JWK", refuse, macWith(func(k *key) []byte { return []byte(jwkOf(k)) }), "RS PS ES EdDSA"},
	{"HMAC with the public key: PEM, without kid", refuse, func(d *draft) { d.header.remove("kid"); macWith(publicPEM)(d) }, "RS PS ES EdDSA"},
	{"HMAC with an empty secret", refuse, macWith(func(*key) []byte { return nil }), "RS PS ES EdDSA"},
	{"alg says PKCS #1, the signature is PSS", refuse, func(d *draft) { d.signAlg = "PS" + d.key.alg[2:] }, "RS"},
	{"alg says PSS, the signature is PKCS #1", refuse, func(d *draft) { d.signAlg = "RS" + d.key.alg[2:] }, "PS"},
	{"alg and signature are PSS, the key is for PKCS #1", refuse, signedAs(func(alg string) string { return "PS" + alg[2:] }), "RS"},
	{"alg and signature are PKCS #1, the key is for PSS", refuse, signedAs(func(alg string) string { return "RS" + alg[2:] }), "PS"},
	{"alg and signature have another hash than the key, RSA", refuse, signedAs(otherHash), "RS PS"},
	{"alg and signature have another hash than the key, ECDSA", refuse, signedAs(otherHash), "ES"},
	{"alg and signature have another hash than the key, HMAC", refuse, signedAs(otherHash), "HS"},
	{"alg says one hash, the signature has another", refuse, func(d *draft) { d.signAlg = otherHash(d.key.alg) }, "RS PS ES HS"},
	{"alg says Ed25519, the key is for EdDSA", refuse, header("alg", `"Ed25519"`), "EdDSA"},
	{"kid is of another key of the issuer's", refuse, anotherKid, "ES HS"},
	{"kid is of another key of the issuer's with the same modulus", refuse, anotherKid, "RS PS"},
}

func anotherKid(d *draft) { d.header.set("kid", quote("kid-"+otherHash(d.key.alg))) }

func octets(change func([]byte) []byte) func(*draft) {
	return func(d *draft) { d.signature = change }
}

// respell changes one character in a part of a finished token. It is not the last character, because a change
// there may decode to the same octets.
func respell(d *draft, part int) func(string) string {
	return func(token string) string {
		p := parts(token)
		text := []byte(p[part])
		i := d.r.IntN(len(text) - 1)
		text[i] = alphabet[(strings.IndexByte(alphabet, text[i])+1+d.r.IntN(len(alphabet)-1))%len(alphabet)]
		p[part] = string(text)
		return strings.Join(p, ".")
	}
}

// onRS changes an ECDSA signature as numbers. change also gets the curve's order.
func onRS(change func(n, r, s *big.Int) []byte) func(*draft) {
	return func(d *draft) {
		n := d.key.private.(*ecdsa.PrivateKey).Curve.Params().N
		d.signature = func(signature []byte) []byte {
			half := len(signature) / 2
			return change(n, new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:]))
		}
	}
}

func sized(n, r, s *big.Int) []byte {
	size := (n.BitLen() + 7) / 8
	return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
}

func toDER(r, s *big.Int) []byte {
	der, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
	if err != nil {
		panic(err)
	}
	return der
}

// plusOrder adds the order of the group of RFC 8032 §5.1 to S. §5.1.7 requires to refuse the result.
func plusOrder(signature []byte) []byte {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	s := slices.Clone(signature[32:])
	slices.Reverse(s)
	s = order.Add(order, new(big.Int).SetBytes(s)).FillBytes(s)
	slices.Reverse(s)
	return append(signature[:32:32], s...)
}

// plusModulus makes a number that is the same modulo n. RFC 8017 §5.2.2 requires to refuse it. If it is an
// octet longer than the modulus, its length is the reason for the refusal.
func plusModulus(d *draft) {
	n := d.key.private.(*rsa.PrivateKey).N
	d.signature = func(s []byte) []byte { return new(big.Int).Add(new(big.Int).SetBytes(s), n).Bytes() }
}

func saltOf(length int) func(*draft) {
	return func(d *draft) {
		d.sign = func(input string) []byte { return signPSS(d.key.private.(*rsa.PrivateKey), d.key.alg, input, length) }
	}
}

func secret(of func(*key) []byte) func(*draft) {
	return func(d *draft) {
		d.sign = func(input string) []byte { return macOf(of(d.key), d.key.alg, input) }
	}
}

// macWith signs with a public value as the secret.
func macWith(of func(*key) []byte) func(*draft) {
	return func(d *draft) {
		d.header.set("alg", `"HS256"`)
		d.sign = func(input string) []byte { return macOf(of(d.key), "HS256", input) }
	}
}

func publicDER(k *key) []byte {
	der, err := x509.MarshalPKIXPublicKey(k.public())
	if err != nil {
		panic(err)
	}
	return der
}

func publicPEM(k *key) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: publicDER(k)})
}

func unsigned(alg string) func(*draft) {
	return func(d *draft) {
		d.header.set("alg", quote(alg))
		d.finalToken = stripped
	}
}

// stripped returns the token without its signature, but with the second dot.
func stripped(token string) string { return token[:strings.LastIndexByte(token, '.')+1] }

// signedAs signs with another algorithm that fits the key, and names it in the header.
func signedAs(other func(alg string) string) func(*draft) {
	return func(d *draft) {
		d.signAlg = other(d.key.alg)
		d.header.set("alg", quote(d.signAlg))
	}
}

func otherHash(alg string) string {
	return alg[:2] + map[string]string{"256": "384", "384": "512", "512": "256"}[alg[2:]]
}
