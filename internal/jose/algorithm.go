package jose

// Algorithm is a JWS algorithm that this package verifies (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2).
// The zero Algorithm is none of them.
type Algorithm uint8

// The algorithms. EdDSA is always Ed25519 here. RFC 9864 added Ed25519 as a second name for it.
const (
	RS256 Algorithm = iota + 1
	RS384
	RS512
	PS256
	PS384
	PS512
	ES256
	ES384
	ES512
	EdDSA
	Ed25519
	HS256
	HS384
	HS512
)

var algorithmNames = [...]string{
	RS256: "RS256", RS384: "RS384", RS512: "RS512",
	PS256: "PS256", PS384: "PS384", PS512: "PS512",
	ES256: "ES256", ES384: "ES384", ES512: "ES512",
	EdDSA: "EdDSA", Ed25519: "Ed25519",
	HS256: "HS256", HS384: "HS384", HS512: "HS512",
}

// ParseAlgorithm returns the algorithm with that registered name, which is case-sensitive (RFC 7515 §4.1.1).
func ParseAlgorithm(name string) (Algorithm, bool) {
	if name == "" {
		return 0, false
	}
	for a, n := range algorithmNames {
		if n == name {
			return Algorithm(a), true
		}
	}
	return 0, false
}

// String returns the registered name, or "unknown" if a is none of the constants.
func (a Algorithm) String() string {
	if a == 0 || int(a) >= len(algorithmNames) {
		return "unknown"
	}
	return algorithmNames[a]
}

// Symmetric reports whether a is an HMAC. A key for an HMAC can also sign.
func (a Algorithm) Symmetric() bool {
	return HS256 <= a && a <= HS512
}
