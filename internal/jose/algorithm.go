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

// otherAlgorithms are names of the registry "JSON Web Signature and Encryption Algorithms" that a token may
// have by mistake.
var otherAlgorithms = [...]string{
	"none", "ES256K", "Ed448", "ESP256", "ESP384", "ESP512", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "HS1", "RS1",
	"RSA1_5", "RSA-OAEP", "RSA-OAEP-256", "A128KW", "A256KW", "A128GCMKW", "A256GCMKW", "dir", "ECDH-ES",
	"ECDH-ES+A128KW", "ECDH-ES+A256KW",
}

// AlgorithmError is the error for a header whose alg this package does not verify. It is the alg, if that is
// a registered name. Otherwise it says what the alg is, in fixed words, so that it repeats no text of a
// token: "absent", "an unknown name", "a number".
type AlgorithmError string

func (e AlgorithmError) Error() string { return "alg in the header is " + string(e) }

// readAlgorithm returns the algorithm that v names. If it is not supported, found says what v is, as an
// AlgorithmError does.
func readAlgorithm(v Value) (a Algorithm, found string) {
	name, ok := v.Text()
	if !ok || name == "" {
		return 0, v.TypeName()
	}
	if a, ok = ParseAlgorithm(name); ok {
		return a, ""
	}
	for _, other := range otherAlgorithms {
		if other == name {
			return 0, other // not name, which is a part of the token
		}
	}
	return 0, "an unknown name"
}
