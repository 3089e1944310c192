package adaptertest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/bearerguard/bearerguard/middleware"
)

// row is one row of the answer table. The table repeats the one of package middleware on
// purpose, so that an error there fails the cases.
type row struct {
	status     int
	grpc       uint32
	challenge  string
	retryAfter string
	text       string
}

var table = map[middleware.Code]row{
	"":                   {200, 0, "", "", ""},
	"missing":            {401, 16, `Bearer realm="things"`, "", "authentication required"},
	"malformed":          {400, 16, `Bearer realm="things", error="invalid_request"`, "", "malformed credentials"},
	"invalid":            {401, 16, `Bearer realm="things", error="invalid_token"`, "", "invalid token"},
	"insufficient_scope": {403, 7, `Bearer realm="things", error="insufficient_scope"`, "", "insufficient scope"},
	"step_up": {
		401, 16, `Bearer realm="things", error="insufficient_user_authentication"`, "",
		"a stronger or more recent login is required",
	},
	"denied":      {403, 7, "", "", "access denied"},
	"unavailable": {503, 14, "", "5", "cannot check credentials now"},
}

// rowOf returns the row of a code. scope is that in the challenge; "": none. login is what the
// challenge says of the login, as its text. If expired is set, the token has expired and nothing
// else is wrong with it.
func rowOf(code middleware.Code, scope, login string, expired bool) row {
	r := table[code]
	if expired {
		r.text = "the token has expired"
		r.challenge += `, error_description="the token has expired"`
	}
	if scope != "" {
		r.challenge += fmt.Sprintf(`, scope="%s"`, scope)
	}
	r.challenge += login
	return r
}

// described returns r with the metadata of the resource in its challenge, if it has one.
func (r row) described() row {
	if r.challenge != "" {
		r.challenge += `, resource_metadata="https://api.test/.well-known/oauth-protected-resource/things"`
	}
	return r
}

// judge compares an answer with r.
func (r row) judge(got Answer) error {
	var faults []error
	if got.Status != 0 && got.Status != r.status {
		faults = append(faults, fmt.Errorf("status %d, want %d", got.Status, r.status))
	}
	if got.Status == 0 && got.GRPC != r.grpc {
		faults = append(faults, fmt.Errorf("gRPC code %d, want %d", got.GRPC, r.grpc))
	}
	for name, value := range map[string]string{"WWW-Authenticate": r.challenge, "Retry-After": r.retryAfter} {
		if s := strings.Join(got.Header.Values(name), "|"); s != value {
			faults = append(faults, fmt.Errorf("%s %q, want %q", name, s, value))
		}
	}
	if !strings.Contains(got.Body, r.text) {
		faults = append(faults, fmt.Errorf("body %q does not contain %q", got.Body, r.text))
	}
	return errors.Join(faults...)
}
