package oracle_test

import (
	"encoding/json"
	"strings"

	"github.com/lestrrat-go/jwx/v2/jwk"
)

// goodRules are good tokens in forms that issuers may send.
var goodRules = []rule{
	{"a good token, RSA PKCS #1", accept, func(*draft) {}, "RS"},
	{"a good token, RSA-PSS", accept, func(*draft) {}, "PS"},
	{"a good token, ECDSA", accept, func(*draft) {}, "ES"},
	{"a good token, EdDSA", accept, func(*draft) {}, "EdDSA"},
	{"a good token, alg Ed25519", accept, func(*draft) {}, "Ed25519"},
	{"a good token, HMAC", accept, func(*draft) {}, "HS"},
	{"white space around the header", accept, headerText(func(s string) string { return " \t\r\n" + s + "\n " }), ""},
	{"white space around the payload", accept, payloadText(func(s string) string { return " \t\r\n" + s + "\n " }), ""},
	{"an escape in the name alg", accept, func(d *draft) { d.header.rename("alg", `\u0061lg`) }, ""},
	{"an escape in the value of alg", accept, func(d *draft) { d.header.set("alg", `"\u00`+hex(d.key.alg[0])+d.key.alg[1:]+`"`) }, ""},
	{"an escape in the name exp", accept, func(d *draft) { d.payload.rename("exp", `\u0065xp`) }, ""},
	{"an escape in the value of iss", accept, claim("iss", `"https:\/\/issuer.te\u0073t"`), ""},
	{"an unknown header parameter", accept, header("x-tenant", `{"id":[1,"a"]}`), ""},
	{"cty in the header", accept, header("cty", `"JWT"`), ""},
}

func hex(c byte) string { return string([]byte{"0123456789abcdef"[c>>4], "0123456789abcdef"[c&15]}) }

var headerRules = []rule{
	{"alg: missing", refuse, noHeader("alg"), ""},
	{"alg: null", refuse, header("alg", `null`), ""},
	{"alg: a number", refuse, header("alg", `256`), ""},
	{"alg: an array", refuse, func(d *draft) { d.header.set("alg", "["+quote(d.key.alg)+"]") }, ""},
	{"alg: empty", refuse, header("alg", `""`), ""},
	{"alg: in lower case", refuse, func(d *draft) { d.header.set("alg", quote(strings.ToLower(d.key.alg))) }, ""},
	{"alg: with a space behind", refuse, func(d *draft) { d.header.set("alg", quote(d.key.alg+" ")) }, ""},
	{"alg: of a JWE", refuse, header("alg", `"RSA-OAEP"`), ""},
	{"alg: unknown", refuse, header("alg", `"XX256"`), ""},
	{"alg: ES256K", refuse, header("alg", `"ES256K"`), ""},
	{"alg: twice, the same", refuse, func(d *draft) { headerAfter("alg", quote(d.key.alg))(d) }, ""},
	{"alg: twice, none first", refuse, headerBefore("alg", `"none"`), ""},
	{"alg: twice, none last", refuse, headerAfter("alg", `"none"`), ""},
	{"alg: spelt ALG", refuse, func(d *draft) { d.header.rename("alg", "ALG") }, ""},
	{"alg: an ALG of none behind", accept, headerAfter("ALG", `"none"`), ""},

	{"kid: missing", accept, noHeader("kid"), ""},
	{"kid: null", refuse, header("kid", `null`), ""},
	{"kid: a number", refuse, header("kid", `1`), ""},
	{"kid: empty", refuse, header("kid", `""`), ""},
	{"kid: an array", refuse, func(d *draft) { d.header.set("kid", "["+quote(d.key.kid)+"]") }, ""},
	{"kid: unknown", refuse, header("kid", `"../../dev/null"`), ""},
	{"kid: in another case", refuse, func(d *draft) { d.header.set("kid", quote(strings.ToUpper(d.key.kid))) }, ""},
	{"kid: with NUL behind", refuse, func(d *draft) { d.header.set("kid", quote(d.key.kid+`\u0000`)) }, ""},
	{"kid: twice, the same", refuse, func(d *draft) { headerAfter("kid", quote(d.key.kid))(d) }, ""},
	{"kid: twice, an unknown one first", refuse, headerBefore("kid", `"unknown"`), ""},
	{"kid: twice, an unknown one last", refuse, headerAfter("kid", `"unknown"`), ""},
	{"kid: a KID behind", accept, headerAfter("KID", `"unknown"`), ""},

	{"crit: empty", refuse, header("crit", `[]`), ""},
	{"crit: null", refuse, header("crit", `null`), ""},
	{"crit: unknown and present", refuse, func(d *draft) { d.header.set("crit", `["x-rule"]`); d.header.set("x-rule", "1") }, ""},
	{"crit: names what is absent", refuse, header("crit", `["x-rule"]`), ""},
	{"crit: names alg", refuse, header("crit", `["alg"]`), ""},
	{"crit: a string", refuse, header("crit", `"x-rule"`), ""},
	{"b64: true, not critical", refuse, header("b64", `true`), ""},
	{"b64: true and critical", refuse, func(d *draft) { d.header.set("b64", "true"); d.header.set("crit", `["b64"]`) }, ""},
	{"b64: false, not critical, payload encoded", refuse, header("b64", `false`), ""},
	{"b64: false and critical, payload encoded", refuse, func(d *draft) { d.header.set("b64", "false"); d.header.set("crit", `["b64"]`) }, ""},

	{"the header: an array", refuse, headerText(func(s string) string { return "[" + s + "]" }), ""},
	{"the header: null", refuse, headerText(always(`null`)), ""},
	{"the header: a byte order mark in front", refuse, headerText(before("\ufeff")), ""},
	{"the header: text behind", refuse, headerText(after(`{}`)), ""},
	{"the header: NUL behind", refuse, headerText(after("\x00")), ""},
	{"the header: a trailing comma", refuse, headerText(func(s string) string { return s[:len(s)-1] + ",}" }), ""},
	{"the header: cut short", refuse, headerText(func(s string) string { return s[:len(s)-1] }), ""},
	{"the header: invalid UTF-8 in an unknown value", refuse, header("x", "\"\xff\""), ""},
	{"the header: a lone surrogate in an unknown value", refuse, header("x", `"\ud800"`), ""},
	{"the header: an unknown name twice", refuse, func(d *draft) { headerAfter("x", "1")(d); headerAfter("x", "1")(d) }, ""},
	{"the header: 33 levels deep", refuse, header("x", nested(32)), ""},
	{"the header: 32 levels deep", accept, header("x", nested(31)), ""},
	{"jku: a URL of a stranger's", accept, header("jku", `"https://evil.test/jwks"`), ""},
	{"jku: a number", accept, header("jku", `1`), ""},
	{"x5u: a URL of a stranger's", accept, header("x5u", `"https://evil.test/x5u"`), ""},
	{"x5c: no certificate", accept, header("x5c", `["AAAA"]`), ""},
	{"jwk: a stranger's key, the issuer's signature", accept, func(d *draft) { d.header.set("jwk", jwkOf(stranger(d.key))) }, "RS PS ES EdDSA"},
	{"jwk: a stranger's key and signature", refuse, func(d *draft) { d.key = stranger(d.key); d.header.set("jwk", jwkOf(d.key)) }, "RS PS ES EdDSA"},
	{"jwk: a stranger's key and signature, no kid", refuse, func(d *draft) {
		d.key = stranger(d.key)
		d.header.set("jwk", jwkOf(d.key))
		d.header.remove("kid")
	}, "RS PS ES EdDSA"},
	{"jwk: null", accept, header("jwk", `null`), ""},
}

// typeRules are values of typ. An API accepts only access tokens (RFC 9068 §2.1) and plain JWTs (RFC 7519
// §5.1); see RFC 8725 §3.11.
func typeRules() []rule {
	var all []rule
	for _, value := range []string{`"JWT"`, `"jwt"`, `"at+jwt"`, `"AT+JWT"`, `"application/at+jwt"`} {
		all = append(all, rule{"typ: " + value, accept, header("typ", value), ""})
	}
	for _, value := range []string{
		`"dpop+jwt"`, `"logout+jwt"`, `"secevent+jwt"`, `"token-introspection+jwt"`, `"oauth-authz-req+jwt"`, `"JOSE"`,
		`"JWT "`, `""`, `null`, `1`,
	} {
		all = append(all, rule{"typ: " + value, refuse, header("typ", value), ""})
	}
	return append(all,
		rule{
			"typ: twice, the same", refuse,
			func(d *draft) { d.header.remove("typ"); headerAfter("typ", `"JWT"`)(d); headerAfter("typ", `"JWT"`)(d) }, "",
		},
		rule{"typ: missing", accept, noHeader("typ"), ""},
	)
}

func stranger(k *key) *key { return newKey("stranger", k.alg) }

func jwkOf(k *key) string {
	own, err := jwk.FromRaw(k.public())
	if err != nil {
		panic(err)
	}
	text, err := json.Marshal(own)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// nested returns an array with that many levels.
func nested(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }
