// Package peers puts the libraries that are compared behind two functions: one takes a
// token to its claims, the other is a whole middleware.
//
// All of them enforce the same policy, the way their documentation recommends: the
// issuer, the audience, exp required, one algorithm, a static key. The tests of this package
// show each of them to accept the good token and to refuse the bad ones, so that
// nobody wins by not checking; what one can't check is listed with it.
package peers

import (
	"errors"
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/benchmarks/internal/workload"
)

// Verify takes a token to its claims, and returns the subject as proof.
type Verify func(token string) (subject string, err error)

// Verifier is a library that verifies tokens.
type Verifier struct {
	Name string
	// Except are algorithms that it doesn't have, Unchecked bad tokens that it can't be
	// configured to refuse.
	Except    []string
	Unchecked []string
	New       func(w *workload.World) (Verify, error)
}

// Knows reports whether v verifies tokens of algorithm.
func (v Verifier) Knows(algorithm string) bool { return !slices.Contains(v.Except, algorithm) }

// Ours tells bearerguard from its peers.
func (v Verifier) Ours() bool { return strings.HasPrefix(v.Name, Ours) }

// The names of what all are held against.
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
