// Package jose reads and checks the octets of a bearer token: JWS compact serialisation (RFC 7515
// §7.1), strict base64url, strict JSON, and signatures by the standard library's cryptography. It
// holds no policy: which issuer, audience, time or type is acceptable is judged by its callers.
// It decides only whether the octets mean one thing, and who signed them.
//
// The whole way of a token:
//
//	parts, err := jose.Split(token)                        // three parts, not yet decoded
//	header, err := jose.DecodeHeader(parts.Header)         // alg is one that this package verifies; no crit, no b64
//	verifier, err := jose.NewVerifier(header.Algorithm, k) // in a program: made once per key, when the key arrives
//	signature, err := jose.AppendDecode(nil, parts.Signature)
//	err = verifier.Verify(parts.SigningInput, signature)
//	payload, err := jose.DecodeText(parts.Payload)
//	claims, err := jose.ParseClaims(payload, nil)          // only now is there anything to believe
//
// Errors are fixed sentences. None repeats text from a token or a key, so they are fit for logs;
// no caller needs to tell them apart, so none is exported.
package jose
