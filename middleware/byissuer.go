package middleware

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/bearerguard/bearerguard/internal/jose"
)

// ByIssuer returns a Verifier for tokens of several issuers. The names in verifiers are the
// issuers, to the letter. Each token goes to the verifier whose name is its iss. A token of
// another issuer is refused without a look-up of keys.
//
// ByIssuer reads iss before the signature is verified, to choose the verifier and for
// nothing else. The chosen verifier judges the whole token, iss included. A [JWT] does
// that, and its name must be its own Issuer. A verifier of your own must check iss itself:
// the claims that it returns must have the iss that it verifies for.
//
// The Verifier's Ready method waits for all of verifiers that have one. ByIssuer owns none
// of them, so close each JWT that you made. [NewMultiIssuer] makes a Guard that owns its
// verifiers.
//
// The error names every fault: no verifier at all, an empty name, a nil verifier, and a
// JWT under another name than its Issuer. A JWT with an IssuerTemplate has no name, so it is
// a fault, too.
func ByIssuer(verifiers map[string]Verifier) (Verifier, error) {
	if len(verifiers) == 0 {
		return nil, errors.New("bearerguard: ByIssuer: no verifier")
	}
	var faults []error
	for _, issuer := range slices.Sorted(maps.Keys(verifiers)) {
		var fault string
		v := verifiers[issuer]
		jwt, ok := v.(*JWT)
		switch {
		case isNil(v):
			fault = "no verifier"
		case issuer == "":
			fault = "an empty name of an issuer"
		case ok && jwt.tenants != nil:
			fault = "a JWT with an IssuerTemplate, which has no iss to be chosen by: " +
				"give it a Guard of its own, or make a JWT with an Issuer for each tenant"
		case ok && jwt.issuer != issuer:
			fault = fmt.Sprintf("a JWT whose Issuer is %q", jwt.issuer)
		default:
			continue
		}
		faults = append(faults, fmt.Errorf("bearerguard: ByIssuer[%q]: %s", issuer, fault))
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return byIssuer(maps.Clone(verifiers)), nil
}

type byIssuer map[string]Verifier

func (m byIssuer) Verify(ctx context.Context, token string) (Claims, error) {
	c, _, err := m.verify(ctx, token)
	return Claims{c: c}, err
}

func (m byIssuer) verify(ctx context.Context, token string) (c *claims, known bool, err error) {
	if len(token) > maxTokenBytes {
		return nil, false, errLongToken
	}
	issuer, err := peekIssuer(token)
	if err != nil {
		return nil, false, &malformed{"", err}
	}
	v, ok := m[issuer]
	if !ok {
		return nil, false, m.unknownIssuer()
	}
	return verify(ctx, v, token)
}

func (m byIssuer) Ready(ctx context.Context) error {
	var failed error
	for _, v := range m {
		failed = errors.Join(failed, ready(ctx, v))
	}
	return failed
}

// GrantPrefixes lists those of all verifiers that have such a method.
func (m byIssuer) GrantPrefixes() (prefixes []string) {
	for _, v := range m {
		prefixes = append(prefixes, grantPrefixes(v)...)
	}
	return prefixes
}

// peekIssuer reads iss in the payload of a token that is not verified yet.
func peekIssuer(token string) (string, error) {
	parts, err := jose.Split(token)
	if err != nil {
		return "", err
	}
	payload, err := jose.DecodeText(parts.Payload)
	if err != nil {
		return "", fmt.Errorf("payload: %w", err)
	}
	claims, err := jose.ParseClaims(payload, nil)
	if err != nil {
		return "", fmt.Errorf("claims: %w", err)
	}
	return claims.Issuer, nil
}
