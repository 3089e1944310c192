package middleware_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

var errOtherTenant = errors.New("the order is another tenant's")

// admit lets a request with token, or without one for "", through. It returns the context of
// its handler.
func admit(t *testing.T, g *middleware.Guard, token string, need scopes.Requirement) context.Context {
	t.Helper()
	r := middleware.Request{Route: "GET /orders/{id}", RemoteAddr: "192.0.2.1:50000"}
	if token != "" {
		r.Header = bearer(token)
	}
	pass, err := g.Check(t.Context(), r, need)
	if err != nil {
		t.Fatal(err)
	}
	return pass.Context
}

func TestForbidAlwaysRefuses(t *testing.T) {
	var rec recorder
	g, other := newGuard(t, opaque, middleware.Options{Observe: rec.observe}), newGuard(t, opaque, middleware.Options{})
	ended, end := context.WithCancel(admit(t, g, "reader", scopes.Authenticated()))
	end()
	inner, err := other.Check(
		admit(t, g, "reader", scopes.Authenticated()), middleware.Request{Header: bearer("writer")}, scopes.Authenticated(),
	)
	if err != nil {
		t.Fatal(err)
	}
	insufficient := g.Authorize(admit(t, g, "reader", scopes.Authenticated()), scopes.All("write"))
	const orders = "GET /orders/{id}"
	tests := []struct {
		name           string
		ctx            context.Context
		cause          error
		route, subject string
		text           string // of the cause, if it is not cause
	}{
		{"a caller with a token", admit(t, g, "reader", scopes.Authenticated()), errOtherTenant, orders, "reader", ""},
		{"an anonymous caller", admit(t, g, "", scopes.Optional()), errOtherTenant, orders, "", ""},
		{"a request that has ended", ended, errOtherTenant, orders, "reader", ""},
		{"below another guard, too", inner.Context, errOtherTenant, orders, "reader", ""},
		{"outside of a guard", t.Context(), errOtherTenant, "", "", ""},
		{"of another guard", admit(t, other, "reader", scopes.Authenticated()), errOtherTenant, "", "", ""},
		{"on a public route", admit(t, g, "reader", scopes.Public()), errOtherTenant, "", "", ""},
		{"no cause", admit(t, g, "reader", scopes.Authenticated()), nil, orders, "reader", "the handler called Forbid without a cause"},
		{"a cause that is a nil pointer", admit(t, g, "reader", scopes.Authenticated()), (*middleware.Error)(nil), orders, "reader", "the handler called Forbid without a cause"},
		{"a refusal as the cause", admit(t, g, "reader", scopes.Authenticated()), insufficient, orders, "reader", ""},
		{"a cause that would be 401", admit(t, g, "reader", scopes.Authenticated()), middleware.ErrInvalidToken, orders, "reader", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := g.Forbid(tt.ctx, tt.cause)
			var refusal *middleware.Error
			if !errors.As(err, &refusal) || refusal.Code() != middleware.CodeDenied ||
				refusal.Status() != http.StatusForbidden || refusal.GRPCCode() != 7 ||
				refusal.Error() != "access denied" || refusal.Challenges() != nil || refusal.Scopes() != nil {
				t.Fatalf("%v, %+v", err, refusal)
			}
			if tt.cause != nil && errors.Is(err, tt.cause) {
				t.Error("the caller's error leads to the cause")
			}
			e := rec.last(t)
			if e.Err != refusal || e.Outcome != middleware.OutcomeRefused || e.Route != tt.route ||
				(e.RemoteAddr != "") != (tt.route != "") || e.Claims.Subject() != tt.subject {
				t.Errorf("the observer saw %+v", e)
			}
			if tt.text == "" && e.Cause != tt.cause || tt.text != "" && e.Cause.Error() != tt.text {
				t.Errorf("the cause is %v", e.Cause)
			}
		})
	}
}

func TestForbidRefusesUnderReportOnlyToo(t *testing.T) {
	var rec recorder
	g := newGuard(t, opaque, middleware.Options{
		Observe:            rec.observe,
		InsecureReportOnly: func(context.Context, middleware.Request) bool { return true },
	})
	for _, token := range []string{"reader", "forged"} {
		if err := g.Forbid(admit(t, g, token, scopes.All("read")), errOtherTenant); codeOf(err) != "denied" {
			t.Errorf("%s: %v", token, err)
		}
		if e := rec.last(t); e.Outcome != middleware.OutcomeRefused {
			t.Errorf("%s: the observer saw %q", token, e.Outcome)
		}
	}
}

func TestForbidWritesItsCauseToTheLogAlone(t *testing.T) {
	var log bytes.Buffer
	g := newGuard(t, opaque, middleware.Options{
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
		Body: func(_ context.Context, r middleware.Request, e *middleware.Error) (string, []byte) {
			return "text/plain", fmt.Appendf(nil, "%s %s %d", r.Route, e.Code(), len(r.Header.Values("Authorization")))
		},
	})
	err := g.Forbid(admit(t, g, "reader", scopes.Authenticated()), errOtherTenant)
	const want = `level=INFO msg="bearer token refused" code=denied cause="the order is another tenant's" ` +
		`route="GET /orders/{id}" remote_addr=192.0.2.1:50000`
	if !strings.Contains(log.String(), want) {
		t.Errorf("the log has %s", &log)
	}
	var refusal *middleware.Error
	if !errors.As(err, &refusal) {
		t.Fatal(err)
	}
	if _, body := refusal.Body(); string(body) != "GET /orders/{id} denied 1" {
		t.Errorf("the body is %s", body)
	}
	if err := g.Forbid(t.Context(), errOtherTenant); !errors.As(err, &refusal) {
		t.Fatal(err)
	}
	if _, body := refusal.Body(); string(body) != " denied 0" {
		t.Errorf("outside of a guard, the body is %s", body)
	}
}

// Goroutines of a stream may call Forbid during a later check, and after the stream has ended.
// The claims are those of the last check.
func TestForbidInGoroutinesOfAStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		g := newGuard(
			t,
			renewing(
				map[string]any{"sub": "first", "exp": time.Minute}, map[string]any{"sub": "second", "exp": time.Minute},
			),
			middleware.Options{
				Observe: rec.observe,
				Body: func(_ context.Context, r middleware.Request, _ *middleware.Error) (string, []byte) {
					return "text/plain", []byte(r.Header.Values("Authorization")[0])
				},
			},
		)
		var each sync.WaitGroup
		header := bearer("token")
		r := middleware.Request{Route: "GET /events", Header: header}
		err := g.WhileAuthorized(t.Context(), r, scopes.Authenticated(), func(ctx context.Context) error {
			for range 4 {
				each.Go(func() {
					for range 20 { // until a minute after the stream
						var refusal *middleware.Error
						if err := g.Forbid(ctx, errOtherTenant); !errors.As(err, &refusal) || refusal.Code() != "denied" {
							t.Errorf("got %v", err)
							return
						}
						if _, body := refusal.Body(); string(body) != "Bearer token" {
							t.Errorf("the body is %s", body)
						}
						time.Sleep(10 * time.Second)
					}
				})
			}
			header.Set("Authorization", "written over by the handler")
			<-ctx.Done()
			return nil
		})
		if codeOf(err) != "invalid" {
			t.Errorf("the stream ended with %v", err)
		}
		each.Wait()
		of := map[string]int{}
		for _, e := range rec.events {
			if e.Cause == errOtherTenant && e.Route == "GET /events" {
				of[e.Claims.Subject()]++
			}
		}
		if of["first"] < 4*6 || of["second"] < 4*12 || of["first"]+of["second"] != 4*20 {
			t.Errorf("the observer saw %v", of)
		}
	})
}
