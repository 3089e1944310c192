package jwks_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/jwks"
)

func num(n *big.Int) string { return b64(n.Bytes()) }

// with returns base as a JWK with the changes in members. A nil removes a member.
func with(base, more map[string]any) string {
	m := maps.Clone(base)
	for name, v := range more {
		if m[name] = v; v == nil {
			delete(m, name)
		}
	}
	return string(must(json.Marshal(m)))
}

func rsaMembers() map[string]any {
	return map[string]any{"kty": "RSA", "kid": "x", "n": num(rsaKey().N), "e": "AQAB"}
}

func ecMembers() map[string]any {
	point := must(ecKey().PublicKey.Bytes())
	return map[string]any{"kty": "EC", "crv": "P-256", "kid": "x", "x": b64(point[1:33]), "y": b64(point[33:])}
}

func edMembers() map[string]any {
	return map[string]any{"kty": "OKP", "crv": "Ed25519", "kid": "x", "x": b64(edPublic(1))}
}

type m = map[string]any

// null makes a member whose value is null.
var null = json.RawMessage("null")

// operations returns n operations. The last one is "verify".
func operations(n int) (ops []string) {
	for i := range n - 1 {
		ops = append(ops, fmt.Sprint("x", i))
	}
	return append(ops, "verify")
}

func TestDutyOneBadKeyNeverHarmsTheGoodOnes(t *testing.T) {
	rows := []struct{ name, jwk string }{
		{"no object", `"key"`},
		{"null", `null`},
		{"an empty object", `{}`},
		{"duplicate members", `{"kid":"y",` + edJWK("x", 1)[1:]},
		{"duplicate members deep inside", `{"ext":{"a":1,"a":2},` + edJWK("x", 1)[1:]},
		{"bad UTF-8", "{\"ext\":\"\xff\"," + edJWK("x", 1)[1:]},
		{"no kty", with(rsaMembers(), m{"kty": nil})},
		{"a kty that is no string", with(rsaMembers(), m{"kty": 1})},
		{"an unknown kty", with(rsaMembers(), m{"kty": "LMS"})},
		{"kty in another case", with(rsaMembers(), m{"kty": "rsa"})},
		{"a symmetric key", `{"kty":"oct","kid":"x","alg":"HS256","k":"` + b64(secret) + `"}`},
		{"a symmetric key's member beside a public key", with(rsaMembers(), m{"k": b64(secret)})},
		{"a private RSA key", with(rsaMembers(), m{"d": num(rsaKey().D)})},
		{"an RSA key with a factor", with(rsaMembers(), m{"p": num(rsaKey().Primes[0])})},
		{"a private EC key", with(ecMembers(), m{"d": b64(secret[:32])})},
		{"a private Ed25519 key", with(edMembers(), m{"d": b64(secret[:32])})},
		{"an RSA key with its other factor", with(rsaMembers(), m{"q": num(rsaKey().Primes[1])})},
		{"an RSA key with its first exponent", with(rsaMembers(), m{"dp": num(rsaKey().Precomputed.Dp)})},
		{"an RSA key with its second exponent", with(rsaMembers(), m{"dq": num(rsaKey().Precomputed.Dq)})},
		{"an RSA key with its coefficient", with(rsaMembers(), m{"qi": num(rsaKey().Precomputed.Qinv)})},
		{"use enc", with(rsaMembers(), m{"use": "enc"})},
		{"use x509-svid", with(ecMembers(), m{"use": "x509-svid"})},
		{"use jwt-svid in another case", with(ecMembers(), m{"use": "JWT-SVID"})},
		{"a use that is no string", with(rsaMembers(), m{"use": []string{"sig"}})},
		{"key_ops without verify", with(rsaMembers(), m{"key_ops": []string{"sign", "encrypt"}})},
		{"key_ops with an empty name", with(rsaMembers(), m{"key_ops": []string{""}})},
		{"key_ops with null", with(rsaMembers(), m{"key_ops": []any{nil}})},
		{"key_ops with verify and null", with(rsaMembers(), m{"key_ops": []any{"verify", nil}})},
		{"key_ops that is an object", with(rsaMembers(), m{"key_ops": m{}})},
		{"key_ops that is a string", with(rsaMembers(), m{"key_ops": "verify"})},
		{"key_ops with verify twice", with(rsaMembers(), m{"key_ops": []string{"verify", "verify"}})},
		{"key_ops with another operation twice", with(rsaMembers(), m{"key_ops": []string{"verify", "sign", "sign"}})},
		{"key_ops with verify twice, once in disguise", strings.Replace(with(ecMembers(), nil), "{", `{"key_ops":["verify","verif\u0079"],`, 1)},
		{"key_ops with an unknown operation twice", with(rsaMembers(), m{"key_ops": []string{"verify", "x", "sign", "x"}})},
		{"key_ops with 65 operations", with(rsaMembers(), m{"key_ops": operations(65)})},
		{"key_ops with a number", with(rsaMembers(), m{"key_ops": []any{"verify", 1}})},
		{"a kid that is no string", with(rsaMembers(), m{"kid": 1})},
		{"an alg that is no string", with(rsaMembers(), m{"alg": 1})},
		{"a private part that is no secret, but there", with(rsaMembers(), m{"d": 0})},
		{"a private part that is false", with(rsaMembers(), m{"d": false})},
		{"a private part that is an object", with(rsaMembers(), m{"d": m{}})},
		{"a private part that is a space", with(rsaMembers(), m{"d": " "})},
		{"primes of which the first is null", with(rsaMembers(), m{"oth": []any{nil}})},
		{"an alg that is a list of one", with(rsaMembers(), m{"alg": []string{"RS256"}})},
		{"null for n", with(rsaMembers(), m{"n": null})},
		{"null for kty", with(rsaMembers(), m{"kty": null})},
		{"null for x", with(edMembers(), m{"x": null})},
		{"null for crv", with(ecMembers(), m{"crv": null})},
		{"null for y", with(ecMembers(), m{"y": null})},
		{"nothing but null", `{"kty":null,"crv":null,"x":null}`},
		{"an empty array for crv, which RSA does not need", with(rsaMembers(), m{"crv": []string{}})},
		{"an empty n", with(rsaMembers(), m{"n": ""})},
		{"alg none", with(rsaMembers(), m{"alg": "none"})},
		{"alg for encryption", with(rsaMembers(), m{"alg": "RSA-OAEP-256"})},
		{"alg of another kty", with(rsaMembers(), m{"alg": "ES256"})},
		{"a symmetric alg on a public key", with(rsaMembers(), m{"alg": "HS256"})},
		{"alg of another curve", with(ecMembers(), m{"alg": "ES384"})},
		{"RSA under 2048 bits", with(rsaMembers(), m{"n": num(weakRSA().N)})},
		{"RSA over 16384 bits", with(rsaMembers(), m{"n": num(new(big.Int).SetBit(big.NewInt(1), 16384, 1))})},
		{"RSA without n", with(rsaMembers(), m{"n": nil})},
		{"RSA with an even modulus", with(rsaMembers(), m{"n": num(new(big.Int).Sub(rsaKey().N, big.NewInt(1)))})},
		{"RSA without e", with(rsaMembers(), m{"e": nil})},
		{"RSA with an even exponent", with(rsaMembers(), m{"e": num(big.NewInt(65538))})},
		{"RSA with a tiny exponent", with(rsaMembers(), m{"e": "Aw"})},
		{"RSA with an exponent that is 65537 only in its last 64 bits", with(rsaMembers(), m{"e": num(new(big.Int).SetBit(big.NewInt(65537), 64, 1))})},
		{"RSA whose n is no base64url", with(rsaMembers(), m{"n": "!!!"})},
		{"a point off its curve", with(ecMembers(), m{"y": b64(secret[:32])})},
		{"a point at infinity", with(ecMembers(), m{"x": b64(make([]byte, 32)), "y": b64(make([]byte, 32))})},
		{"a point without y", with(ecMembers(), m{"y": nil})},
		{"a point on another curve", with(ecMembers(), m{"crv": "P-384"})},
		{"an unsupported curve", with(ecMembers(), m{"crv": "secp256k1"})},
		{"EC without crv", with(ecMembers(), m{"crv": nil})},
		{"Ed25519 cut short", with(edMembers(), m{"x": b64(edPublic(1)[:31])})},
		{"Ed25519 too long", with(edMembers(), m{"x": b64(make([]byte, 33))})},
		{"X25519", with(edMembers(), m{"crv": "X25519"})},
		{"Ed448", with(edMembers(), m{"crv": "Ed448"})},
		{"a number for n", with(rsaMembers(), m{"n": 12345})},
	}
	for _, row := range rows {
		for _, doc := range []string{keySet(row.jwk, edJWK("good", 7)), keySet(edJWK("good", 7), row.jwk)} {
			set, err := jwks.ParseSet([]byte(doc))
			if err != nil {
				t.Errorf("%s: the good key does not serve: %v", row.name, err)
				continue
			}
			mustServe(t, set, "good")
			for alg := range signatures() {
				keys, _ := set.Keys(t.Context(), jwks.Query{Algorithm: alg})
				if len(keys) > 1 || len(keys) == 1 && keys[0].ID() != "good" {
					t.Errorf("%s is accepted for %s", row.name, alg)
				}
			}
		}
		if _, err := jwks.ParseSet([]byte(keySet(row.jwk))); err == nil {
			t.Errorf("%s alone is accepted, want an error", row.name)
		}
	}
}

func TestParseSetAccepts(t *testing.T) {
	rows := []struct{ name, jwk, want string }{
		{"RSA without alg", with(rsaMembers(), nil), "PS256 PS384 PS512 RS256 RS384 RS512"},
		{"RSA with alg", with(rsaMembers(), m{"alg": "RS384"}), "RS384"},
		{"EC without alg", with(ecMembers(), nil), "ES256"},
		{"Ed25519 without alg", with(edMembers(), nil), "Ed25519 EdDSA"},
		{"Ed25519 with alg EdDSA", with(edMembers(), m{"alg": "EdDSA"}), "EdDSA"},
		{"Ed25519 with alg Ed25519", with(edMembers(), m{"alg": "Ed25519"}), "Ed25519"},
		{"use sig", with(ecMembers(), m{"use": "sig"}), "ES256"},
		{"use jwt-svid, as SPIFFE has it", with(ecMembers(), m{"use": "jwt-svid"}), "ES256"},
		{"key_ops with verify among others", with(ecMembers(), m{"key_ops": []string{"sign", "verify"}}), "ES256"},
		{"key_ops with operations that differ in case alone", with(ecMembers(), m{"key_ops": []string{"verify", "VERIFY"}}), "ES256"},
		{"key_ops with 64 operations", with(ecMembers(), m{"key_ops": operations(64)}), "ES256"},
		{"members of no concern, however odd", with(ecMembers(), m{"x5c": "MIIB\n", "x5t": 5, "exp": nil, "issuers": m{"d": 1}}), "ES256"},
		{"null for a kid", with(edMembers(), m{"kid": null}), "Ed25519 EdDSA"},
		{"an empty kid", with(edMembers(), m{"kid": ""}), "Ed25519 EdDSA"},
		{"null for alg", with(rsaMembers(), m{"alg": null}), "PS256 PS384 PS512 RS256 RS384 RS512"},
		{"an empty alg", with(ecMembers(), m{"alg": ""}), "ES256"},
		{"null for use", with(ecMembers(), m{"use": null}), "ES256"},
		{"an empty use", with(ecMembers(), m{"use": ""}), "ES256"},
		{"key_ops with verify before others", with(ecMembers(), m{"key_ops": []string{"verify", "sign"}}), "ES256"},
		{"null for key_ops", with(ecMembers(), m{"key_ops": null}), "ES256"},
		{"empty key_ops", with(ecMembers(), m{"key_ops": []string{}}), "ES256"},
		{"empty key_ops with a space", strings.Replace(with(ecMembers(), nil), "{", `{"key_ops":[ ],`, 1), "ES256"},
		{"null for the members of other types", with(rsaMembers(), m{"alg": "RS256", "crv": null, "x": null, "y": null}), "RS256"},
		{"null for RSA's members", with(ecMembers(), m{"n": null, "e": null}), "ES256"},
		{"null for each private part", with(rsaMembers(), m{"alg": "RS256", "d": null, "p": null, "q": null, "dp": null, "dq": null, "qi": null, "oth": null, "k": null}), "RS256"},
		{"an empty string for each private part", with(rsaMembers(), m{"alg": "RS256", "d": "", "p": "", "q": "", "dp": "", "dq": "", "qi": "", "oth": "", "k": ""}), "RS256"},
		{"as .NET's JsonWebKey spells it", with(ecMembers(), m{"alg": null, "d": null, "dp": null, "dq": null, "e": null, "k": null, "key_ops": []string{}, "keyId": null, "n": null, "oth": []string{}, "p": null, "q": null, "qi": null, "use": "sig", "x5c": []string{}, "x5t": null, "x5t#S256": null, "x5u": null, "keySize": 256, "hasPrivateKey": false}), "ES256"},
		{"names and values in escapes", strings.Replace(with(ecMembers(), nil), `"kty":"EC"`, `"\u006bty":"\u0045C"`, 1), "ES256"},
	}
	for _, row := range rows {
		set, err := jwks.ParseSet([]byte(keySet(row.jwk)))
		if err != nil {
			t.Errorf("%s: got error %v, want none", row.name, err)
			continue
		}
		var algs []string
		for alg := range signatures() {
			if keys, err := set.Keys(t.Context(), jwks.Query{Algorithm: alg}); err == nil {
				algs = served(keys[0])
			}
		}
		if got := strings.Join(algs, " "); got != row.want {
			t.Errorf("%s: got a key that serves %s, want %s", row.name, got, row.want)
		}
	}
}

func TestParseSetRefuses(t *testing.T) {
	good := edJWK("a", 1)
	rows := []struct{ name, doc string }{
		{"nothing", ""},
		{"an empty object", "{}"},
		{"no key", `{"keys":[]}`},
		{"keys that is no array", `{"keys":` + good + `}`},
		{"one key instead of a set", good},
		{"an array", "[" + good + "]"},
		{"keys twice", `{"keys":[],"keys":[` + good + `]}`},
		{"text after it", keySet(good) + "x"},
		{"cut short", keySet(good)[:40]},
	}
	for _, row := range rows {
		if _, err := jwks.ParseSet([]byte(row.doc)); err == nil {
			t.Errorf("%s is accepted, want an error", row.name)
		}
	}
}

func TestParseSetKeepsAtMost1024Keys(t *testing.T) {
	var keys []string
	for n := range 1030 {
		keys = append(keys, edJWK(fmt.Sprint(n), byte(n)))
	}
	set := must(jwks.ParseSet([]byte(keySet(keys...))))
	mustServe(t, set, "1023")
	mustNotFind(t, set, "1024")
}

func TestParseSetReadsAtMost4096Elements(t *testing.T) {
	junk := slices.Repeat([]string{"0"}, 4095)
	mustServe(t, must(jwks.ParseSet([]byte(keySet(append(junk, edJWK("a", 1))...)))), "a")
	if _, err := jwks.ParseSet([]byte(keySet(append(junk, "0", edJWK("a", 1))...))); err == nil {
		t.Error("the set has a key after 4096 elements, want an error")
	}
}

// An element may be one digit and its comma. A list of all elements would be many times as large as the
// document.
func TestParseSetTakesLittleMemoryForAHostileSet(t *testing.T) {
	doc := []byte(`{"keys":[` + strings.Repeat("0,", 1<<20) + "0]}")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := jwks.ParseSet(doc)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; err == nil || took > 2*uint64(len(doc)) {
		t.Errorf("got %d MiB for a document of %d MiB, error %v", took>>20, len(doc)>>20, err)
	}
}

func TestStaticRefuses(t *testing.T) {
	pub := must(jwks.NewKey("", "", edPublic(1)))
	hs := must(jwks.NewSecret("", "HS256", secret))
	rows := []struct {
		name string
		keys []*jwks.Key
	}{
		{"no keys", nil},
		{"a nil key", []*jwks.Key{pub, nil}},
		{"a key that nobody made", []*jwks.Key{{}}},
		{"a secret after a public key", []*jwks.Key{pub, hs}},
		{"a secret before a public key", []*jwks.Key{hs, pub}},
	}
	for _, row := range rows {
		if _, err := jwks.Static(row.keys...); err == nil {
			t.Errorf("%s is accepted, want an error", row.name)
		}
	}
	if _, err := jwks.Static(hs, must(jwks.NewSecret("b", "HS512", secret))); err != nil {
		t.Errorf("two secrets: got error %v, want none", err)
	}
}

func TestParseSetSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"<html>":                      "jwks: the document is not a JWK Set",
		`{"keys":null}`:               "jwks: the document is not a JWK Set",
		`{"keys":[]}`:                 "jwks: the JWK Set holds no usable key",
		`{"keys":[{"kty":"oct"}]}`:    "jwks: the JWK Set holds no usable key",
		`{"keys":[]} {"keys":[]}`:     "jwks: the document is not a JWK Set",
		`{"keys":[null,7,"a",[],{}]}`: "jwks: the JWK Set holds no usable key",
	} {
		if _, err := jwks.ParseSet([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
