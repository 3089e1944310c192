package oracle_test

// claimRules are claims that are missing or have a wrong value.
func claimRules() []rule {
	all := []rule{
		{"iss: missing", refuse, noClaim("iss"), ""},
		{"aud: missing", refuse, noClaim("aud"), ""},
		{"exp: missing", refuse, noClaim("exp"), ""},
		{"iss: another issuer", refuse, claim("iss", `"https://evil.test"`), ""},
		{"iss: with a slash behind", refuse, claim("iss", quote(issuer+"/")), ""},
		{"iss: in another case", refuse, claim("iss", `"https://ISSUER.test"`), ""},
		{"iss: an array of the issuer", refuse, claim("iss", `["`+issuer+`"]`), ""},
		{"aud: another API", refuse, claim("aud", `"https://other.test"`), ""},
		{"aud: the second name that is accepted", accept, claim("aud", quote(otherAudience)), ""},
		{"aud: a prefix of the name", refuse, claim("aud", `"https://api"`), ""},
		{"aud: the name in another case", refuse, claim("aud", `"https://API.test"`), ""},
		{"aud: names divided by spaces", refuse, claim("aud", `"https://other.test `+audience+`"`), ""},
		{"aud: an object that has the name", refuse, claim("aud", `{"`+audience+`":true}`), ""},
		{"aud: an array within an array", refuse, claim("aud", `[["`+audience+`"]]`), ""},
		{"aud: the name beside a number", refuse, claim("aud", `["`+audience+`",1]`), ""},
		{"aud: the name beside null", refuse, claim("aud", `["`+audience+`",null]`), ""},
		{"exp: a string of digits", refuse, func(d *draft) { d.payload.set("exp", quote(d.date(600))) }, ""},
		{"exp: an RFC 3339 string", refuse, claim("exp", `"2100-01-01T00:00:00Z"`), ""},
		{"nbf: a string of digits", refuse, func(d *draft) { d.payload.set("nbf", quote(d.date(-600))) }, ""},
		{"iat: a string of digits", refuse, func(d *draft) { d.payload.set("iat", quote(d.date(-600))) }, ""},
		{"cnf: bound to a key", refuse, claim("cnf", `{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}`), ""},
		{"at_hash: an ID token, typed JWT", refuse, func(d *draft) { d.header.set("typ", `"JWT"`); d.payload.set("at_hash", `"AAAA"`) }, ""},
		{"at_hash: an access token, typed at+jwt", accept, func(d *draft) { d.header.set("typ", `"at+jwt"`); d.payload.set("at_hash", `"AAAA"`) }, ""},
		{"c_hash: an ID token, untyped", refuse, func(d *draft) { d.header.remove("typ"); d.payload.set("c_hash", `"AAAA"`) }, ""},
		{"s_hash: an ID token, untyped", refuse, func(d *draft) { d.header.remove("typ"); d.payload.set("s_hash", `"AAAA"`) }, ""},
		{"events: a security event, untyped", refuse, func(d *draft) { d.header.remove("typ"); d.payload.set("events", `{"urn:x":{}}`) }, ""},
		{"events: an access token, typed at+jwt", accept, func(d *draft) { d.header.set("typ", `"at+jwt"`); d.payload.set("events", `{}`) }, ""},
		{"scope: an array", accept, claim("scope", `["a","b"]`), ""},
		{"scope: an array that holds a number", refuse, claim("scope", `["a",1]`), ""},
		{"scp: a string", accept, claim("scp", `"a b"`), ""},
		{"scp: an array that holds a number", refuse, claim("scp", `["a",1]`), ""},
	}
	// The wrong types. The line of a claim leaves out the types that it may have.
	for _, row := range []struct {
		claim  string
		values []string
	}{
		{"iss", []string{`null`, `""`, `1`, `true`, `{}`}},
		{"aud", []string{`null`, `""`, `[]`, `1`, `true`, `{}`}},
		{"exp", []string{`null`, `""`, `true`, `[]`, `{}`}},
		{"nbf", []string{`null`, `""`, `true`, `[]`, `{}`}},
		{"iat", []string{`null`, `""`, `true`, `[]`, `{}`}},
		{"sub", []string{`null`, `1`, `true`, `[]`, `{}`}},
		{"jti", []string{`null`, `1`, `true`, `[]`, `{}`}},
		{"client_id", []string{`null`, `1`}},
		{"scope", []string{`null`, `1`}},
		{"scp", []string{`null`, `1`}},
		{"cnf", []string{`null`, `1`}},
		{"events", []string{`null`, `1`}},
	} {
		for _, value := range row.values {
			all = append(all, rule{row.claim + ": " + value, refuse, claim(row.claim, value), ""})
		}
	}
	for _, name := range []string{"sub", "jti", "nbf", "iat"} {
		all = append(all, rule{name + ": missing", accept, noClaim(name), ""})
	}
	return append(all,
		rule{"sub: empty", accept, claim("sub", `""`), ""},
		rule{"jti: empty", accept, claim("jti", `""`), ""},
	)
}

// Times at their bounds, and the forms of numbers in JSON. The leeway is 30 seconds.
var timeRules = []rule{
	{"exp: 29 seconds ago", accept, at("exp", -29, ""), ""},
	{"exp: 30 seconds ago", refuse, at("exp", -30, ""), ""},
	{"exp: 31 seconds ago", refuse, at("exp", -31, ""), ""},
	{"exp: 29.5 seconds ago", accept, at("exp", -30, ".5"), ""},
	{"exp: 30.5 seconds ago", refuse, at("exp", -31, ".5"), ""},
	{"exp: an hour ago", refuse, at("exp", -3600, ""), ""},
	{"nbf: in 29 seconds", accept, at("nbf", 29, ""), ""},
	{"nbf: in 30 seconds", accept, at("nbf", 30, ""), ""},
	{"nbf: in 30.5 seconds", refuse, at("nbf", 30, ".5"), ""},
	{"nbf: in 31 seconds", refuse, at("nbf", 31, ""), ""},
	{"nbf: in an hour", refuse, at("nbf", 3600, ""), ""},
	{"iat: in 30 seconds", accept, at("iat", 30, ""), ""},
	{"iat: in 30.5 seconds", refuse, at("iat", 30, ".5"), ""},
	{"iat: in 31 seconds", refuse, at("iat", 31, ""), ""},
	{"iat: in an hour", refuse, at("iat", 3600, ""), ""},

	{"exp: with a fraction", accept, at("exp", 600, ".25"), ""},
	{"exp: with forty digits behind the point", accept, at("exp", 600, ".1234567890123456789012345678901234567890"), ""},
	{"exp: with an exponent", accept, claim("exp", `9.5e8`), ""},
	{"exp: with an exponent of zero", accept, at("exp", 600, "e0"), ""},
	{"exp: in the year 9999", accept, claim("exp", `253402300799`), ""},
	{"exp: in the year 10000", refuse, claim("exp", `253402300800`), ""},
	{"exp: in milliseconds", refuse, at("exp", 600, "000"), ""},
	{"exp: 2^63 - 1", refuse, claim("exp", `9223372036854775807`), ""},
	{"exp: 2^63", refuse, claim("exp", `9223372036854775808`), ""},
	{"exp: 2^64 + 1", refuse, claim("exp", `18446744073709551617`), ""},
	{"exp: 1e400", refuse, claim("exp", `1e400`), ""},
	{"exp: 1e18", refuse, claim("exp", `1e18`), ""},
	{"exp: zero", refuse, claim("exp", `0`), ""},
	{"exp: negative", refuse, claim("exp", `-1`), ""},
	{"exp: a leading zero", refuse, func(d *draft) { d.payload.set("exp", "0"+d.date(600)) }, ""},
	{"exp: a plus sign", refuse, func(d *draft) { d.payload.set("exp", "+"+d.date(600)) }, ""},
	{"exp: hexadecimal", refuse, claim("exp", `0xffffffff`), ""},
	{"exp: NaN", refuse, claim("exp", `NaN`), ""},
	{"nbf: zero", accept, claim("nbf", `0`), ""},
	{"nbf: negative", accept, claim("nbf", `-1`), ""},
	{"nbf: -1e400", refuse, claim("nbf", `-1e400`), ""},
	{"nbf: -2^63", refuse, claim("nbf", `-9223372036854775808`), ""},
	{"nbf: 2^64 + 1", refuse, claim("nbf", `18446744073709551617`), ""},
	{"iat: 1e400", refuse, claim("iat", `1e400`), ""},
	{"iat: zero", accept, claim("iat", `0`), ""},
	{"iat: -0", accept, claim("iat", `-0`), ""},
}
