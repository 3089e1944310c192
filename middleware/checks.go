package middleware

import (
	"slices"
	"time"

	"github.com/bearerguard/bearerguard/internal/jose"
	"github.com/bearerguard/bearerguard/jwks"
)

// checkClaims checks the claims of a genuine token, except for its times. key has verified the
// token. The result never changes, so that it is remembered with both.
func (v *JWT) checkClaims(c *claims, key *jwks.Key, atJWT bool) error {
	set := &c.set
	if v.tenants != nil {
		if err := v.tenants.check(c, key); err != nil {
			return err
		}
	} else if set.Issuer != v.issuer { // also without iss: v.issuer is never empty
		return v.otherIssuer(c)
	}
	switch {
	case !v.anyAudience && !v.isAudience(set.Audience):
		return v.otherAudience(c)
	case set.HasConfirmation:
		return errConfirmation
	case set.HasTokenHash && !atJWT && !v.idTokens:
		return errIDToken
	case set.HasEvents && !atJWT:
		return errEvents
	case v.requireRFC9068 &&
		(set.Subject == "" || set.ClientID == "" || set.ID == "" || set.Audience == "" || !set.IssuedAt.Present):
		return notRFC9068(c)
	}
	return nil
}

func (v *JWT) isAudience(aud jose.Value) bool {
	for name := range texts(aud) {
		if slices.Contains(v.audience, name) {
			return true
		}
	}
	return false
}

// checkTimes applies RFC 7519 §4.1.4 to §4.1.6: exp is the first moment at which
// the token is no longer good, and nbf the first at which it is good.
func (v *JWT) checkTimes(c *claims, now time.Time) error {
	set := &c.set
	if !set.Expiry.Present {
		return errNoExpiry
	}
	exp, latest := timeOf(set.Expiry), now.Add(v.leeway)
	if nbf := timeOf(set.NotBefore); nbf.After(latest) { // never without nbf
		return v.tooEarly("not valid yet: nbf is in the future", nbf, now)
	}
	issued, from := now, "now"
	if set.IssuedAt.Present {
		if issued, from = timeOf(set.IssuedAt), "iat"; issued.After(latest) {
			return v.tooEarly("iat is in the future", issued, now)
		}
	}
	if lifetime := exp.Sub(issued); v.maxLifetime > 0 && lifetime > v.maxLifetime {
		return v.tooLong(from, lifetime)
	}
	if !now.Before(c.until) { // the last of all checks, because the caller is told
		return tooOld(exp, now)
	}
	return nil
}
