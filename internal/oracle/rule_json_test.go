package oracle_test

import (
	"fmt"
	"strings"
)

// jsonRules are texts that one parser accepts and another refuses: RFC 8259, and RFC 7519 §4 and RFC 7515 §4
// on duplicate names.
var jsonRules = []rule{
	{"exp: twice, the same", refuse, func(d *draft) {
		d.payload.remove("exp")
		claimAfter("exp", d.date(60))(d)
		claimAfter("exp", d.date(60))(d)
	}, ""},
	{"exp: twice, an expired one first", refuse, claimBefore("exp", `1`), ""},
	{"exp: twice, an expired one last", refuse, claimAfter("exp", `1`), ""},
	{"exp: twice, expired, the good one last", refuse, func(d *draft) { d.payload.set("exp", "1"); claimAfter("exp", d.date(60))(d) }, ""},
	{"exp: twice, the second one with an escape", refuse, func(d *draft) { claimAfter(`e\u0078p`, d.date(60))(d) }, ""},
	{"iss: twice, another issuer first", refuse, claimBefore("iss", `"https://evil.test"`), ""},
	{"iss: twice, another issuer last", refuse, claimAfter("iss", `"https://evil.test"`), ""},
	{"aud: twice, another API first", refuse, claimBefore("aud", `"https://other.test"`), ""},
	{"aud: twice, another API last", refuse, claimAfter("aud", `"https://other.test"`), ""},
	{"an unknown claim twice", refuse, func(d *draft) { claimAfter("x", "1")(d); claimAfter("x", "2")(d) }, ""},
	{"a name twice in an inner object", refuse, claim("x", `{"a":1,"a":2}`), ""},

	{"EXP in place of exp", refuse, func(d *draft) { d.payload.rename("exp", "EXP") }, ""},
	{"ISS in place of iss", refuse, func(d *draft) { d.payload.rename("iss", "ISS") }, ""},
	{"Aud in place of aud", refuse, func(d *draft) { d.payload.rename("aud", "Aud") }, ""},
	{"iſs (U+017F) in place of iss", refuse, func(d *draft) { d.payload.rename("iss", "iſs") }, ""},
	{"an expired EXP behind", accept, claimAfter("EXP", `1`), ""},
	{"an expired EXP in front", accept, claimBefore("EXP", `1`), ""},
	{"exp expired, a good EXP behind", refuse, func(d *draft) { d.payload.set("exp", "1"); claimAfter("EXP", d.date(60))(d) }, ""},
	{"iss of another, a good ISS behind", refuse, func(d *draft) { d.payload.set("iss", `"https://evil.test"`); claimAfter("ISS", quote(issuer))(d) }, ""},
	{"aud of another, a good AUD behind", refuse, func(d *draft) { d.payload.set("aud", `"https://other.test"`); claimAfter("AUD", quote(audience))(d) }, ""},
	{"nbf in an hour, a good NBF behind", refuse, func(d *draft) { d.payload.set("nbf", d.date(3600)); claimAfter("NBF", "1")(d) }, ""},
	{"another issuer in iſs (U+017F) behind", accept, claimAfter("iſs", `"https://evil.test"`), ""},

	{"invalid UTF-8 in sub", refuse, claim("sub", "\"user-\xff\""), ""},
	{"invalid UTF-8 in iss", refuse, claim("iss", "\""+issuer+"\xff\""), ""},
	{"invalid UTF-8 in an unknown claim", refuse, claim("x", "\"\xc0\x80\""), ""},
	{"invalid UTF-8 in a name", refuse, claim("x\xff", "1"), ""},
	{"a surrogate in UTF-8 in an unknown claim", refuse, claim("x", "\"\xed\xa0\x80\""), ""},
	{"a lone surrogate, escaped, in sub", refuse, claim("sub", `"\ud800"`), ""},
	{"a lone surrogate, escaped, in an unknown claim", refuse, claim("x", `"\udc00"`), ""},
	{"U+FFFD in sub", accept, claim("sub", `"�"`), ""},
	{"NUL, escaped, in sub", accept, claim("sub", `"user\u0000"`), ""},
	{"a control character in sub", refuse, claim("sub", "\"user\x01\""), ""},
	{"a line feed in sub", refuse, claim("sub", "\"user\n\""), ""},
	{"an unknown escape in sub", refuse, claim("sub", `"\x41"`), ""},

	{"the payload: a byte order mark in front", refuse, payloadText(before("\ufeff")), ""},
	{"the payload: UTF-16", refuse, payloadText(utf16le), ""},
	{"the payload: text behind", refuse, payloadText(after(`x`)), ""},
	{"the payload: a second object behind", refuse, payloadText(after(`{}`)), ""},
	{"the payload: NUL behind", refuse, payloadText(after("\x00")), ""},
	{"the payload: a trailing comma", refuse, payloadText(func(s string) string { return s[:len(s)-1] + ",}" }), ""},
	{"the payload: cut short", refuse, payloadText(func(s string) string { return s[:len(s)-1] }), ""},
	{"the payload: in an array", refuse, payloadText(func(s string) string { return "[" + s + "]" }), ""},
	{"the payload: a string", refuse, payloadText(always(`"claims"`)), ""},
	{"the payload: null", refuse, payloadText(always(`null`)), ""},
	{"the payload: an empty object", refuse, payloadText(always(`{}`)), ""},
	{"the payload: a comment", refuse, payloadText(before(`/* claims */`)), ""},
	{"the payload: single quotes", refuse, payloadText(func(s string) string { return strings.ReplaceAll(s, `"`, `'`) }), ""},
	{"the payload: a form feed as white space", refuse, payloadText(func(s string) string { return "{\f" + s[1:] }), ""},
	{"the payload: a no-break space as white space", refuse, payloadText(func(s string) string { return "{\u00a0" + s[1:] }), ""},
	{"the payload: 32 levels deep", accept, claim("x", nested(31)), ""},
	{"the payload: 33 levels deep", refuse, claim("x", nested(32)), ""},
	{"the payload: 5,000 levels deep", refuse, claim("x", nested(5000)), ""},
	{"an unknown claim of 1e400", accept, claim("x", `1e400`), ""},
	{"an unknown claim of a hundred digits", accept, claim("x", strings.Repeat("9", 100)), ""},
	{"an unknown claim of a leading zero", refuse, claim("x", `01`), ""},
	{"an unknown claim of -", refuse, claim("x", `-`), ""},
	{"an unknown claim of 1.", refuse, claim("x", `1.`), ""},
	{"an unknown claim of .5", refuse, claim("x", `.5`), ""},
	{"an unknown claim of TRUE", refuse, claim("x", `TRUE`), ""},
	{"an empty name", accept, claim("", `1`), ""},
	{"two hundred claims", accept, manyClaims(200), ""},
}

func utf16le(text string) string {
	var b strings.Builder
	for i := range len(text) {
		b.WriteByte(text[i])
		b.WriteByte(0)
	}
	return b.String()
}

func manyClaims(n int) func(*draft) {
	return func(d *draft) {
		for i := range n {
			claimAfter(fmt.Sprint("x", i), "1")(d)
		}
	}
}
