// Package oracle has no code of its own: its tests hold bearerguard against published test vectors and
// against other libraries. It is a module of its own so that no peer enters the main go.mod.
//
//	go test -race -shuffle=on ./...
//	go test -run TestDifferential -seed=0 -rounds=300 ./... // other tokens, and many more of them
//
// What is here:
//
//   - Project Wycheproof's JWS, JWK and mixed vectors, by the way that a token takes through jwks and
//     internal/jose; jwx and golang-jwt judge the same vectors.
//   - The examples of the RFCs that internal/jose's own tests leave out.
//   - A differential test: generated tokens, good ones and ones changed in one point, judged by
//     middleware.JWT, golang-jwt/v5, go-jose/v4 and jwx/v2, each set up for the same policy.
//
// Every verdict on which two disagree stands in a table, with who is right and why. One that is not in its
// table fails the test, and so does an entry that is no longer true.
package oracle
