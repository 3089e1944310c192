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
func TestAuthorizeTellsTheHeaderThatTheCallerSent(t *testing.T) {
	read := func(r middleware.Request) string { return r.Header.Values("Accept-Language")[0] }
	tests := map[string]func(seen *string) middleware.Options{
		"to InsecureReportOnly": func(seen *string) middleware.Options {
			return middleware.Options{InsecureReportOnly: func(_ context.Context, r middleware.Request) bool {
				*seen = read(r)
				return false
			}}
		},
		"to Body": func(seen *string) middleware.Options {
			return middleware.Options{Body: func(_ context.Context, r middleware.Request, _ *middleware.Error) (string, []byte) {
				*seen = read(r)
				return "", nil
			}}
		},
	}
	for name, options := range tests {
		t.Run(name, func(t *testing.T) {
			var seen string
			g := newGuard(t, opaque, options(&seen))
			refused := func(pass middleware.Pass, want string) {
				seen = ""
				var refusal *middleware.Error
				if err := g.Authorize(pass.Context, scopes.All("write")); errors.As(err, &refusal) {
					refusal.Body()
				}
				if seen != want {
					t.Errorf("the header says %q, want %q", seen, want)
				}
			}
			header := http.Header{"Authorization": {"Bearer reader"}, "Accept-Language": {"de"}}
			pass, err := g.Check(t.Context(), middleware.Request{Header: header}, scopes.All("read"))
			if err != nil {
				t.Fatal(err)
			}
			var authorizing sync.WaitGroup
			authorizing.Go(func() { refused(pass, "de") })
			header.Set("Accept-Language", "fr")
			authorizing.Wait()
			refused(pass, "de")

			other := metadata{"Authorization": {"Bearer reader"}, "Accept-Language": {"it"}}
			pass, err = g.Check(t.Context(), middleware.Request{Header: other}, scopes.All("read"))
			if err != nil {
				t.Fatal(err)
			}
			refused(pass, "it")
		})
	}
}
