package middleware

// Reasons for refusing a token. Each is a fixed text: what a token says is not
// repeated before it is verified.
var (
	errTooLong        = invalid("longer than 16 KiB")
	errNoToken68      = invalid("white space or a comma in the token")
	errAlgorithm      = invalid("alg is not on the list of accepted algorithms")
	errType           = invalid("typ is not that of an access token")
	errNotATJWT       = invalid("typ is not at+jwt")
	errLongSignature  = invalid("signature: longer than any key's")
	errUnknownKey     = invalid("no key of the issuer fits its kid and alg")
	errIssuer         = invalid("iss is not the issuer")
	errAudience       = invalid("aud does not name this API")
	errNoExpiry       = invalid("exp is missing")
	errExpired        = invalid("expired")
	errNotYet         = invalid("not valid yet: nbf is in the future")
	errIssuedInFuture = invalid("iat is in the future")
	errLifetime       = invalid("valid for longer than MaxLifetime")
	errConfirmation   = invalid("bound to its sender by cnf, which can't be confirmed")
	errIDToken        = invalid("an ID token: it holds at_hash, c_hash or s_hash")
	errEvents         = invalid("a security event or logout token: it holds events")
	errProfile        = invalid("a claim that RFC 9068 §2.2 requires is missing")
)

func invalid(reason string) error { return &tokenError{reason, nil} }

// tokenError says what is wrong with a token; it is ErrInvalidToken to errors.Is. What
// is refused in passing should cost no formatting.
type tokenError struct {
	reason string // or the part that is at fault
	err    error  // nil: reason says it all
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

func (e *tokenError) Is(target error) bool { return target == ErrInvalidToken }
