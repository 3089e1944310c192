package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
)

// ErrCause is the cause of a handler that calls [middleware.Guard.Forbid].
var ErrCause = errors.New("the order is another tenant's")

// Watched returns a guard as [Guard] does, and what it has told the observer and the log.
func Watched(
	t testing.TB, opts middleware.Options,
) (g *middleware.Guard, events *[]middleware.Event, log *bytes.Buffer) {
	t.Helper()
	events, log = new([]middleware.Event), new(bytes.Buffer)
	opts.Observe = func(_ context.Context, e middleware.Event) { *events = append(*events, e) }
	opts.Logger = slog.New(slog.NewTextHandler(log, nil))
	return Guard(t, opts), events, log
}

// Forbidden tests what a guard of [Watched] has told about one request, which passed and was
// then refused by the handler, because of [ErrCause].
func Forbidden(t testing.TB, events []middleware.Event, log *bytes.Buffer) {
	t.Helper()
	if len(events) != 2 {
		t.Fatalf("the observer saw %d events, want 2", len(events))
	}
	passed, e := events[0], events[1]
	if e.Outcome != middleware.OutcomeRefused || e.Err.Code() != middleware.CodeDenied || e.Cause != ErrCause ||
		e.Claims.Subject() != "user" || e.Route != passed.Route || e.RemoteAddr != passed.RemoteAddr {
		t.Errorf("the observer saw %+v after %+v", e, passed)
	}
	if n := strings.Count(log.String(), `code=denied cause="the order is another tenant's"`); n != 1 {
		t.Errorf("the log has %d lines:\n%s", n, log)
	}
}

// Forbid tests a handler that refuses by [middleware.Guard.Forbid]. mount returns a handler
// behind g, in which the handler for "GET /" calls it with [ErrCause].
func Forbid(t *testing.T, mount func(g *middleware.Guard) http.Handler) {
	configured := func(_ context.Context, r middleware.Request, e *middleware.Error) (string, []byte) {
		return "text/html", fmt.Appendf(nil, "<p>%d %s", e.Status(), r.Route)
	}
	for name, body := range map[string]func(context.Context, middleware.Request, *middleware.Error) (string, []byte){
		"the body of the adapter": nil, "a configured body": configured,
	} {
		t.Run(name, func(t *testing.T) {
			g, events, log := Watched(t, middleware.Options{Body: body})
			w := Do(mount(g), http.MethodGet, "/", "good")
			h := w.Header()
			if w.Code != http.StatusForbidden || h.Get("WWW-Authenticate") != "" || h.Get("Cache-Control") != "no-store" {
				t.Errorf("%d %v", w.Code, h)
			}
			if strings.Contains(fmt.Sprint(w.Body, h), "tenant") {
				t.Errorf("the caller gets the cause: %s %v", w.Body, h)
			}
			Forbidden(t, *events, log)
			want := "access denied"
			if body != nil {
				want = "<p>403 " + (*events)[0].Route
			}
			if got := w.Body.String(); body == nil && !strings.Contains(got, want) || body != nil && got != want {
				t.Errorf("the body is %s", got)
			}
			if body != nil && h.Get("Content-Type") != "text/html" {
				t.Errorf("the body has the type %s", h.Get("Content-Type"))
			}
		})
	}
}
