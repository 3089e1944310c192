package oracle_test

import (
	"crypto/ecdsa"
	"crypto/rand"
	"strings"
)

// A token has one encoding: base64url without padding (RFC 7515 §2, appendix C) in three parts (RFC 7515
// §7.1). If a rule changes the encoding of the header or the payload, the signature covers the changed
// encoding. So only the decoder can refuse the token.
var encodingRules = []rule{
	{"the header: padded", refuse, func(d *draft) { d.headerText = toLength(1); d.headerPart = after("==") }, ""},
	{"the payload: padded", refuse, func(d *draft) { d.payloadText = toLength(1); d.payloadPart = after("==") }, ""},
	{"the signature: padded", refuse, func(d *draft) { d.signaturePart = padded }, "RS PS ES256 EdDSA HS256 HS512"},
	{"the header: padding where none is due", refuse, func(d *draft) { d.headerText = toLength(0); d.headerPart = after("=") }, ""},
	{"the header: trailing bits", refuse, func(d *draft) { d.headerText = toLength(1); d.headerPart = trailingBit }, ""},
	{"the payload: trailing bits", refuse, func(d *draft) { d.payloadText = toLength(1); d.payloadPart = trailingBit }, ""},
	{"the signature: trailing bits", refuse, func(d *draft) { d.signaturePart = trailingBit }, "RS PS ES256 EdDSA HS256 HS512"},
	{"the header: a lone character behind", refuse, func(d *draft) { d.headerText = toLength(0); d.headerPart = after("A") }, ""},
	{"the payload: a lone character behind", refuse, func(d *draft) { d.payloadText = toLength(0); d.payloadPart = after("A") }, ""},
	{"the header: a line feed in the middle", refuse, func(d *draft) { d.headerPart = inTheMiddle("\n") }, ""},
	{"the payload: a line feed in the middle", refuse, func(d *draft) { d.payloadPart = inTheMiddle("\n") }, ""},
	{"the payload: a carriage return in the middle", refuse, func(d *draft) { d.payloadPart = inTheMiddle("\r") }, ""},
	{"the signature: a line feed in the middle", refuse, func(d *draft) { d.signaturePart = inTheMiddle("\n") }, ""},
	{"the header: a space in the middle", refuse, func(d *draft) { d.headerPart = inTheMiddle(" ") }, ""},
	{"the payload: a space in the middle", refuse, func(d *draft) { d.payloadPart = inTheMiddle(" ") }, ""},
	{"the signature: a space in the middle", refuse, func(d *draft) { d.signaturePart = inTheMiddle(" ") }, ""},
	{"the payload: a question mark in the middle", refuse, func(d *draft) { d.payloadPart = inTheMiddle("?") }, ""},
	{"the payload: NUL in the middle", refuse, func(d *draft) { d.payloadPart = inTheMiddle("\x00") }, ""},
	{"the header: the standard alphabet", refuse, func(d *draft) { d.headerText = withSymbols; d.headerPart = standardAlphabet }, ""},
	{"the payload: the standard alphabet", refuse, func(d *draft) { d.payloadText = withSymbols; d.payloadPart = standardAlphabet }, ""},
	{"the header: padded after signing", refuse, func(d *draft) { d.headerText = toLength(1); d.finalToken = onPart(0, padded) }, ""},
	{"the payload: padded after signing", refuse, func(d *draft) { d.payloadText = toLength(1); d.finalToken = onPart(1, padded) }, ""},
	{"the payload: trailing bits after signing", refuse, func(d *draft) { d.payloadText = toLength(1); d.finalToken = onPart(1, trailingBit) }, ""},
	{"the payload: a line feed after signing", refuse, finalToken(onPart(1, inTheMiddle("\n"))), ""},
	{"the payload: the standard alphabet after signing", refuse, func(d *draft) { d.payloadText = withSymbols; d.finalToken = onPart(1, standardAlphabet) }, ""},
	{"the signature: the standard alphabet", refuse, signatureInStandardAlphabet, "PS"},
	{"the signature: the standard alphabet's plus as its last character", refuse, signatureThatEndsIn("-", "+"), "ES384"},
	{"the signature: the standard alphabet's slash as its last character", refuse, signatureThatEndsIn("_", "/"), "ES384"},
	{"the payload: percent encoding", refuse, func(d *draft) { d.payloadPart = func(s string) string { return "%65" + s[1:] } }, ""},
	{"the payload: not encoded", refuse, func(d *draft) {
		d.payloadPart = func(s string) string { return `{"iss":"` + strings.Repeat("a", len(s)%4) + `"}` }
	}, ""},

	{"the token: a space in front", refuse, finalToken(before(" ")), ""},
	{"the token: a space behind", refuse, finalToken(after(" ")), ""},
	{"the token: a line feed behind", refuse, finalToken(after("\n")), ""},
	{"the token: NUL behind", refuse, finalToken(after("\x00")), ""},
	{"the token: Bearer in front", refuse, finalToken(before("Bearer ")), ""},
	{"the token: in quotes", refuse, finalToken(quote), ""},
	{"the token: a dot in front", refuse, finalToken(before(".")), ""},
	{"the token: a dot behind", refuse, finalToken(after(".")), ""},
	{"the token: a fourth part", refuse, finalToken(after(".AAAA")), ""},
	{"the token: two dots more, as in a JWE", refuse, finalToken(after("..")), ""},
	{"the token: five parts, as in a JWE", refuse, finalToken(after(".AAAA.AAAA")), ""},
	{"the token: a byte order mark in front", refuse, finalToken(before("\ufeff")), ""},
	{"the token: twice", refuse, finalToken(func(s string) string { return s + "." + s }), ""},
	{"the token: no payload (detached)", refuse, finalToken(func(s string) string { p := parts(s); return p[0] + ".." + p[2] }), ""},
	{"the token: no header", refuse, finalToken(func(s string) string { p := parts(s); return "." + p[1] + "." + p[2] }), ""},
	{"the token: no signature", refuse, finalToken(func(s string) string { p := parts(s); return p[0] + "." + p[1] + "." }), ""},
	{"the token: no second dot", refuse, finalToken(func(s string) string { p := parts(s); return p[0] + "." + p[1] }), ""},
	{"the token: the flattened JSON serialisation", refuse, finalToken(flattened), ""},
	{"the token: the general JSON serialisation", refuse, finalToken(general), ""},
	{"the token: longer than 16 KiB", refuse, claim("x", `"`+strings.Repeat("a", 16<<10)+`"`), ""},
	{"the token: 8 KiB", accept, claim("x", `"`+strings.Repeat("a", 5<<10)+`"`), ""},
	{"the token: empty", refuse, finalToken(always("")), ""},
	{"the token: two dots alone", refuse, finalToken(always("..")), ""},
}

// toLength adds white space inside an object, so that its length has this remainder when divided by three. A
// remainder of one makes two characters of padding, and four bits that belong to no octet.
func toLength(over int) func(string) string {
	return func(text string) string {
		for len(text)%3 != over {
			text = "{ " + text[1:]
		}
		return text
	}
}

func padded(part string) string { return part + strings.Repeat("=", (4-len(part)%4)%4) }

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// trailingBit sets the lowest bit of the last character. It belongs to no octet if the length is not
// divisible by four.
func trailingBit(part string) string {
	last := len(part) - 1
	return part[:last] + string(alphabet[strings.IndexByte(alphabet, part[last])|1])
}

func inTheMiddle(text string) func(string) string {
	return func(part string) string { return part[:len(part)/2] + text + part[len(part)/2:] }
}

// withSymbols adds a claim that looks different in the two alphabets, whatever its offset.
func withSymbols(text string) string { return text[:len(text)-1] + `,"x":"???>>>???>>>~~~"}` }

// signatureInStandardAlphabet signs with new salts until the signature differs in the two alphabets.
func signatureInStandardAlphabet(d *draft) {
	d.sign = func(input string) []byte {
		for {
			if s := d.key.sign(d.key.alg, input); strings.ContainsAny(encode(s), "-_") {
				return s
			}
		}
	}
	d.signaturePart = standardAlphabet
}

// signatureThatEndsIn signs again until the last character is ours, and replaces it with theirs. This
// works only if the length of the signature is divisible by three, and only with ECDSA, which makes more
// than one signature for a token. The other characters must include one that only our alphabet has,
// because otherwise jwx decodes the whole signature with the standard alphabet.
func signatureThatEndsIn(ours, theirs string) func(*draft) {
	return func(d *draft) {
		d.sign = func(input string) []byte {
			private := d.key.private.(*ecdsa.PrivateKey)
			for {
				der, err := private.Sign(rand.Reader, digest(d.key.alg, input), hashOf(d.key.alg))
				if err != nil {
					panic(err)
				}
				r, s := fromDER(der)
				signature := jwsForm(private.Curve, r, s)
				if rest, found := strings.CutSuffix(encode(signature), ours); found && strings.ContainsAny(rest, "-_") {
					return signature
				}
			}
		}
		d.signaturePart = func(part string) string { return part[:len(part)-1] + theirs }
	}
}

var standardAlphabet = strings.NewReplacer("-", "+", "_", "/").Replace

// onPart applies change to one part of a finished token.
func onPart(i int, change func(string) string) func(string) string {
	return func(token string) string {
		p := parts(token)
		p[i] = change(p[i])
		return strings.Join(p, ".")
	}
}

func parts(token string) []string { return strings.Split(token, ".") }

func flattened(token string) string {
	p := parts(token)
	return `{"payload":"` + p[1] + `","protected":"` + p[0] + `","signature":"` + p[2] + `"}`
}

func general(token string) string {
	p := parts(token)
	return `{"payload":"` + p[1] + `","signatures":[{"protected":"` + p[0] + `","signature":"` + p[2] + `"}]}`
}
