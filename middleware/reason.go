package middleware

import "errors"

// This file has the reasons for refusals. Each is a fixed text, because text of a token
// or a header must not be repeated before the token is verified.

// The request, before a verifier sees a token.
var (
	errNoCredentials = errors.New("no bearer credentials")
	errOtherScheme   = errors.New("credentials of another scheme")
	errTwoHeaders    = errors.New("more than one Authorization header")
	errLookalike     = errors.New("credentials that look like a bearer token but are not one")
	errNothingAfter  = errors.New("nothing after the scheme")
	errTwoCookies    = errors.New("more than one cookie of the name")
	errTwoPlaces     = errors.New("a token in the Authorization header and another in a cookie")
	errEmptyCookie   = errors.New("an empty cookie")
	errCrossOrigin   = errors.New("a cookie sent by a page of another origin")
)

// The decision.
var (
	errNoVerdict = errors.New("the verifier returned neither claims nor an error")
	errNoRule    = errors.New("no rule lets anybody in")
	errForbidden = errors.New("the handler called Forbid without a cause")
	errNoClaims  = errors.New("no verified claims in this context")
	errAbsent    = errors.New("absent")
	errNull      = errors.New("null")
	errZeroTime  = errors.New("the zero time.Time")
)

// The token.
var (
	errLongToken      = invalid("longer than 16 KiB")
	errNoToken68      = invalid("white space or a comma in the token")
	errAlgorithm      = invalid("alg is not on the list of accepted algorithms")
	errType           = invalid("typ does not mark an access token")
	errNotATJWT       = invalid("typ is not at+jwt")
	errLongSignature  = invalid("signature: longer than any key's")
	errUnknownKey     = invalid("no key of the issuer fits its kid and alg")
	errUnknownIssuer  = invalid("no issuer has this iss")
	errIssuer         = invalid("iss is not the issuer")
	errAudience       = invalid("aud does not name this API")
	errNoExpiry       = invalid("exp is missing")
	errExpired        = &tokenError{reason: "expired", expired: true}
	errNotYet         = invalid("not valid yet: nbf is in the future")
	errIssuedInFuture = invalid("iat is in the future")
	errLifetime       = invalid("valid for longer than MaxLifetime")
	errConfirmation   = invalid("bound to its sender by cnf, which can't be confirmed")
	errIDToken        = invalid("an ID token: it has at_hash, c_hash or s_hash")
	errEvents         = invalid("a security event or logout token: it has events")
	errProfile        = invalid("a claim that RFC 9068 §2.2 requires is missing")
)

func invalid(reason string) error { return &tokenError{reason: reason} }

// tokenError says what is wrong with a token. errors.Is reports that it is ErrInvalidToken, and
// ErrExpired if expired is set.
// Its text is made only when somebody reads it, because most refusals are not read.
type tokenError struct {
	reason  string // or the part of the token that is at fault
	err     error  // nil: reason says it all
	expired bool   // and nothing else is wrong
}

func (e *tokenError) Error() string {
	text := ErrInvalidToken.Error()
	if e.reason != "" {
		text += ": " + e.reason
	}
	if e.err != nil {
		text += ": " + e.err.Error()
	}
	return text
}

func (e *tokenError) Is(target error) bool {
	return target == ErrInvalidToken || e.expired && target == ErrExpired
}
