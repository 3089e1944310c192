package oracle_test

import "strings"

// erratum is a label in the JWS file that a correct verifier can't follow: the other verdict is right.
type erratum struct {
	ids   []int
	why   string
	holds func(v vector, all map[int]vector) bool // why, recomputed
}

var errata = []erratum{
	{
		[]int{346, 350},
		"valid, though the key is for PS256 and the token says PS384: alg binds a key (RFC 7517 §4.4). " +
			"RFC 7520 §4.2's own key has no alg",
		func(v vector, _ map[int]vector) bool {
			token, key := algOf(v)
			return token == "PS384" && key == "PS256"
		},
	},
	{
		[]int{347, 351},
		"valid, though the key's alg is ES521: no such algorithm is registered, the name is ES512 (RFC 7518 §3.1)",
		func(v vector, _ map[int]vector) bool {
			token, key := algOf(v)
			return token == "ES512" && key == "ES521"
		},
	},
	{
		[]int{367, 370},
		"invalid for its padding, though there is none: the token is that of 357, which is valid",
		func(v vector, all map[int]vector) bool {
			return v.token == all[357].token && all[357].valid && !strings.Contains(v.token, "=")
		},
	},
	{
		[]int{372, 373},
		"valid, though a question mark stands in a part, which base64url does not have (RFC 7515 §2), " +
			"and the MAC is not that of what is sent",
		func(v vector, _ map[int]vector) bool { return strings.Contains(v.token, "?") && !macHolds(v) },
	},
}

// deviation is where our verdict is not the label, corrected by errata.
type deviation struct {
	file string
	ids  []int
	why  string
}

var deviations = []deviation{
	{"signature", []int{259, 264, 268, 272, 320, 325}, "valid, with an empty payload: a JWT's payload is a JSON object (RFC 7519 §7.2), and an empty part is detached content"},
	{"key", []int{4}, "invalid, for two keys of one kid, which RFC 7517 §4.5 advises against and does not forbid: both are the issuer's, and are tried in turn"},
	{"key", []int{7}, "invalid, for a modulus that a faulty generator made (ROCA, CVE-2017-15361): no RFC has a rule for it, and issuers' keys are theirs to make"},
	{"crypto", []int{46}, "as key 7"},
	{"crypto", []int{50, 67}, "valid JWEs, which an API that takes signed tokens can't read; TestJWE refuses all of them"},
}

// dispute is where a peer's verdict is not ours, or not the published label.
type dispute struct {
	file  string
	ids   []int
	peers string
	right string // by the label, corrected by errata: "we", "they", "both" or "neither"
	why   string
}

var disputes = []dispute{
	{"signature", []int{259, 264, 268, 272, 320, 325}, "jwx golang-jwt", "they", "accept an empty payload: right for a JWS, and no JWT for us (RFC 7519 §7.2)"},
	{"signature", []int{281, 282, 283, 284, 285, 286}, "jwx golang-jwt", "we", "accept any length of a PSS salt, where it must be the hash's (RFC 7518 §3.5)"},
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
	{"crypto", []int{17}, "jwx", "we", "accepts the JSON serialisation: right for a JWS, never for a JWT (RFC 7519 §1)"},
	{"crypto", []int{46}, "jwx golang-jwt", "neither", "as key 7"},
	{"crypto", []int{47}, "jwx golang-jwt", "we", "as key 1"},
	{"crypto", []int{50, 67}, "jwx golang-jwt", "neither", "refuse a JWE where a JWS is due, as we do; the label speaks of decryption"},
}
