package oracle_test

// disagreement is a set of rules on which the verdict of peers differs from ours, for one reason.
type disagreement struct {
	peers string  // the names of the peers
	say   verdict // their verdict; ours is the opposite
	why   string  // their reason, our reason, and the section of the specification
	rules []string
}

const (
	everyone = "golang-jwt go-jose jwx"
	lastWins = "golang-jwt jwx"
)

var disagreements = []disagreement{
	// We accept these tokens, and peers refuse them.
	{everyone, refuse, "no peer knows the name Ed25519 yet (RFC 9864 §2.2)", []string{
		"a good token, alg Ed25519",
	}},
	{everyone, refuse, "they look up keys by kid; kid is optional (RFC 7515 §4.1.4), and only one key fits the alg here", []string{
		"kid: missing",
	}},
	{"jwx", refuse, "verifies its own encoding of the header's object, without the white space around it that was signed (RFC 7515 §5.2 step 8)", []string{
		"white space around the header",
	}},
	{"jwx", refuse, "reads jku and jwk although it does not use them; we never look at them (RFC 8725 §3.10)", []string{
		"jku: a number", "jwk: null",
	}},
	{"go-jose", refuse, "reads x5c although it does not use it; we never look at it (RFC 8725 §3.10)", []string{
		"x5c: no certificate",
	}},
	{"golang-jwt jwx", refuse, "round a NumericDate down to whole seconds; RFC 7519 §2 allows fractions, and we keep them", []string{
		"exp: 29.5 seconds ago",
	}},
	{"jwx", refuse, "reads a number with a minus sign as an RFC 3339 date; RFC 7519 §2 allows any JSON number", []string{
		"nbf: negative", "iat: -0",
	}},
	{"jwx", refuse, "decodes all claims into float64; RFC 8259 §6 sets no bound, and we leave an unknown claim as it is", []string{
		"an unknown claim of 1e400",
	}},
	{"golang-jwt", refuse, "encoding/json ignores the case of names; RFC 7519 §7.3 requires an exact match", []string{
		"an expired EXP behind", "another issuer in iſs (U+017F) behind",
	}},

	// Algorithms and keys.
	{"jwx", accept, "takes the algorithm from the key and does not read the header's; that is safe, but RFC 7515 §4.1.1 requires a known alg, and RFC 8725 §3.1 requires both to be the same", []string{
		"alg: missing", "alg: null", "alg: empty", "alg: in lower case", "alg: with a space behind", "alg: of a JWE",
		"alg: unknown", "alg: ES256K",
		"alg: twice, none last", "alg: spelt ALG", "none: signed all the same", "alg says Ed25519, the key is for EdDSA",
	}},
	{"go-jose", accept, "does not compare the header's alg with the alg of the key: it accepts any allowed algorithm of the key's type (RFC 7517 §4.4, RFC 8725 §3.1)", []string{
		"alg and signature are PSS, the key is for PKCS #1", "alg and signature are PKCS #1, the key is for PSS",
		"alg and signature have another hash than the key, RSA", "alg and signature have another hash than the key, HMAC",
		"kid is of another key of the issuer's with the same modulus",
	}},
	{everyone, accept, "accept a salt of any length; RFC 7518 §3.5 requires the length of the hash", []string{
		"RSA-PSS: a salt of no octets", "RSA-PSS: a salt of one octet less than the hash", "RSA-PSS: the longest salt",
	}},

	// The header.
	{lastWins, accept, "they use the last of two members; RFC 7515 §4 allows that and also a refusal, but a gateway that uses the first reads another token", []string{
		"alg: twice, the same", "alg: twice, none first", "kid: twice, the same", "kid: twice, an unknown one first",
		"typ: twice, the same",
		"the header: an unknown name twice",
	}},
	{everyone, accept, "ignore crit if it is empty or null; RFC 7515 §4.1.11 requires an array that is not empty", []string{
		"crit: empty", "crit: null",
	}},
	{"golang-jwt jwx", accept, "do not read crit; RFC 7515 §4.1.11: extensions that are not understood MUST be refused", []string{
		"crit: unknown and present", "crit: names what is absent", "crit: names alg",
	}},
	{"golang-jwt", accept, "does not read crit, as above", []string{
		"crit: a string",
	}},
	{everyone, accept, "policy: RFC 7797 §7 forbids only b64 false in JWTs, and true is the default; we refuse any b64, and RFC 7515 §4.1.11 requires to refuse a crit that is not understood", []string{
		"b64: true, not critical", "b64: true and critical",
	}},
	{"golang-jwt", accept, "does not read b64, and so decodes a payload that the header says is not encoded (RFC 7797 §3)", []string{
		"b64: false, not critical, payload encoded", "b64: false and critical, payload encoded",
	}},
	{everyone, accept, "leave typ to the caller; RFC 8725 §3.11 and RFC 9068 §4: tokens of another kind must not be accepted as access tokens", []string{
		`typ: "dpop+jwt"`, `typ: "logout+jwt"`, `typ: "secevent+jwt"`, `typ: "token-introspection+jwt"`,
		`typ: "oauth-authz-req+jwt"`,
		`typ: "JOSE"`, `typ: "JWT "`, `typ: ""`, `typ: null`,
	}},
	{"golang-jwt go-jose", accept, "do not check that typ is a string; jwx does", []string{
		`typ: 1`,
	}},

	// Claims.
	{everyone, accept, "leave claims that are not in RFC 7519 to the caller; a token with cnf must not pass as a plain bearer token (RFC 9449 §7.2), nor an ID token or a security event as an access token (RFC 8725 §2.8, RFC 8417 §2.2)", []string{
		"cnf: bound to a key", "cnf: null", "cnf: 1", "at_hash: an ID token, typed JWT", "c_hash: an ID token, untyped",
		"s_hash: an ID token, untyped",
		"events: a security event, untyped", "events: null", "events: 1",
	}},
	{everyone, accept, "leave scopes and client_id to the caller; client_id and scope are strings (RFC 9068 §2.2, RFC 8693 §4.2), and some issuers send arrays of names", []string{
		"scope: an array that holds a number", "scope: null", "scope: 1", "scp: an array that holds a number", "scp: null",
		"scp: 1", "client_id: null", "client_id: 1",
	}},
	{everyone, accept, "treat null as absent; sub and jti are strings (RFC 7519 §4.1.2, §4.1.7)", []string{
		"sub: null", "jti: null",
	}},
	{"golang-jwt go-jose", accept, "treat null as absent; nbf and iat are numbers (RFC 7519 §4.1.5, §4.1.6)", []string{
		"nbf: null", "iat: null",
	}},
	{"golang-jwt jwx", accept, "read a date out of a string; RFC 7519 §2: a JSON number", []string{
		"exp: a string of digits", "nbf: a string of digits", "iat: a string of digits",
	}},
	{"jwx", accept, "reads RFC 3339 dates; RFC 7519 §2: a JSON number", []string{
		"exp: an RFC 3339 string",
	}},
	{"jwx", accept, "treats 1970-01-01 as no date, so such a token never expires (RFC 7519 §4.1.4)", []string{
		"exp: zero",
	}},
	{"go-jose", accept, "accepts a token at the time of exp; RFC 7519 §4.1.4: it must not be accepted on or after exp", []string{
		"exp: 30 seconds ago",
	}},
	{everyone, accept, "round a NumericDate down to whole seconds, so that the token is good too early; RFC 7519 §2 allows fractions", []string{
		"nbf: in 30.5 seconds", "iat: in 30.5 seconds",
	}},
	{everyone, accept, "accept dates past the year 9999; policy: RFC 3339 ends there, and a token with milliseconds instead of seconds would never expire", []string{
		"exp: in the year 10000", "exp: in milliseconds", "exp: 1e18",
	}},
	{"golang-jwt", accept, "converts float64 to int64 without a bound, so a date far in the future overflows into the past, and nbf has no effect (RFC 7519 §4.1.5)", []string{
		"nbf: 2^64 + 1",
	}},
	{"golang-jwt", accept, "accepts a date that time.Time cannot format; policy, as for the year 10000", []string{
		"nbf: -2^63",
	}},

	// JSON.
	{lastWins, accept, "they use the last of two members; RFC 7519 §4 allows that and also a refusal, but a gateway that uses the first reads another token", []string{
		"exp: twice, the same", "exp: twice, an expired one first", "exp: twice, expired, the good one last",
		"exp: twice, the second one with an escape",
		"iss: twice, another issuer first", "aud: twice, another API first", "an unknown claim twice",
	}},
	{everyone, accept, "do not look for duplicates inside claims that they do not decode; RFC 7493 §2.3 forbids them at every level", []string{
		"a name twice in an inner object",
	}},
	{"golang-jwt", accept, "encoding/json ignores the case of names, so EXP overrides exp; RFC 7519 §7.3 requires an exact match", []string{
		"EXP in place of exp", "ISS in place of iss", "Aud in place of aud", "iſs (U+017F) in place of iss",
		"exp expired, a good EXP behind",
		"iss of another, a good ISS behind", "aud of another, a good AUD behind", "nbf in an hour, a good NBF behind",
	}},
	{everyone, accept, "replace invalid text with U+FFFD, so two subjects may become one; RFC 7519 §7.2 steps 3 and 10 require UTF-8, and RFC 7493 §2.1 forbids lone surrogates", []string{
		"invalid UTF-8 in sub", "invalid UTF-8 in an unknown claim", "invalid UTF-8 in a name",
		"a surrogate in UTF-8 in an unknown claim",
		"a lone surrogate, escaped, in sub", "a lone surrogate, escaped, in an unknown claim",
		"the header: invalid UTF-8 in an unknown value", "the header: a lone surrogate in an unknown value",
	}},
	{"jwx", accept, "stops reading after the object; RFC 7519 §7.2 step 10: the whole payload is one object", []string{
		"the payload: text behind", "the payload: a second object behind", "the payload: NUL behind",
	}},
	{everyone, accept, "policy: RFC 8259 §9 allows a bound on depth and sets none; ours is 32, and the standard library's is 10,000", []string{
		"the header: 33 levels deep", "the payload: 33 levels deep", "the payload: 5,000 levels deep",
	}},

	// Encoding.
	{"golang-jwt", accept, "ignores trailing bits unless WithStrictDecoding is set; RFC 4648 §3.5, which RFC 7515 §2 uses, allows to refuse them, so that a token has only one encoding", []string{
		"the header: trailing bits", "the payload: trailing bits",
	}},
	{everyone, accept, "ignore trailing bits, as above: anybody who has a token can change its encoding, so that a list of revoked tokens does not find it", []string{
		"the signature: trailing bits",
	}},
	{"golang-jwt", accept, "encoding/base64 skips CR and LF, also when strict; RFC 7515 §2: no line breaks", []string{
		"the header: a line feed in the middle", "the payload: a line feed in the middle",
		"the payload: a carriage return in the middle",
	}},
	{everyone, accept, "encoding/base64 skips CR and LF, as above", []string{
		"the signature: a line feed in the middle", "the token: a line feed behind",
	}},
	{"go-jose jwx", accept, "verify their own encoding of the payload instead of the characters that were sent, so anybody can change the encoding; RFC 7515 §5.2 step 6: no line breaks, no additional characters", []string{
		"the payload: trailing bits after signing", "the payload: a line feed after signing",
	}},
	{"jwx", accept, "guesses the alphabet and the padding, and verifies its own encoding, as above; RFC 7515 §2: base64url without padding", []string{
		"the header: padded after signing", "the payload: padded after signing",
		"the payload: the standard alphabet after signing",
		"the signature: padded", "the signature: the standard alphabet",
	}},
	{"jwx", accept, "removes white space around the token; RFC 7515 §7.1 allows none", []string{
		"the token: a space in front", "the token: a space behind",
	}},
	{"jwx", accept, "reads the JSON serialisation unless WithCompactOnly is set; RFC 7519 §1: a JWT is always compact", []string{
		"the token: the general JSON serialisation",
	}},
	{everyone, accept, "policy: no RFC bounds the size of a token; we accept up to 16 KiB", []string{
		"the token: longer than 16 KiB",
	}},
}
