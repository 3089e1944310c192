package middleware

import (
	"errors"
	"slices"
	"strings"
)

// This file has the reasons for refusals. They are for the operator, and follow these rules:
//
//   - What the operator configured is said.
//   - What the issuer signed is said, quoted and cut, because nobody checked its characters or
//     its length. It is signed only after [JWT.signer].
//   - What a token says before that is not said. Its names and types are, if they are in a
//     closed list.

// The request, before a verifier sees a token.
var (
	errNoCredentials = errors.New("no bearer credentials")
	errOtherScheme   = errors.New("credentials of another scheme")
	errTwoHeaders    = errors.New("more than one Authorization header")
	errLookalike     = errors.New("credentials that look like a bearer token but are not one")
	errNothingAfter  = errors.New("nothing after the scheme")
	errTwoCookies    = errors.New("more than one cookie of the name")
	errTwoPlaces     = errors.New("a token in a header and another in a cookie")
	errEmptyCookie   = errors.New("an empty cookie")
	errNoHeader      = errors.New("no bearer credentials: no header that Options.Header names")
	errTwoFields     = errors.New("more than one header that Options.Header names")
	errBesideHeader  = errors.New("an Authorization header beside the header that Options.Header names")
	errEmptyHeader   = errors.New("an empty header that Options.Header names")
	errCrossOrigin   = errors.New("a cookie sent by a page of another origin")
	errCrossHeader   = errors.New("the cookie or the header that Options.Header names, sent by a page of another origin")
)

// The decision.
var (
	errNoVerdict = errors.New("the verifier returned neither claims nor an error")
	errNoRule    = errors.New("no rule lets anybody in")
	errNoRoute   = errors.New("no rule lets anybody in: the request has no route, so Policy.Unrouted is its rule")
	errUnread    = errors.New("no credentials were read for this context: its route is public, or not guarded")
	errForbidden = errors.New("the handler called Forbid without a cause")
	errNoClaims  = errors.New("no verified claims in this context")
	errAbsent    = errors.New("absent")
	errNull      = errors.New("null")
	errZeroTime  = errors.New("the zero time.Time")
)

// The token, if there is no more to say. The others are in explain.go.
var (
	errSchemeInHeader = invalid("a scheme in the header that Options.Header names: its whole value must be the token", nil)
	errLongToken      = invalid("longer than 16 KiB", nil)
	errNoToken68      = invalid("white space or a comma in the token", nil)
	errLongSignature  = invalid("signature: longer than any key's", nil)
	errConfirmation   = invalid("bound to its sender by cnf, which can't be confirmed", nil)
	errIDToken        = invalid("an ID token: it has at_hash, c_hash or s_hash; the client must send an access token", nil)
	errEvents         = invalid("a security event or logout token: it has events", nil)
	errNoExpiry       = invalid("exp is missing", nil)
)

// reason says why a request is refused. Its text is made only when somebody reads it, because
// most refusals are not read.
type reason struct {
	is     error         // to errors.Is; may be nil
	text   string        // what is wrong; may be ""
	detail func() string // what was expected and found; may be nil
}

// invalid returns the reason for the refusal of a token.
func invalid(text string, detail func() string) error {
	return &reason{is: ErrInvalidToken, text: text, detail: detail}
}

func (r *reason) Error() string {
	var detail string
	if r.detail != nil {
		detail = r.detail()
	}
	if r.is == nil {
		return joined(r.text, detail)
	}
	return joined(ErrInvalidToken.Error(), r.text, detail)
}

func (r *reason) Is(target error) bool { return errors.Is(r.is, target) }

// malformed is the reason for the refusal of a token that can't be read. It is smaller than a
// reason, because a caller without any key can cause it.
type malformed struct {
	part string // of the token; "" for the whole
	err  error
}

func (m *malformed) Error() string { return joined(ErrInvalidToken.Error(), m.part, m.err.Error()) }

func (m *malformed) Is(target error) bool { return target == ErrInvalidToken }

// joined returns parts with colons between them. It leaves out empty ones.
func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), ": ")
}
