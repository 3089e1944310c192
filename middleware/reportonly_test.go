package middleware_test

import (
	"context"
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
