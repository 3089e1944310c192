package middleware

import (
	"context"
	"crypto/tls"
	"log/slog"
	"slices"

	"github.com/bearerguard/bearerguard/internal/say"
)

// Outcome says what became of a request. It is one word, safe as a metric label and in a
// log.
type Outcome string

// The outcomes of a decision.
const (
	// OutcomePassed: the request was let through.
	OutcomePassed Outcome = "passed"
	// OutcomeRefused: the request was refused.
	OutcomeRefused Outcome = "refused"
	// OutcomeReported: the request was let through, because of
	// Options.InsecureReportOnly. Otherwise it would have been refused with Event.Err.
	OutcomeReported Outcome = "reported"
)

// Event is one decision, as [Options].Observe sees it. It never has a token, nor text of an
// unverified one, except for registered names, such as "none" for alg. Text that the issuer
// signed may be in Cause, quoted and cut. If you write a [Verifier] or a Validate, its errors
// must follow the same rule.
type Event struct {
	// Route, RemoteAddr and TLS are those of the Request. For a decision of
	// [Guard.Authorize] or [Guard.Forbid] they are those of the request around it.
	Route, RemoteAddr string
	TLS               *tls.ConnectionState
	// Outcome says what became of the request.
	Outcome Outcome
	// Err is the refusal, also of a request that was only reported. It is nil if the
	// request passed.
	Err *Error
	// Cause is the reason for Err, in words for an operator: what was expected, and what was
	// found. It is nil if Err is. It is not for the caller, and not for a metric label: use
	// the Code of Err there. Its text is made when it is read.
	Cause error
	// Claims are those of the token if it was good, and the zero Claims otherwise, whose
	// accessors return empty values. A good token that does not grant a scope is refused
	// and has Claims.
	Claims Claims
}

// Observers returns an observer that calls each of fs in turn. Nil ones are left out. If
// none is left, it returns nil. A panic of one is not recovered, so those after it are
// not called.
func Observers(fs ...func(context.Context, Event)) func(context.Context, Event) {
	fs = slices.DeleteFunc(slices.Clone(fs), func(f func(context.Context, Event)) bool { return f == nil })
	if len(fs) == 0 {
		return nil
	}
	return func(ctx context.Context, e Event) {
		for _, f := range fs {
			f(ctx, e)
		}
	}
}

// maxLoggedID is the length of the longest kid that the log says whole.
const maxLoggedID = 200

// log writes a line for e if the request was refused, or reported instead. An outage is a
// warning, because somebody should look at it. Other refusals are information.
func (e *Event) log(ctx context.Context, l *slog.Logger) {
	level := slog.LevelInfo
	switch e.Err.Code() {
	case "":
		return
	case CodeUnavailable:
		level = slog.LevelWarn
	}
	attrs := make([]slog.Attr, 0, 6)
	attrs = append(attrs,
		slog.String("code", string(e.Err.Code())),
		slog.Any("cause", e.Cause),
		slog.String("route", e.Route),
		slog.String("remote_addr", e.RemoteAddr))
	if !e.Claims.IsZero() {
		id := e.Claims.KeyID()
		if len(id) > maxLoggedID { // the issuer chose it, and a key set may be large
			id = say.Quote(id)
		}
		attrs = append(attrs, slog.String("key_id", id))
	}
	if e.Outcome == OutcomeReported {
		attrs = append(attrs, slog.Bool("report_only", true))
	}
	l.LogAttrs(ctx, level, "bearer token refused", attrs...)
}
