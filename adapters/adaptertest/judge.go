package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/bearerguard/bearerguard/middleware"
)

// row is the answer table once more, by itself: it says what must be, and not
// what the middleware package happens to do.
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
	"denied":             {403, 7, "", "", "access denied"},
	"unavailable":        {503, 14, "", "5", "cannot check credentials now"},
}

// judge holds the answer against the table.
func (c Case) judge(got Answer) error {
	want := table[c.code]
	if c.scope != "" {
		want.challenge += fmt.Sprintf(`, scope="%s"`, c.scope)
	}
	var faults []error
	if got.Status != 0 && got.Status != want.status {
		faults = append(faults, fmt.Errorf("status %d, want %d", got.Status, want.status))
	}
	if got.Status == 0 && got.GRPC != want.grpc {
		faults = append(faults, fmt.Errorf("gRPC code %d, want %d", got.GRPC, want.grpc))
	}
	for name, value := range map[string]string{"WWW-Authenticate": want.challenge, "Retry-After": want.retryAfter} {
		if s := strings.Join(got.Header.Values(name), "|"); s != value {
			faults = append(faults, fmt.Errorf("%s %q, want %q", name, s, value))
		}
	}
	switch {
	case c.body != "" && got.Body != c.body:
		faults = append(faults, fmt.Errorf("body %q, want %q", got.Body, c.body))
	case c.body == "" && !strings.Contains(got.Body, want.text):
		faults = append(faults, fmt.Errorf("body %q does not hold %q", got.Body, want.text))
	}
	return errors.Join(faults...)
}

// witness notes what the observer and the handler see.
type witness struct {
	mu      sync.Mutex
	events  []middleware.Event
	reached int
	subject string
}

func (w *witness) observe(_ context.Context, e middleware.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

func (w *witness) handle(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reached++
	if claims, ok := middleware.ClaimsFrom(ctx); ok {
		w.subject = claims.Subject()
	}
}

func (w *witness) judge(c Case) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var faults []error
	if reached := w.reached > 0; reached != (c.code == "" || c.authorize != nil) || w.reached > 1 {
		faults = append(faults, fmt.Errorf("the handler was reached %d times", w.reached))
	}
	if w.subject != c.subject {
		faults = append(faults, fmt.Errorf("the handler saw claims of %q, want %q", w.subject, c.subject))
	}
	events := 1
	if c.authorize != nil {
		events = 2
	}
	if len(w.events) != events {
		return errors.Join(append(faults, fmt.Errorf("%d events observed, want %d", len(w.events), events))...)
	}
	if w.events[0].RemoteAddr == "" {
		faults = append(faults, errors.New("the observer was not told the peer's address"))
	}
	if told := w.events[0].TLS != nil; told != c.tls {
		faults = append(faults, fmt.Errorf("the observer was told of TLS: %t, want %t", told, c.tls))
	}
	var code middleware.Code
	last := w.events[events-1]
	if last.Err != nil && !last.ReportOnly {
		code = last.Err.Code()
	}
	if code != c.code {
		faults = append(faults, fmt.Errorf("the observer was told %q because of %v, want %q", code, last.Cause, c.code))
	}
	return errors.Join(faults...)
}

// leaks finds parts of the token, and the cause, in the answer.
func leaks(call Call, got Answer, seen *witness) error {
	text := got.Body
	for name, values := range got.Header {
		text += "\n" + name + ": " + strings.Join(values, "\n")
	}
	var secrets []string
	for _, values := range call.Header {
		for _, value := range values {
			secrets = append(secrets, strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" .,;=", r) })...)
		}
	}
	seen.mu.Lock()
	defer seen.mu.Unlock()
	for _, e := range seen.events {
		if e.Cause != nil && e.Cause.Error() != e.Err.Error() {
			secrets = append(secrets, e.Cause.Error())
		}
	}
	for _, secret := range secrets {
		if len(secret) > 8 && strings.Contains(text, secret) {
			return fmt.Errorf("the answer holds %.40q, of the request or the cause", secret)
		}
	}
	return nil
}
