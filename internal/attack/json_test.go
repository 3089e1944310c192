package attack_test

import "strings"

const (
	duplicate = "duplicate member name"
	notUTF8   = "not valid UTF-8"
	notJSON   = "not valid JSON"
	badString = "control character or an invalid escape"
	tooDeep   = "nested too deeply"
	trailing  = "text after the JSON object"
	notObject = "not a JSON object"
	notNumber = "not a JSON number"
	notDate   = "must be a number of seconds"
)

// jsonAttacks are genuine tokens with JSON that two readers can understand in different ways.
func jsonAttacks() []attack {
	const rfc, iJSON, twice = "RFC 8259 §2", "RFC 7493 §2.1", "RFC 7519 §4; RFC 7493 §2.3"
	nested := func(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }
	out := rows(claiming, [][4]string{
		{"exp twice, the earlier first", twice, `{"exp":1,` + goodClaims + `}`, duplicate},
		{"exp twice, the later first", twice, `{` + goodClaims + `,"exp":1}`, duplicate},
		{"iss twice", twice, `{"iss":"https://evil.test",` + goodClaims + `}`, duplicate},
		{"aud twice", twice, `{"aud":"https://other.test",` + goodClaims + `}`, duplicate},
		{"sub twice, once in disguise", twice, `{` + goodClaims + `,"s\u0075b":"admin"}`, duplicate},
		{"an unknown claim twice", twice, `{` + goodClaims + `,"tenant":"a","tenant":"b"}`, duplicate},
		{"a nested member twice", twice, `{` + goodClaims + `,"realm_access":{"roles":["a"],"roles":["b"]}}`, duplicate},
		{"a member twice in an object within an array", twice, `{` + goodClaims + `,"x":[{"y":1,"y":2}]}`, duplicate},
		{"the last of a hundred claims for the second time", twice, `{` + many(100) + goodClaims + `,"c099":1}`, duplicate},

		{"a byte that is no UTF-8 in a claim", iJSON, "{" + goodClaims + ",\"x\":\"\xff\"}", notUTF8},
		{"a byte that is no UTF-8 in a name", iJSON, "{" + goodClaims + ",\"x\xc3\":1}", notUTF8},
		{"a quote in overlong UTF-8", iJSON, "{" + goodClaims + ",\"x\":\"\xc0\xa2\"}", notUTF8},
		{"a surrogate in UTF-8", iJSON, "{" + goodClaims + ",\"x\":\"\xed\xa0\x80\"}", notUTF8},
		{"a byte order mark", "RFC 8259 §8.1", "\ufeff{" + goodClaims + "}", notObject},
		{"UTF-16", "RFC 8259 §8.1", "\xff\xfe{\x00}\x00", notUTF8},
		{"a lone surrogate in an escape", iJSON, `{` + goodClaims + `,"x":"\ud800"}`, badString},
		{"surrogates in the wrong order", iJSON, `{` + goodClaims + `,"x":"\udc00\ud800"}`, badString},
		{"an escape that JSON has not", "RFC 8259 §7", `{` + goodClaims + `,"x":"\x41"}`, badString},
		{"an escape that is cut short", "RFC 8259 §7", `{` + goodClaims + `,"x":"\u00"}`, badString},
		{"a line feed in a string", "RFC 8259 §7", "{" + goodClaims + ",\"x\":\"\n\"}", badString},
		{"a NUL in a string", "RFC 8259 §7", "{" + goodClaims + ",\"x\":\"\x00\"}", badString},

		{"a second object behind", rfc, `{` + goodClaims + `}{}`, trailing},
		{"a NUL behind", rfc, "{" + goodClaims + "}\x00", trailing},
		{"a comment behind", rfc, `{` + goodClaims + `}//`, trailing},
		{"a comment within", rfc, `{/**/` + goodClaims + `}`, notJSON},
		{"a comma too many", rfc, `{` + goodClaims + `,}`, notJSON},
		{"a comma missing", rfc, `{` + goodClaims + `"x":1}`, notJSON},
		{"a name without quotes", rfc, `{` + goodClaims + `,x:1}`, notJSON},
		{"a name in single quotes", rfc, `{` + goodClaims + `,'x':1}`, notJSON},
		{"no end", rfc, `{` + goodClaims, notJSON},
		{"white space that JSON has not", rfc, "{\u00a0" + goodClaims + "}", notJSON},
		{"an array of claims", "RFC 7519 §3", `[{` + goodClaims + `}]`, notObject},
		{"a string of claims", "RFC 7519 §3", `"{}"`, notObject},
		{"null for claims", "RFC 7519 §3", `null`, notObject},
		{"no claims at all", "RFC 7519 §4.1", `{}`, "iss is not the issuer"},
		{"True", "RFC 8259 §3", `{` + goodClaims + `,"x":True}`, notNumber},
		{"NaN", "RFC 8259 §6", `{` + goodClaims + `,"x":NaN}`, notNumber},
		{"Infinity", "RFC 8259 §6", `{` + goodClaims + `,"x":-Infinity}`, notNumber},
		{"a number with a zero in front", "RFC 8259 §6", `{` + goodClaims + `,"x":01}`, notJSON},
		{"a number with a plus", "RFC 8259 §6", `{` + goodClaims + `,"x":+1}`, notNumber},
		{"a number that ends at its point", "RFC 8259 §6", `{` + goodClaims + `,"x":1.}`, notNumber},
		{"a number that begins with its point", "RFC 8259 §6", `{` + goodClaims + `,"x":.5}`, notNumber},
		{"a hexadecimal number", "RFC 8259 §6", `{` + goodClaims + `,"x":0x10}`, notJSON},
		{"33 levels", "RFC 8259 §9", `{` + goodClaims + `,"x":` + nested(32) + `}`, tooDeep},
		{"5,000 levels", "RFC 8259 §9", `{` + goodClaims + `,"x":` + nested(5000) + `}`, tooDeep},

		// Names must match exactly, after their escapes have been decoded.
		{"EXP instead of exp", "RFC 7519 §4; encoding/json folds case", `{"iss":"https://issuer.test","aud":"https://api.test","EXP":4000000000}`, "exp is missing"},
		{"EXP beside an exp that has passed", "go-oidc takes the later one", `{"iss":"https://issuer.test","aud":"https://api.test","exp":1,"EXP":4000000000}`, expired},
		{"ISS beside another iss", "encoding/json folds case", `{"iss":"https://evil.test","ISS":"https://issuer.test","aud":"https://api.test","exp":4000000000}`, "iss is not the issuer"},
		{"iſs instead of iss", "encoding/json folds case", `{"iſs":"https://issuer.test","aud":"https://api.test","exp":4000000000}`, "iss is not the issuer"},
		{"Aud beside another aud", "encoding/json folds case", `{"iss":"https://issuer.test","aud":"https://other.test","Aud":"https://api.test","exp":4000000000}`, "aud does not name this API"},
		{"exp in disguise that has passed", "RFC 8259 §8.3", `{"iss":"https://issuer.test","aud":"https://api.test","\u0065xp":1}`, expired},
		{"cnf in disguise", "RFC 8259 §8.3", `{` + goodClaims + `,"\u0063nf":{"jkt":"x"}}`, "bound to its sender"},
		{"exp with a NUL behind its name", "RFC 8259 §8.3", `{"iss":"https://issuer.test","aud":"https://api.test","exp\u0000":4000000000}`, "exp is missing"},
	})
	out = append(out, rows(heading, [][4]string{
		{"alg twice", "RFC 7515 §4", `{"alg":"none",` + goodHeader + `}`, duplicate},
		{"alg twice, once in disguise", "RFC 7515 §4", `{"\u0061lg":"none",` + goodHeader + `}`, duplicate},
		{"ALG instead of alg", "RFC 7515 §4; encoding/json folds case", `{"ALG":"ES256","kid":"ec"}`, offTheList},
		{"typ twice", "RFC 7515 §4", `{"typ":"at+jwt","typ":"dpop+jwt",` + goodHeader + `}`, duplicate},
		{"a header with a byte that is no UTF-8", iJSON, "{" + goodHeader + ",\"x\":\"\xff\"}", notUTF8},
		{"a header with a byte order mark", "RFC 8259 §8.1", "\ufeff{" + goodHeader + "}", notObject},
		{"a header with text behind", rfc, `{` + goodHeader + `} x`, trailing},
		{"a header that is an array", "RFC 7515 §4", `[{` + goodHeader + `}]`, notObject},
		{"a header that is a number", "RFC 7515 §4", `7`, notObject},
		{"a header of 1,000 levels", "RFC 8259 §9", `{` + goodHeader + `,"x":` + nested(1000) + `}`, tooDeep},
		{"a header of 5,000 levels", "RFC 8259 §9", `{` + goodHeader + `,"x":` + nested(5000) + `}`, longHeader},
		{"a header without an end", rfc, `{` + goodHeader, notJSON},
		{"a header with a nested member twice", "RFC 7515 §4", `{` + goodHeader + `,"x":{"y":1,"y":1}}`, duplicate},
	})...)
	return append(out,
		attack{
			name: "ſub, SUB and Sub beside sub", reference: "encoding/json folds case", code: passes,
			send: claiming(`{"ſub":"admin","SUB":"admin",` + goodClaims + `,"Sub":"admin"}`),
		},
		attack{
			name: "sub in the claims of a claim", reference: "RFC 7519 §4", code: passes,
			send: claiming(`{"x":{"sub":"admin","exp":1},` + goodClaims + `}`),
		},
		attack{
			name: "sub behind a quote that is escaped", reference: "RFC 8259 §7", code: passes,
			send: claiming(`{"x":"\",\"sub\":\"admin\",\"y\":\"",` + goodClaims + `}`),
		},
	)
}

// many are n claims with a comma behind each.
func many(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`"c` + string(rune('0'+i/100)) + string(rune('0'+i/10%10)) + string(rune('0'+i%10)) + `":0,`)
	}
	return b.String()
}
