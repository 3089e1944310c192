package attack_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

const (
	offTheList = "alg is not on the list of accepted algorithms"
	noKey      = "no key of the issuer fits its kid and alg"
	longHeader = "header: longer than 4096 characters"
	forged     = "the signature does not verify"
	notThree   = "three non-empty parts"
)

// algorithmAttacks have an alg that a verifier must not follow.
func algorithmAttacks() []attack {
	const none, which = "CVE-2015-9235; CVE-2022-23540; RFC 8725 §3.1, §3.2", "RFC 7515 §4.1.1; RFC 8725 §3.1"
	out := []attack{
		{name: "alg none without a signature", reference: none, send: minted(authtest.Token{Algorithm: "none"}), reason: notThree},
		{name: "the signature cut off a good token", reference: none, send: tampered(func(s string) string { return s[:strings.LastIndexByte(s, '.')+1] }), reason: notThree},
		{name: "the signature and its dot cut off a good token", reference: none, send: tampered(func(s string) string { return s[:strings.LastIndexByte(s, '.')] }), reason: notThree},
	}
	// Filters that looked only for "none" could be avoided with other casings.
	for bits := range 1 << len("none") {
		spelling := []byte("none")
		for i := range spelling {
			if bits>>i&1 == 1 {
				spelling[i] -= 'a' - 'A'
			}
		}
		out = append(out, attack{
			name: fmt.Sprintf("alg %s before a signature", spelling), reference: none,
			send: heading(fmt.Sprintf(`{"alg":%q,"kid":"ec"}`, spelling)), reason: offTheList,
		})
	}
	out = append(out, rows(heading, [][4]string{
		{"alg missing", which, `{"kid":"ec"}`, offTheList},
		{"alg null", which, `{"alg":null,"kid":"ec"}`, offTheList},
		{"alg an array", which, `{"alg":["ES256"],"kid":"ec"}`, offTheList},
		{"alg an object", which, `{"alg":{"ES256":true},"kid":"ec"}`, offTheList},
		{"alg empty", which, `{"alg":"","kid":"ec"}`, offTheList},
		{"alg in lower case", which, `{"alg":"es256","kid":"ec"}`, offTheList},
		{"alg with a space", which, `{"alg":"ES256 ","kid":"ec"}`, offTheList},
		{"alg with a NUL", which, `{"alg":"ES256\u0000","kid":"ec"}`, offTheList},
		{"alg of SHA-1", "RFC 8725 §3.2", `{"alg":"RS1","kid":"rsa-any"}`, offTheList},
		{"alg of encryption", "CVE-2023-51774; RFC 8725 §3.1", `{"alg":"RSA-OAEP","enc":"A256GCM","kid":"rsa-any"}`, offTheList},
		{"alg of a password with endless rounds", "CVE-2023-49290", `{"alg":"PBES2-HS512+A256KW","p2c":2147483647,"p2s":"AAAA","kid":"ec"}`, offTheList},
		{"alg of another curve's name", "RFC 8812 §3.2", `{"alg":"ES256K","kid":"ec"}`, offTheList},
		{"alg that the API does not accept, with the issuer's key for it", "RFC 8725 §3.1", `{"alg":"ES384","kid":"p384"}`, offTheList},
	})...)
	all := configured(func(c *middleware.JWTConfig) {
		c.Algorithms = []string{"RS256", "RS512", "PS256", "ES256", "ES384", "ES512", "EdDSA"}
	})
	return append(out,
		attack{
			name: "alg ES256 by a key on P-384", reference: "RFC 7518 §3.4; RFC 8725 §3.1", prepare: all,
			send: signed(`{"alg":"ES256","kid":"p384"}`, es256(ourP384())), reason: noKey,
		},
		attack{
			name: "alg ES256 by an RSA key", reference: "RFC 8725 §3.1", prepare: all,
			send: signed(`{"alg":"ES256","kid":"rsa"}`, rs256(ourRSA())), reason: noKey,
		},
		attack{
			name: "alg RS256 by an elliptic key", reference: "RFC 8725 §3.1", prepare: all,
			send: signed(`{"alg":"RS256","kid":"ec"}`, es256(ourEC())), reason: noKey,
		},
		attack{
			name: "alg EdDSA by an elliptic key", reference: "RFC 8725 §3.1", prepare: all,
			send: signed(`{"alg":"EdDSA","kid":"ec"}`, es256(ourEC())), reason: noKey,
		},
		attack{
			name: "alg RS512 by a key that the issuer binds to RS256", reference: "RFC 7517 §4.4", prepare: all,
			send: signed(`{"alg":"RS512","kid":"rsa"}`, rs256(ourRSA())), reason: noKey,
		},
		attack{
			name: "alg PS256 by a key that the issuer binds to RS256", reference: "RFC 7517 §4.4; RFC 8725 §3.1",
			send: signed(`{"alg":"PS256","kid":"rsa"}`, ps256(ourRSA(), rsa.PSSSaltLengthEqualsHash)), reason: noKey,
		},
	)
}

// signed sends a token with this header, signed by sign.
func signed(header string, sign sign) func(*world) request {
	return func(*world) request { return bearer(seal(b64(header), b64("{"+goodClaims+"}"), sign)) }
}

// publicValue is what an attacker could use as a secret, because everybody knows it.
type publicValue struct {
	name, kid string
	secret    []byte
}

func publicValues() []publicValue {
	spki := func(pub any) []byte { return must(x509.MarshalPKIXPublicKey(pub)) }
	armour := func(label string, der []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})
	}
	ec, public := &ourEC().PublicKey, &ourRSA().PublicKey
	point := must(ec.Bytes())
	return []publicValue{
		{"the RSA key in PEM", "rsa", armour("PUBLIC KEY", spki(public))},
		{"the RSA key in PEM without its last line feed", "rsa", armour("PUBLIC KEY", spki(public))[:len(armour("PUBLIC KEY", spki(public)))-1]},
		{"the RSA key in PKCS #1 PEM", "rsa", armour("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(public))},
		{"the RSA key in DER", "rsa", spki(public)},
		{"the RSA key in PKCS #1 DER", "rsa", x509.MarshalPKCS1PublicKey(public)},
		{"the RSA key's JWK", "rsa", must(json.Marshal(rsaKeyJWK("rsa", public)))},
		{"the RSA modulus", "rsa", public.N.Bytes()},
		{"the elliptic key in PEM", "ec", armour("PUBLIC KEY", spki(ec))},
		{"the elliptic key in DER", "ec", spki(ec)},
		{"the elliptic key's JWK", "ec", must(json.Marshal(ecJWK("ec", ourEC())))},
		{"the point of the elliptic key", "ec", point},
		{"the compressed point of the elliptic key", "ec", elliptic.MarshalCompressed(elliptic.P256(), ec.X, ec.Y)},
		{"the coordinate x of the elliptic key", "ec", point[1:33]},
		{"the Ed25519 key", "ed", ourEd25519()[32:]},
		{"nothing", "ec", nil},
		{"a NUL", "ec", []byte{0}},
	}
}

// confusionAttacks use a public value as a shared secret.
func confusionAttacks() []attack {
	const reference = "CVE-2015-9235; CVE-2016-10555; CVE-2022-29217; RFC 8725 §2.1, §3.1"
	var out []attack
	for _, c := range publicValues() {
		out = append(out, attack{
			name: "an HMAC with " + c.name + " for a secret", reference: reference, reason: offTheList,
			send: minted(authtest.Token{Key: authtest.KeyFromSecret(c.kid, c.secret)}),
		})
	}

	// The reverse, if the API trusts shared secrets.
	secret, err := authtest.NewKey("HS256")
	if err != nil {
		panic(err)
	}
	hmac := configured(func(c *middleware.JWTConfig) {
		key := must(jwks.NewSecret(secret.ID(), "HS256", secret.Secret()))
		c.Algorithms, c.Keys = []string{"HS256", "HS512"}, shared{must(jwks.Static(key)), secret}
	})
	half := func(token string) string {
		dot := strings.LastIndexByte(token, '.') + 1
		return token[:dot] + b64(must(base64.RawURLEncoding.DecodeString(token[dot:]))[:sha256.Size/2])
	}
	return append(out,
		attack{
			name: "an HMAC of half its length", reference: "RFC 2104 §5", prepare: hmac, send: tampered(half), reason: forged,
		},
		attack{
			name: "an HMAC with an empty secret instead of the shared one", reference: "RFC 7518 §3.2", prepare: hmac,
			send: minted(authtest.Token{Key: authtest.KeyFromSecret(secret.ID(), nil)}), reason: forged,
		},
		attack{
			name: "a secret of HS256 used for HS512", reference: "RFC 7518 §3.2", prepare: hmac, reason: noKey,
			send: func(w *world) request {
				return bearer(w.issuer.Mint(authtest.Token{Key: secret, Algorithm: "HS512"}))
			},
		},
		attack{
			name: "a public-key signature where secrets are shared", reference: "RFC 8725 §3.1", prepare: hmac,
			send: heading("{" + goodHeader + "}"), reason: offTheList,
		},
	)
}

// headerKeyAttacks have the key in the token's header, and are signed with that key.
func headerKeyAttacks() []attack {
	const reference = "CVE-2018-0114; RFC 8725 §3.10"
	head := func(kid string, members string) string {
		if kid != "" {
			kid = `,"kid":"` + kid + `"`
		}
		return `{"alg":"ES256"` + kid + "," + members + "}"
	}
	embedded := string(must(json.Marshal(ecJWK("theirs", theirEC()))))
	chain := certificate(theirEC())
	theirs := es256(theirEC())
	// A server with the attacker's key. It must get no request.
	lured := func(members string) func(*world) request {
		return func(w *world) request {
			attacker := unvisited(w)
			attacker.PublishJWK(ecJWK("theirs", theirEC()))
			return bearer(seal(b64(strings.ReplaceAll(members, "URL", attacker.URL()+"/jwks")), b64("{"+goodClaims+"}"), theirs))
		}
	}
	const known, unknown = "ec", "theirs"
	ed := must(json.Marshal(okpJWK("ed", theirEd25519()[32:])))
	return []attack{
		{name: "jwk with the attacker's key under a known kid", reference: reference, send: signed(head(known, `"jwk":`+embedded), theirs), reason: forged},
		{name: "jwk with the attacker's key under its own kid", reference: reference, send: signed(head(unknown, `"jwk":`+embedded), theirs), reason: noKey},
		{name: "jwk with the attacker's key and no kid", reference: reference, send: signed(`{"alg":"EdDSA","jwk":`+string(ed)+`}`, eddsa(theirEd25519())), reason: forged},
		{name: "jwk of the issuer over the attacker's signature", reference: reference, send: signed(head(known, `"jwk":`+string(must(json.Marshal(ecJWK("ec", ourEC()))))), theirs), reason: forged},
		{name: "jku with the attacker's keys under a known kid", reference: reference, send: lured(head(known, `"jku":"URL"`)), reason: forged},
		{name: "jku with the attacker's keys under their own kid", reference: reference, send: lured(head(unknown, `"jku":"URL"`)), reason: noKey},
		{name: "x5u with the attacker's certificate", reference: reference, send: lured(head(unknown, `"x5u":"URL"`)), reason: noKey},
		{name: "x5u with the attacker's certificate under a known kid", reference: reference, send: lured(head(known, `"x5u":"URL"`)), reason: forged},
		{name: "x5c with the attacker's certificate", reference: reference, send: signed(head(unknown, `"x5c":["`+chain+`"]`), theirs), reason: noKey},
		{name: "x5c with the attacker's certificate under a known kid", reference: reference, send: signed(head(known, `"x5c":["`+chain+`"]`), theirs), reason: forged},
		{name: "kid with the URL of the attacker's keys", reference: "RFC 8725 §3.10", send: lured(head("URL", `"typ":"JWT"`)), reason: noKey},
		{name: "iss with the URL of the attacker's issuer", reference: "RFC 8725 §3.8", send: func(w *world) request {
			return bearer(unvisited(w).Mint(authtest.Token{Claims: map[string]any{"aud": w.issuer.Audience()}}))
		}, reason: noKey},
	}
}

// unvisited is an attacker's issuer. It fails the test if it gets a request.
func unvisited(w *world) *authtest.Issuer {
	attacker := must(authtest.New(authtest.Config{Addr: "127.0.0.1:0"}))
	w.Cleanup(func() { _ = attacker.Close() })
	attacker.Break(authtest.Fault{Handler: func(healthy http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			w.Errorf("the attacker's server was asked for %s", r.URL)
			healthy.ServeHTTP(rw, r)
		})
	}})
	return attacker
}

// certificate is a self-signed one in standard base64, as x5c has it.
func certificate(key *ecdsa.PrivateKey) string {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Unix(4e9, 0)}
	return base64.StdEncoding.EncodeToString(must(x509.CreateCertificate(
		rand.Reader, template, template, key.Public(), key,
	)))
}

func keyIDAttacks() []attack {
	const reference = "RFC 8725 §3.10"
	out := rows(func(header string) func(*world) request { return signed(header, es256(theirEC())) }, [][4]string{
		{"kid that climbs to an empty file", reference, `{"alg":"ES256","kid":"../../../../../../dev/null"}`, noKey},
		{"kid with SQL", reference, `{"alg":"ES256","kid":"x' UNION SELECT 'secret' -- "}`, noKey},
		{"kid with a command", reference, `{"alg":"ES256","kid":"| id"}`, noKey},
	})
	out = append(out,
		attack{
			name: "kid missing where two keys would do", reference: "RFC 7515 §4.1.4", send: heading(`{"alg":"ES256"}`),
			code: passes,
		},
		attack{
			name: "kid missing, and a signature that none of the keys makes", reference: "RFC 7515 §4.1.4",
			send: signed(`{"alg":"ES256"}`, es256(theirEC())), reason: forged,
		},
	)
	return append(out, rows(heading, [][4]string{
		{"kid with a NUL after a known one", reference, `{"alg":"ES256","kid":"ec\u0000"}`, noKey},
		{"kid with another after a NUL", reference, `{"alg":"ES256","kid":"ec\u0000rsa"}`, noKey},
		{"kid in another case", "RFC 7515 §4.1.4", `{"alg":"ES256","kid":"EC"}`, noKey},
		{"kid with a space", "RFC 7515 §4.1.4", `{"alg":"ES256","kid":"ec "}`, noKey},
		{"kid of a path that ends at a known one", reference, `{"alg":"ES256","kid":"./ec"}`, noKey},
		{"kid twice", "RFC 7515 §4", `{"alg":"ES256","kid":"ec","kid":"ec"}`, "duplicate member"},
		{"kid twice, once in disguise", "RFC 7515 §4", `{"alg":"ES256","kid":"ec","k\u0069d":"rsa"}`, "duplicate member"},
		{"kid empty", "RFC 7515 §4.1.4", `{"alg":"ES256","kid":""}`, "kid must be a string"},
		{"kid null", "RFC 7515 §4.1.4", `{"alg":"ES256","kid":null}`, "kid must be a string"},
		{"kid a number", "RFC 7515 §4.1.4", `{"alg":"ES256","kid":7}`, "kid must be a string"},
		{"kid an array of a known one", "RFC 7515 §4.1.4", `{"alg":"ES256","kid":["ec"]}`, "kid must be a string"},
		{"kid of 2 KB", reference, `{"alg":"ES256","kid":"` + strings.Repeat("k", 2<<10) + `"}`, noKey},
		{"kid of 8 KB", reference, `{"alg":"ES256","kid":"` + strings.Repeat("k", 8<<10) + `"}`, longHeader},
		{"kid of 64 KB", reference, `{"alg":"ES256","kid":"` + strings.Repeat("k", 64<<10) + `"}`, "longer than 16 KiB"},
	})...)
}

func criticalAttacks() []attack {
	const crit, b64False, reason = "RFC 7515 §4.1.11", "RFC 7797 §6, §7", "header: has "
	out := rows(heading, [][4]string{
		{"crit with an unknown extension", crit, `{` + goodHeader + `,"crit":["urn:x"],"urn:x":1}`, reason},
		{"crit empty", crit, `{` + goodHeader + `,"crit":[]}`, reason},
		{"crit null", crit, `{` + goodHeader + `,"crit":null}`, reason},
		{"crit a string", crit, `{` + goodHeader + `,"crit":"exp"}`, reason},
		{"crit with a registered name", crit, `{` + goodHeader + `,"crit":["alg"]}`, reason},
		{"crit with exp, which is there", crit, `{` + goodHeader + `,"crit":["exp"],"exp":4000000000}`, reason},
		{"crit in disguise", crit, `{` + goodHeader + `,"\u0063rit":["urn:x"],"urn:x":1}`, reason},
		{"b64 true", b64False, `{` + goodHeader + `,"b64":true}`, reason},
		{"b64 false without crit", b64False, `{` + goodHeader + `,"b64":false}`, reason},
	})
	return append(out, attack{
		name: "b64 false over a payload that is not encoded", reference: b64False, reason: reason,
		send: func(*world) request {
			return bearer(seal(b64("{"+goodHeader+`,"b64":false,"crit":["b64"]}`), `{"sub":"admin"}`, es256(ourEC())))
		},
	})
}
