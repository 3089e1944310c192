// Package peers wraps each library in the same two functions, so that they can be compared. One
// function verifies a token, the other is a whole middleware.
//
// Each library enforces the same policy, in the way that its documentation recommends: the issuer, the
// audience, exp required, one algorithm, a static key. The tests of this package check that each library
// accepts the good token and refuses the bad ones, because a library without checks would be fast. If a
// library cannot make a check, the list of libraries says so.
package peers

import (
	"errors"
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/benchmarks/internal/workload"
)

// Verify verifies a token and decodes its claims. It returns the subject as proof.
type Verify func(token string) (subject string, err error)

// Verifier is a library that verifies tokens.
type Verifier struct {
	Name string
	// Except lists algorithms that it does not support. Unchecked lists bad tokens that it
	// accepts in every configuration.
	Except    []string
	Unchecked []string
	New       func(w *workload.World) (Verify, error)
}

// Knows reports whether v verifies tokens of algorithm.
func (v Verifier) Knows(algorithm string) bool { return !slices.Contains(v.Except, algorithm) }

// Ours reports whether v is bearerguard.
func (v Verifier) Ours() bool { return strings.HasPrefix(v.Name, Ours) }

// The names of subjects that the others are compared with.
const (
	Floor     = "raw crypto"
	Ours      = "bearerguard"
	OursRoles = "bearerguard, roles as scopes"
)

// Verifiers are ours and the peers.
var Verifiers = []Verifier{
	{Name: Ours, New: newOurs},
	{Name: OursRoles, New: newOursRoles},
	{Name: "golang-jwt v5, into a struct", New: newGolangJWT},
	{Name: "golang-jwt v5, into a map", New: newGolangJWTMap},
	{Name: "go-jose v4", New: newGoJOSE},
	{Name: "jwx v2", New: newJWX2},
	{Name: "jwx v3", New: newJWX3},
	{Name: "go-oidc v3", Except: []string{"HS256"}, New: newOIDC},
	{Name: "cristalhq v5", New: newCristalhq},
	{Name: "pascaldekloe", Unchecked: []string{workload.OtherRSA}, New: newPascaldekloe},
}

// Errors for what a library leaves to its caller.
var (
	errIssuer   = errors.New("iss is not the issuer")
	errAudience = errors.New("aud does not name this API")
	errTimes    = errors.New("expired, without exp, or not valid yet")
	errKeyType  = errors.New("no verifier for this type of key")
	errPayload  = errors.New("scope or roles were not decoded")
)
