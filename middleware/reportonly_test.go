package middleware_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

func TestWhatPassedUnderReportOnlyIsJudgedAnewFurtherIn(t *testing.T) {
	g := newGuard(
		t, opaque,
		middleware.Options{
			InsecureReportOnly: func(_ context.Context, r middleware.Request) bool { return r.Route == "/new" },
		},
	)
	tests := []struct {
		name, token string
		code        middleware.Code
	}{
		{"a bad token", "forged", "invalid"},
		{"an outage", "outage", "unavailable"},
		{"a ban", "banned", "denied"},
		{"a scope that lacks", "reader", "insufficient_scope"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			outer, err := g.Check(t.Context(), middleware.Request{Route: "/new", Header: bearer(tt.token)}, scopes.All("write"))
			if err != nil {
				t.Fatal(err)
			}
			_, err = g.Check(outer.Context, middleware.Request{Route: "/old", Header: bearer(tt.token)}, scopes.All("write"))
			if got := codeOf(err); got != tt.code {
				t.Errorf("code %q, want %q", got, tt.code)
			}
		})
	}
}

// Authorize may run in another goroutine, while the handler writes to the header of its request.
func TestWhatAuthorizeAsksReadsTheHeaderThatTheCallerSent(t *testing.T) {
	g := newGuard(t, opaque, middleware.Options{
		InsecureReportOnly: func(_ context.Context, r middleware.Request) bool {
			return len(r.Header.Values("Canary")) > 0
		},
		Body: func(_ context.Context, r middleware.Request, _ *middleware.Error) (string, []byte) {
			return "text/plain", []byte(r.Header.Values("Accept-Language")[0])
		},
	})
	header := http.Header{"Authorization": {"Bearer reader"}, "Accept-Language": {"de"}}
	pass, err := g.Check(t.Context(), middleware.Request{Header: header}, scopes.All("read"))
	if err != nil {
		t.Fatal(err)
	}
	var authorizing sync.WaitGroup
	authorizing.Go(func() {
		err := g.Authorize(pass.Context, scopes.All("write"))
		var refusal *middleware.Error
		if !errors.As(err, &refusal) {
			t.Errorf("Authorize returns %v", err)
			return
		}
		if _, body := refusal.Body(); string(body) != "de" {
			t.Errorf("body %q", body)
		}
	})
	header.Set("Canary", "1")
	header.Set("Accept-Language", "fr")
	authorizing.Wait()
}
