package middleware

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Code is the reason for a refusal. It is one word, safe as a metric label and in a log.
type Code string

// The codes of the answer table.
const (
	// CodeMissing: the request has no credentials, or credentials of another scheme.
	CodeMissing Code = "missing"
	// CodeMalformed: the credentials are sent in a way that RFC 6750 §2 forbids: in two
	// headers, in two places that differ, or with nothing after the scheme.
	CodeMalformed Code = "malformed"
	// CodeInvalid: the token is not accepted, or is no token at all.
	CodeInvalid Code = "invalid"
	// CodeInsufficientScope: the token is good, but does not grant a scope.
	CodeInsufficientScope Code = "insufficient_scope"
	// CodeStepUp: the token is good and grants the scopes, but the user has to log in anew, in a
	// stronger way or because the login is too old (RFC 9470).
	CodeStepUp Code = "step_up"
	// CodeDenied: no rule lets anybody in, the verifier or Validate said ErrForbidden, a
	// handler called [Guard.Forbid], or a page of another origin sent the cookie or the header
	// that the Options name.
	CodeDenied Code = "denied"
	// CodeUnavailable: the token could not be checked, usually because the issuer does
	// not answer.
	CodeUnavailable Code = "unavailable"
	// CodeCanceled: the caller left before there was an answer.
	CodeCanceled Code = "canceled"
)

// statusClientClosedRequest is the status of CodeCanceled. The caller does not read it.
// It keeps callers who left out of the count of server errors.
const statusClientClosedRequest = 499

// retryAfter is the wait that CodeUnavailable suggests. It is longer than the pause of
// the key cache between two fetches for an unknown key, and short enough for a person.
const retryAfter = 5 * time.Second

// answer is a row of the answer table. It is all that a caller is told.
type answer struct {
	status int
	grpc   uint32 // google.golang.org/grpc/codes, which the core does not import
	oauth  string // the error of RFC 6750 §3.1 and RFC 9470 §3
	text   string
}

var answers = map[Code]answer{
	CodeMissing:           {http.StatusUnauthorized, 16, "", "authentication required"},
	CodeMalformed:         {http.StatusBadRequest, 16, "invalid_request", "malformed credentials"},
	CodeInvalid:           {http.StatusUnauthorized, 16, "invalid_token", "invalid token"},
	CodeInsufficientScope: {http.StatusForbidden, 7, "insufficient_scope", "insufficient scope"},
	CodeStepUp: {
		http.StatusUnauthorized, 16, "insufficient_user_authentication", "a stronger or more recent login is required",
	},
	CodeDenied:      {http.StatusForbidden, 7, "", "access denied"},
	CodeUnavailable: {http.StatusServiceUnavailable, 14, "", "cannot check credentials now"},
	CodeCanceled:    {statusClientClosedRequest, 1, "", "request canceled"},
}

// expired is the text of a refusal with CodeInvalid if the token has expired and nothing
// else is wrong with it. It is safe to say, because the token is genuine. All other reasons
// for CodeInvalid have the same text, because they could help an attacker.
const expired = "the token has expired"

// Error is a refusal. A caller may see all that its methods return: it has no cause, no
// part of a token, and nothing that the caller sent, except for what [Options].Body makes
// of it. Only [Options].Logger and Observe get causes. The zero Error says "access denied".
type Error struct {
	code    Code
	expired bool // only with CodeInvalid
	scopes  []string
	login   *login                                         // nil: the challenge asks for no login
	fixed   *challenge                                     // nil only in the zero Error
	body    func(*Error) (contentType string, body []byte) // nil: problem details
}

// login is what a challenge with CodeStepUp asks for.
type login struct {
	acr    []string
	maxAge time.Duration
}

// challenge is what all challenges of a Guard have.
type challenge struct {
	realm    string
	metadata string // "": the API has none
}

// Code is the reason. The Code of a nil Error, as in an [Event] of a request that
// passed, is "".
func (e *Error) Code() Code {
	if e == nil {
		return ""
	}
	if _, known := answers[e.code]; !known {
		return CodeDenied
	}
	return e.code
}

// Expired tells that the token is genuine and has expired, so that its sender should get a
// new one. The code is then CodeInvalid, as for any other fault of a token. The Expired of a
// nil Error is false.
func (e *Error) Expired() bool { return e != nil && e.expired }

// Error is the fixed text of the code, or "the token has expired".
func (e *Error) Error() string {
	if e.Expired() {
		return expired
	}
	return answers[e.Code()].text
}

// Status is the HTTP status code.
func (e *Error) Status() int { return answers[e.Code()].status }

// GRPCCode is the status code on gRPC, a google.golang.org/grpc/codes.Code.
func (e *Error) GRPCCode() uint32 { return answers[e.Code()].grpc }

// Scopes lists the scopes that would have been enough (RFC 6750 §3), for
// CodeInsufficientScope, and those that a token of another login needs, for CodeStepUp. With
// [Options].Resource, it also lists the scopes that the route needs, for CodeMissing and
// CodeInvalid. Names with the Prefix of a [Grant] are left out, because no authorization server
// can be asked for them. The slice is the caller's own.
func (e *Error) Scopes() []string { return append([]string(nil), e.scopes...) }

// ACRValues lists the values of acr of which one would have been enough, in order of
// preference, for CodeStepUp (RFC 9470 §3). It is empty if any way to log in is good enough. The
// slice is the caller's own.
func (e *Error) ACRValues() []string {
	if e.login == nil {
		return nil
	}
	return append([]string(nil), e.login.acr...)
}

// MaxAge says how old the login may be, in whole seconds, for CodeStepUp (RFC 9470 §3). It is 0
// if the age does not matter.
func (e *Error) MaxAge() time.Duration {
	if e.login == nil {
		return 0
	}
	return e.login.maxAge
}

// RetryAfter is how long to wait before trying again. It is 0 if the same request would
// be refused again.
func (e *Error) RetryAfter() time.Duration {
	if e.Code() == CodeUnavailable {
		return retryAfter
	}
	return 0
}

// ResourceMetadata is the URL of the metadata of the API (RFC 9728 §5.1), for a refusal with a
// challenge. It is "" without [Options].Resource.
func (e *Error) ResourceMetadata() string {
	if !e.challenges() {
		return ""
	}
	return e.fixed.metadata
}

// challenges tells whether other credentials would help.
func (e *Error) challenges() bool {
	code := e.Code()
	return code == CodeMissing || answers[code].oauth != ""
}

// Challenges lists the values of WWW-Authenticate (RFC 6750 §3, RFC 9470 §3, RFC 9110
// §11.6.1), one for each scheme. It is nil if other credentials would not help. The slice is
// the caller's own.
func (e *Error) Challenges() []string {
	if !e.challenges() {
		return nil
	}
	oauth := answers[e.Code()].oauth
	var b strings.Builder
	b.WriteString("Bearer realm=")
	quote(&b, e.fixed.realm)
	if oauth != "" {
		b.WriteString(", error=")
		quote(&b, oauth)
	}
	if e.Expired() {
		b.WriteString(", error_description=")
		quote(&b, expired)
	}
	if len(e.scopes) > 0 {
		b.WriteString(", scope=")
		quote(&b, strings.Join(e.scopes, " "))
	}
	if values := e.ACRValues(); len(values) > 0 {
		b.WriteString(", acr_values=")
		quote(&b, strings.Join(values, " "))
	}
	if age := e.MaxAge(); age > 0 {
		b.WriteString(", max_age=")
		quote(&b, strconv.Itoa(int(age/time.Second)))
	}
	if metadata := e.ResourceMetadata(); metadata != "" {
		b.WriteString(", resource_metadata=")
		quote(&b, metadata)
	}
	return []string{b.String()}
}

// quote writes s as a quoted-string (RFC 9110 §5.6.4). s is printable ASCII: the realm
// was checked for it, and names of scopes and values of acr have no other characters.
func quote(b *strings.Builder, s string) {
	b.WriteByte('"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	b.WriteByte('"')
}

// Header returns the fields of the answer that do not describe its body:
// WWW-Authenticate and Retry-After, where they apply. It is the caller's own.
func (e *Error) Header() http.Header {
	h := make(http.Header, 2)
	if challenges := e.Challenges(); challenges != nil {
		h["Www-Authenticate"] = challenges
	}
	if d := e.RetryAfter(); d > 0 {
		h.Set("Retry-After", strconv.Itoa(int(d/time.Second)))
	}
	return h
}

// bodyFields describe a body (RFC 9110 §8, §14; RFC 6266; RFC 9530).
var bodyFields = []string{
	"Content-Type", "Content-Encoding", "Content-Language", "Content-Length", "Content-Location",
	"Content-Range", "Content-Disposition", "Content-Digest", "Content-Md5", "Repr-Digest", "Digest",
	"Accept-Ranges", "Etag", "Last-Modified", "Expires",
}

// Apply changes h into the header of the refusal on HTTP. It adds Header, and forbids
// caches to store the answer. It deletes the fields that describe a body, because a handler
// may have set them for a body that is not sent. The adapter sets the content type when it
// sends the body.
func (e *Error) Apply(h http.Header) {
	for _, name := range bodyFields {
		h.Del(name)
	}
	for name, values := range e.Header() {
		h[name] = values
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
}

// ConfiguredBody is the body that [Options].Body makes. ok is false if there is no such
// function. It is for an adapter whose framework has an error format of its own. If ok is
// false, such an adapter uses that format. Other adapters use Body.
func (e *Error) ConfiguredBody() (contentType string, body []byte, ok bool) {
	if e.body == nil {
		return "", nil, false
	}
	contentType, body = e.body(e)
	return contentType, body, true
}

// Body is the body to send: that of [Options].Body, or else problem details (RFC 9457).
func (e *Error) Body() (contentType string, body []byte) {
	if contentType, body, ok := e.ConfiguredBody(); ok {
		return contentType, body
	}
	title := http.StatusText(e.Status())
	if title == "" {
		title = "Client Closed Request"
	}
	body, err := json.Marshal(struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}{"about:blank", title, e.Status(), e.Error()})
	if err != nil { // never: strings and a number always have a form in JSON
		return "text/plain; charset=utf-8", []byte(e.Error())
	}
	return "application/problem+json", body
}
