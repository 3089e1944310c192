// Package oracle has only tests. They compare bearerguard with published test vectors and with other
// libraries. It is in its own module, so that none of these libraries is in the main go.mod.
//
//	go test -race -shuffle=on ./...
//	go test -run TestDifferential -seed=0 -rounds=300 ./... // other tokens, and many more
//
// The tests use:
//
//   - Project Wycheproof's JWS, JWK and mixed vectors. They go through jwks and internal/jose like a
//     token. jwx and golang-jwt verify the same vectors.
//   - The examples of the RFCs that the tests of internal/jose leave out.
//   - Generated tokens, good ones and ones that are changed in one point. middleware.JWT, golang-jwt/v5,
//     go-jose/v4 and jwx/v2 verify them with the same policy.
//
// If two verdicts differ, a table says which one is right and why. A difference that is not in a table fails
// the test, and so does an entry that is no longer true.
package oracle
