// Package jose reads a bearer token and verifies its signature. It has
//
//   - JWS compact serialisation (RFC 7515 §7.1): [Split],
//   - strict base64url: [AppendDecode], [DecodeText],
//   - strict JSON: [ParseObject], [DecodeHeader], [ParseClaims],
//   - JWK Sets, split into their elements: [SplitKeySet],
//   - signatures, by the standard library's cryptography: [NewVerifier].
//
// It has no policy. Its callers decide which issuer, audience, time or type is acceptable.
//
// All the steps for one token:
//
//	parts, err := jose.Split(token)                        // three parts, still encoded
//	header, err := jose.DecodeHeader(parts.Header)         // alg is supported; no crit, no b64
//	verifier, err := jose.NewVerifier(header.Algorithm, k) // made once for each key
//	signature, err := jose.AppendDecode(nil, parts.Signature)
//	err = verifier.Verify(parts.SigningInput, signature)
//	payload, err := jose.DecodeText(parts.Payload)
//	claims, err := jose.ParseClaims(payload, nil)          // only a verified payload is read
//
// Errors can be logged. Their texts name registered members, types of JSON and registered algorithms, and
// repeat nothing else from a token or a key. Only AlgorithmError is exported, because a caller knows which
// algorithms it accepts instead.
package jose
