package middleware

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ErrInvalidToken is what a Verifier's error wraps when the token itself is at
// fault: forged, expired, meant for somebody else, not a token at all. The
// caller is answered 401.
var ErrInvalidToken = errors.New("invalid token")

// ErrForbidden is what a Verifier's or Validate's error wraps when the token is
// good and its bearer is turned away all the same: a suspended tenant, say. The
// caller is answered 403.
var ErrForbidden = errors.New("forbidden")

// Code names a reason for refusing a request. It is one word, safe as a metric
// label and in a log.
type Code string

// The codes of the answer table.
const (
	// CodeMissing: no bearer credentials, or those of another scheme.
	CodeMissing Code = "missing"
	// CodeMalformed: the credentials are presented in a way that RFC 6750 §2
	// rules out: two headers, two places, nothing after the scheme.
	CodeMalformed Code = "malformed"
	// CodeInvalid: what stands in the token's place is no acceptable token.
	CodeInvalid Code = "invalid"
	// CodeInsufficientScope: a good token that lacks a scope.
	CodeInsufficientScope Code = "insufficient_scope"
	// CodeDenied: no rule lets anybody in here, the user's own rule says no, or
	// a cookie came from another origin.
	CodeDenied Code = "denied"
	// CodeUnavailable: we could not tell, an issuer that doesn't answer mostly.
	CodeUnavailable Code = "unavailable"
	// CodeCanceled: the caller left before there was an answer.
	CodeCanceled Code = "canceled"
)

// StatusClientClosedRequest is the status of CodeCanceled. Nobody is left to
// read it; it keeps callers who left out of the count of server errors.
const StatusClientClosedRequest = 499

// retryAfter is what CodeUnavailable suggests to wait: longer than the pause of
// the key cache between two looks for an unknown key, short enough for a person.
const retryAfter = 5 * time.Second

// answer is a row of the answer table: everything a caller is told.
type answer struct {
	status int
	grpc   uint32 // google.golang.org/grpc/codes, which the core does not import
	oauth  string // the error of RFC 6750 §3.1
	text   string
}

var answers = map[Code]answer{
	CodeMissing:           {http.StatusUnauthorized, 16, "", "authentication required"},
	CodeMalformed:         {http.StatusBadRequest, 16, "invalid_request", "malformed credentials"},
	CodeInvalid:           {http.StatusUnauthorized, 16, "invalid_token", "invalid token"},
	CodeInsufficientScope: {http.StatusForbidden, 7, "insufficient_scope", "insufficient scope"},
	CodeDenied:            {http.StatusForbidden, 7, "", "access denied"},
	CodeUnavailable:       {http.StatusServiceUnavailable, 14, "", "cannot check credentials now"},
	CodeCanceled:          {StatusClientClosedRequest, 1, "", "request canceled"},
}

// Error is a refusal, and all of it may be shown to the caller: it holds no
// cause, no part of a token and nothing the caller sent. Causes go to
// [Options].Observe alone. The zero Error says "access denied".
type Error struct {
	code  Code
	realm string
	scope []string
	body  func(*Error) (contentType string, body []byte)
}

// Code is the reason. That of a nil Error, as in an [Event] of a request that
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

// Error is the fixed text of the code.
func (e *Error) Error() string { return answers[e.Code()].text }

// Status is the HTTP status code.
func (e *Error) Status() int { return answers[e.Code()].status }

// GRPCCode is the status code on gRPC, a google.golang.org/grpc/codes.Code.
func (e *Error) GRPCCode() uint32 { return answers[e.Code()].grpc }

// Scope lists the scopes that would have been enough (RFC 6750 §3), for
// CodeInsufficientScope; names that come from a [Grant] are left out, since no
// authorization server can be asked for them. The slice is the caller's own.
func (e *Error) Scope() []string { return append([]string(nil), e.scope...) }

// RetryAfter is how long to wait before trying again, and 0 where trying again
// as it is has no point.
func (e *Error) RetryAfter() time.Duration {
	if e.Code() == CodeUnavailable {
		return retryAfter
	}
	return 0
}

// Challenge is the value of WWW-Authenticate (RFC 6750 §3, RFC 9110 §11.6.1),
// and "" where other credentials would not help.
func (e *Error) Challenge() string {
	code := e.Code()
	oauth := answers[code].oauth
	if oauth == "" && code != CodeMissing {
		return ""
	}
	var b strings.Builder
	b.WriteString("Bearer realm=")
	quote(&b, e.realm)
	if oauth != "" {
		b.WriteString(", error=")
		quote(&b, oauth)
	}
	if len(e.scope) > 0 {
		b.WriteString(", scope=")
		quote(&b, strings.Join(e.scope, " "))
	}
	return b.String()
}

// quote writes s as a quoted-string (RFC 9110 §5.6.4). s is printable ASCII: the
// realm was checked for it, and scope names can't be anything else.
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

// Header holds the fields that belong onto the answer besides its body:
// WWW-Authenticate and Retry-After, where they apply. It is the caller's own.
func (e *Error) Header() http.Header {
	h := make(http.Header, 2)
	if c := e.Challenge(); c != "" {
		h.Set("WWW-Authenticate", c)
	}
	if d := e.RetryAfter(); d > 0 {
		h.Set("Retry-After", strconv.Itoa(int(d/time.Second)))
	}
	return h
}

// HasBody tells whether [Options].Body supplies the Body: an adapter whose
// framework has an error format of its own keeps to that one otherwise.
func (e *Error) HasBody() bool { return e.body != nil }

// bodyFields say something about a body (RFC 9110 §8, §14; RFC 6266; RFC 9530).
var bodyFields = []string{
	"Content-Type", "Content-Encoding", "Content-Language", "Content-Length", "Content-Location",
	"Content-Range", "Content-Disposition", "Content-Digest", "Content-Md5", "Repr-Digest", "Digest",
	"Accept-Ranges", "Etag", "Last-Modified", "Expires",
}

// Apply makes h the header of the refusal's answer on HTTP: it adds Header, forbids
// to store the answer, and deletes what a handler may have said about a body that is
// not sent. The content type is the adapter's to set, with the body.
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

// Body is what to send: problem details (RFC 9457), unless [Options].Body says
// otherwise.
func (e *Error) Body() (contentType string, body []byte) {
	if e.body != nil {
		return e.body(e)
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
	if err != nil { // can't be: two constants and two numbers
		return "text/plain; charset=utf-8", []byte(e.Error())
	}
	return "application/problem+json", body
}
