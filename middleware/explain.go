package middleware

import (
	"slices"
	"strconv"
	"time"

	"github.com/bearerguard/bearerguard/internal/say"
	"github.com/bearerguard/bearerguard/internal/urls"
)

// This file has the reasons that say what was expected and what was found. reason.go has the
// rules for them.

// otherAlgorithm is the reason for an alg that is not accepted. found is not text of the token.
func (v *JWT) otherAlgorithm(found string) error {
	return invalid("alg is not on the list of accepted algorithms", func() string {
		return "it is " + found + ", and JWTConfig.Algorithms has " + listed(v.accepted())
	})
}

// unknownKey is the reason for a token whose key the issuer does not have. It does not say the
// kid, which is text of the token.
func unknownKey(keyID, algorithm string) error {
	has := "it has a kid"
	if keyID == "" {
		has = "it has no kid"
	}
	return invalid("no key of the issuer fits its kid and alg", func() string {
		return has + ", and alg is " + algorithm
	})
}

// unknownIssuer is the reason for a token whose iss chooses no verifier. The iss is not
// verified, so it is not said.
func (m byIssuer) unknownIssuer() error {
	return invalid("no issuer has this iss", func() string {
		issuers := make([]string, 0, len(m))
		for issuer := range m {
			issuers = append(issuers, issuer)
		}
		slices.Sort(issuers)
		return "the issuers are " + say.List(issuers)
	})
}

// otherIssuer is the reason for a genuine token with another iss.
func (v *JWT) otherIssuer(c *claims) error {
	return invalid("iss is not the issuer", func() string {
		text := ", and JWTConfig.Issuer is " + say.Quote(v.issuer)
		if c.set.Issuer == "" {
			return "it is absent" + text
		}
		if only, _ := urls.Overlooked(v.issuer, c.set.Issuer); only != "" {
			text += "; they differ only in " + only
		}
		return "it is " + say.Quote(c.set.Issuer) + text
	})
}

// otherAudience is the reason for a genuine token for another API.
func (v *JWT) otherAudience(c *claims) error {
	return invalid("aud does not name this API", func() string {
		found, hint := c.set.Audience.TypeName(), "" // absent
		if c.set.Audience != "" {
			names := slices.Collect(texts(c.set.Audience))
			found, hint = say.List(names), overlooked(v.audience, names)
		}
		return "it is " + found + ", and JWTConfig.Audience is " + say.List(v.audience) + hint
	})
}

// overlooked says in what one of found differs from one of configured, if it is easily overlooked.
func overlooked(configured, found []string) string {
	for _, name := range configured {
		for _, other := range found {
			if only, _ := urls.Overlooked(name, other); only != "" {
				return "; " + say.Quote(other) + " and " + say.Quote(name) + " differ only in " + only
			}
		}
	}
	return ""
}

// notRFC9068 is the reason for a genuine token without a claim that RFC 9068 requires.
func notRFC9068(c *claims) error {
	return invalid("a claim that RFC 9068 §2.2 requires is missing", func() string {
		var missing []string
		for _, claim := range []struct {
			name string
			has  bool
		}{
			{"sub", c.set.Subject != ""},
			{"client_id", c.set.ClientID != ""},
			{"jti", c.set.ID != ""},
			{"aud", c.set.Audience != ""},
			{"iat", c.set.IssuedAt.Present},
		} {
			if !claim.has {
				missing = append(missing, claim.name)
			}
		}
		return listed(missing)
	})
}

// tooOld is the reason for a token that has expired.
func tooOld(exp, now time.Time) error {
	return &reason{is: ErrExpired, text: "expired", detail: func() string {
		return "exp was " + moment(exp) + ", " + span(now.Sub(exp)) + " ago"
	}}
}

// tooEarly is the reason for a token with a time in the future.
func (v *JWT) tooEarly(text string, at, now time.Time) error {
	return invalid(text, func() string {
		return "it is " + moment(at) + ", " + span(at.Sub(now)) + " ahead, and JWTConfig.Leeway is " + span(v.leeway) +
			"; compare the clocks"
	})
}

// tooLong is the reason for a token that is good for longer than MaxLifetime.
func (v *JWT) tooLong(from string, lifetime time.Duration) error {
	return invalid("valid for longer than MaxLifetime", func() string {
		return "from " + from + " to exp it is " + span(lifetime) + ", and JWTConfig.MaxLifetime is " + span(v.maxLifetime)
	})
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// span returns d in words, in days if it is long.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 3*day:
		return strconv.Itoa(int(d/day)) + " days"
	case d >= time.Second:
		d = d.Round(time.Second)
	case d >= time.Millisecond:
		d = d.Round(time.Millisecond)
	}
	return d.String()
}
