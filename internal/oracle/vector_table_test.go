package oracle_test

import "strings"

// erratum is a wrong label in the JWS file. The other verdict is the right one.
type erratum struct {
	ids   []int
	why   string
	holds func(v vector, all map[int]vector) bool // recomputes why the label is wrong
}

var errata = []erratum{
	{
		[]int{346, 350},
		"labelled valid, but the key is for PS256 and the token says PS384: a key is only for its alg " +
			"(RFC 7517 §4.4). The key of RFC 7520 §4.2 has no alg",
		func(v vector, _ map[int]vector) bool {
			token, key := algOf(v)
			return token == "PS384" && key == "PS256"
		},
	},
	{
		[]int{347, 351},
		"labelled valid, but the key's alg is ES521: no such algorithm is registered, the name is ES512 (RFC 7518 §3.1)",
		func(v vector, _ map[int]vector) bool {
			token, key := algOf(v)
			return token == "ES512" && key == "ES521"
		},
	},
	{
		[]int{367, 370},
		"labelled invalid because of padding, but there is none: the token is that of 357, which is valid",
		func(v vector, all map[int]vector) bool {
			return v.token == all[357].token && all[357].valid && !strings.Contains(v.token, "=")
		},
	},
	{
		[]int{372, 373},
		"labelled valid, but a part has a question mark, which is not in base64url (RFC 7515 §2), " +
			"and the MAC is not that of the octets that are sent",
		func(v vector, _ map[int]vector) bool { return strings.Contains(v.token, "?") && !macHolds(v) },
	},
}

// deviation is a set of vectors for which our verdict is not the label. The label is corrected by errata.
type deviation struct {
	file string
	ids  []int
	why  string
}

var deviations = []deviation{
	{"signature", []int{259, 264, 268, 272, 320, 325}, "labelled valid, with an empty payload: a JWT's payload is a JSON object (RFC 7519 §7.2), and an empty part is detached content"},
	{"key", []int{4}, "labelled invalid, because two keys have one kid: RFC 7517 §4.5 advises against that and does not forbid it; both are the issuer's, and are tried in turn"},
	{"key", []int{7}, "labelled invalid, because a faulty generator made the modulus (ROCA, CVE-2017-15361): no RFC forbids it, and the issuer is responsible for its keys"},
	{"crypto", []int{46}, "as key 7"},
	{"crypto", []int{50, 67}, "labelled valid, but they are JWEs, and an API accepts only signed tokens; TestJWE checks that all are refused"},
}

// dispute is a set of vectors for which a peer's verdict is not ours, or not the published label.
type dispute struct {
	file  string
	ids   []int
	peers string
	right string // who has the verdict of the label, corrected by errata: "we", "they", "both" or "neither"
	why   string
}

var disputes = []dispute{
	{"signature", []int{259, 264, 268, 272, 320, 325}, "jwx golang-jwt", "they", "accept an empty payload: that is right for a JWS, but it is not a JWT (RFC 7519 §7.2)"},
	{"signature", []int{281, 282, 283, 284, 285, 286}, "jwx golang-jwt", "we", "accept a PSS salt of any length, but it must be as long as the hash (RFC 7518 §3.5)"},
	{"signature", []int{346, 347, 350, 351}, "jwx golang-jwt", "both", "refuse a key whose alg is not the token's; the label is an erratum"},
	{"signature", []int{367, 370}, "jwx golang-jwt", "both", "accept the valid token; the label is an erratum"},
	{"signature", []int{372, 373}, "jwx golang-jwt", "both", "refuse a question mark in base64url; the label is an erratum"},
	{"signature", []int{374}, "jwx", "we", "decodes the payload without regard to trailing bits and verifies its own encoding of it, instead of what was sent (RFC 7515 §5.2 step 6, RFC 4648 §3.5)"},
	{"signature", []int{375}, "golang-jwt", "we", "accepts trailing bits unless WithStrictDecoding is set (RFC 4648 §3.5)"},
	{"key", []int{1}, "jwx golang-jwt", "we", "accept a set that mixes a secret with public keys; best practice (RFC 8725 §2.1), not a rule"},
	{"key", []int{4}, "jwx golang-jwt", "neither", "accept two keys of one kid, as we do"},
	{"key", []int{7}, "jwx golang-jwt", "neither", "accept a modulus of ROCA, as we do"},
	{"key", []int{8}, "jwx golang-jwt", "we", "accept an RSA modulus of 1024 bits (RFC 7518 §3.3 wants 2048)"},
	{"key", []int{10, 11, 12}, "jwx golang-jwt", "we", "accept a secret shorter than the hash (RFC 7518 §3.2)"},
	{"key", []int{16, 17, 18}, "golang-jwt", "we", "accepts an empty secret (RFC 7518 §3.2)"},
	{"crypto", []int{17}, "jwx", "we", "accepts the JSON serialisation: that is right for a JWS, but not for a JWT (RFC 7519 §1)"},
	{"crypto", []int{46}, "jwx golang-jwt", "neither", "as key 7"},
	{"crypto", []int{47}, "jwx golang-jwt", "we", "as key 1"},
	{"crypto", []int{50, 67}, "jwx golang-jwt", "neither", "refuse a JWE in the place of a JWS, as we do; the label is about decryption"},
}
