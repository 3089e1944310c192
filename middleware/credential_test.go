package middleware_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

func TestTheObserverIsToldWhyCredentialsAreRefused(t *testing.T) {
	tests := []struct {
		name   string
		header http.Header
		cause  string
	}{
		{"nothing", nil, "no bearer credentials"},
		{"Basic", fields("Authorization", "Basic eDp5"), "another scheme"},
		{"two headers", fields("Authorization", "Bearer a", "Authorization", "Bearer b"), "more than one Authorization header"},
		{"two headers, and a cookie", fields("Authorization", "Bearer a", "Authorization", "Bearer b", "Cookie", "token=c"), "more than one Authorization header"},
		{"no token", fields("Authorization", "Bearer "), "nothing after the scheme"},
		{"a comma", fields("Authorization", "Bearer a,b"), "white space or a comma"},
		{"a comma before the token", fields("Authorization", "Bearer ,a"), "white space or a comma"},
		{"a tab", fields("Authorization", "Bearer a\tb"), "white space or a comma"},
		{"a tab before the token", fields("Authorization", "Bearer \ta"), "white space or a comma"},
		{"a space", fields("Authorization", "Bearer a b"), "white space or a comma"},
		{"a header and a cookie", fields("Authorization", "Bearer a", "Cookie", "token=b"), "in the Authorization header and another in a cookie"},
		{"two cookies", fields("Cookie", "token=a; token=b"), "more than one cookie"},
		{"an empty cookie", fields("Cookie", "token="), "an empty cookie"},
		{"a comma in a cookie", fields("Cookie", `token="a,b"`), "white space or a comma"},
		{"a space before the token in a cookie", fields("Cookie", `token=" a"`), "white space or a comma"},
		{"a cookie by another origin", fields("Cookie", "token=a", "Sec-Fetch-Site", "cross-site"), "another origin"},
		{"a token of 16 KiB is the verifier's to judge", bearer(strings.Repeat("x", 16<<10)), "unheard of"},
		{"a token of a byte more", bearer(strings.Repeat("x", 16<<10+1)), "longer than 16 KiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var rec recorder
			g := newGuard(t, opaque, middleware.Options{Cookie: "token", Observe: rec.observe})
			if _, err := g.Check(t.Context(), middleware.Request{Method: "POST", Header: tt.header}, scopes.Authenticated()); err == nil {
				t.Fatal("passes")
			}
			if cause := rec.last(t).Cause; cause == nil || !strings.Contains(cause.Error(), tt.cause) {
				t.Errorf("cause %v, want one with %q", cause, tt.cause)
			}
		})
	}
}
