package middleware

import (
	"context"
	"crypto/tls"
	"log/slog"
)

// Event is one decision, as [Options].Observe sees it. It never holds a token,
// nor text that stood in an unverified one, as long as a [Verifier] and Validate of the
// user's keep to that, too.
type Event struct {
	// Route, RemoteAddr and TLS are the Request's.
	Route, RemoteAddr string
	TLS               *tls.ConnectionState
	// Err is the refusal, and nil where the request was let through.
	Err *Error
	// Cause says why in words for an operator; nil when Err is. It is not for
	// the caller.
	Cause error
	// ReportOnly tells that the request went through in spite of Err: see
	// Options.InsecureReportOnly.
	ReportOnly bool
	// Claims are those of the token if it was found good, and the zero Claims
	// otherwise, whose accessors return empty values. A request with a good token that
	// does not grant a scope is refused and has Claims.
	Claims Claims
}

// LogRefusals returns an observer that writes a line for each refusal, and
// nothing for a request that is let through. A nil logger stands for
// [slog.Default] at the time of the call.
//
// Outages are warnings, since somebody should look; refusals are information.
func LogRefusals(l *slog.Logger) func(context.Context, Event) {
	if l == nil {
		l = slog.Default()
	}
	return func(ctx context.Context, e Event) {
		if e.Err == nil {
			return
		}
		level := slog.LevelInfo
		if e.Err.Code() == CodeUnavailable {
			level = slog.LevelWarn
		}
		attrs := make([]slog.Attr, 0, 6)
		attrs = append(attrs,
			slog.String("code", string(e.Err.Code())),
			slog.Any("cause", e.Cause),
			slog.String("route", e.Route),
			slog.String("remote_addr", e.RemoteAddr))
		if !e.Claims.IsZero() {
			attrs = append(attrs, slog.String("key_id", e.Claims.KeyID()))
		}
		if e.ReportOnly {
			attrs = append(attrs, slog.Bool("report_only", true))
		}
		l.LogAttrs(ctx, level, "bearer token refused", attrs...)
	}
}
