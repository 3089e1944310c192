package middleware

import (
	"slices"
	"time"

	"github.com/bearerguard/bearerguard/internal/jose"
	"github.com/bearerguard/bearerguard/internal/say"
	"github.com/bearerguard/bearerguard/scopes"
)

// ACR is acr, which says how the user logged in (RFC 9470 §6.1). It is "" without one, and if
// acr is not a string.
func (c Claims) ACR() string {
	acr, _ := member(c.get().object(), "acr").Text()
	return acr
}

// AuthTime is auth_time, when the user logged in (RFC 9470 §6.1). It is the zero time without
// one, and if auth_time is not a number of seconds in the years 1 to 9999. The times in a token
// that has been renewed are later than its auth_time.
func (c Claims) AuthTime() time.Time {
	at, _ := jose.ParseNumericDate(member(c.get().object(), "auth_time")) // lenient: see login
	return timeOf(at)
}

// login returns what the token says of the login: the values of acr, and those of acrs, which
// Microsoft Entra ID lists beside it, and the time. A claim of a wrong type counts as absent,
// because most routes don't ask for a login, and their tokens must pass as they are.
//
// The claims are looked up here and not when the token is parsed, for the reason that ClientID
// gives. An auth_time that is as far in the future as the verifier tolerates for iat counts as
// now. Otherwise a login would not be recent just after it was made.
func (c *claims) login() (acr []string, at time.Time) {
	for name, v := range c.object().Members() {
		switch name {
		case "acr":
			value, _ := v.Text() // "" is what no route asks for
			acr = append(acr, value)
		case "acrs":
			for value := range texts(v) {
				acr = append(acr, value)
			}
		case "auth_time":
			date, _ := jose.ParseNumericDate(v)
			at = timeOf(date)
		}
	}
	if now := time.Now(); at.After(now) && !at.After(now.Add(c.leeway())) {
		at = now
	}
	return acr, at
}

// leeway is the JWTConfig.Leeway of the verifier. It is 0 if the verifier is not a JWT.
func (c *claims) leeway() time.Duration { return c.until.Sub(timeOf(c.set.Expiry)) }

// needsLogin is the reason for a good token whose login is not enough. got is the verdict.
func (c *claims) needsLogin(need scopes.Requirement, got scopes.Verdict) error {
	now := time.Now()
	return &reason{detail: func() string {
		text := "needs " + need.String()
		object := c.object()
		if got.ACR != nil {
			text += ", and acr is " + found(member(object, "acr"))
			if acrs := member(object, "acrs"); acrs != "" {
				text += ", and acrs is " + found(acrs)
			}
		}
		if got.MaxAge == 0 {
			return text
		}
		switch at := (Claims{c: c}).AuthTime(); {
		case at.IsZero():
			text += ", and auth_time is " + member(object, "auth_time").TypeName()
			if member(object, "auth_time").Kind() == '0' { // in milliseconds, for example
				text += " outside of the years 1 to 9999"
			}
			return text
		case at.After(now):
			return text + ", and auth_time is " + moment(at) + ", " + span(at.Sub(now)) + " ahead; compare the clocks"
		default:
			return text + ", and auth_time was " + moment(at) + ", " + span(now.Sub(at)) + " ago"
		}
	}}
}

// found says what v is: its text, its texts, or its type.
func found(v jose.Value) string {
	if text, ok := v.Text(); ok {
		return say.Quote(text)
	}
	if v.Kind() == '[' {
		return say.List(slices.Collect(texts(v)))
	}
	return v.TypeName()
}
