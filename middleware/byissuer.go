package middleware

import (
	"context"
	"errors"
	"fmt"

	"github.com/bearerguard/bearerguard/internal/jose"
)

// ByIssuer returns a Verifier for tokens of several issuers. It hands each token
// to the one whose Issuer its iss names; iss is read before the signature is
// verified for that alone, and the chosen JWT then judges the whole token,
// issuer included. A token of another issuer costs no look-up of keys.
//
// Issuers must differ, since keys must not be tried in turn. Its Ready method
// waits for all of them. Closing each JWT stays with whoever made it.
func ByIssuer(vs ...*JWT) (Verifier, error) {
	if len(vs) == 0 {
		return nil, errors.New("bearerguard: ByIssuer: no verifier")
	}
	m := make(byIssuer, len(vs))
	var faults []error
	for i, v := range vs {
		if v == nil {
			faults = append(faults, fmt.Errorf("bearerguard: ByIssuer: verifier %d is nil", i))
			continue
		}
		if _, twice := m[v.issuer]; twice {
			faults = append(faults, fmt.Errorf("bearerguard: ByIssuer: two verifiers for issuer %q", v.issuer))
		}
		m[v.issuer] = v
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return m, nil
}

type byIssuer map[string]*JWT

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
		return nil, false, &tokenError{"", err}
	}
	v, ok := m[issuer]
	if !ok {
		return nil, false, errUnknownIssuer
	}
	return v.verify(ctx, token)
}

func (m byIssuer) Ready(ctx context.Context) error {
	var faults []error
	for _, v := range m {
		faults = append(faults, v.Ready(ctx))
	}
	return errors.Join(faults...)
}

// peekIssuer reads iss in the payload of a token that is not yet verified.
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
