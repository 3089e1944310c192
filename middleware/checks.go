package middleware

import (
	"slices"
	"time"

	"github.com/bearerguard/bearerguard/internal/jose"
)

// checkClaims checks the claims of a genuine token, except for its times. The result never
// changes, so that it is remembered with the token.
func (v *JWT) checkClaims(c *claims, atJWT bool) error {
	set := &c.set
	switch {
	case set.Issuer != v.issuer: // also without iss: v.issuer is never empty
		return errIssuer
	case !v.anyAudience && !v.isAudience(set.Audience):
		return errAudience
	case set.HasConfirmation:
		return errConfirmation
	case set.HasTokenHash && !atJWT:
		return errIDToken
	case set.HasEvents && !atJWT:
		return errEvents
	case v.requireRFC9068 &&
		(set.Subject == "" || set.ClientID == "" || set.ID == "" || set.Audience == "" || !set.IssuedAt.Present):
		return errProfile
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
	latest := now.Add(v.leeway)
	if timeOf(set.NotBefore).After(latest) { // never without nbf
		return errNotYet
	}
	issued := now
	if set.IssuedAt.Present {
		if issued = timeOf(set.IssuedAt); issued.After(latest) {
			return errIssuedInFuture
		}
	}
	if v.maxLifetime > 0 && timeOf(set.Expiry).Sub(issued) > v.maxLifetime {
		return errLifetime
	}
	if !now.Before(c.until) { // the last of all checks, because the caller is told
		return errExpired
	}
	return nil
}
