package middleware_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// The name is as an operator may write it. The guard must find the field anyway.
var inHeader = middleware.Options{Header: "x-proxy-TOKEN"}

func TestGuardWithHeader(t *testing.T) {
	tests := []struct {
		name     string
		header   http.Header
		code     middleware.Code // "": passes
		optional middleware.Code // the same on an optional route
		cause    string
	}{
		{"the whole value", fields("X-Proxy-Token", "reader"), "", "", ""},
		{"nothing", nil, "missing", "", "no bearer credentials"},
		{"no such header", http.Header{}, "missing", "", "no header that Options.Header names"},
		{"Basic in Authorization alone", fields("Authorization", "Basic eDp5"), "missing", "", "no header that Options.Header names"},
		{"a token in Authorization alone", bearer("reader"), "missing", "invalid", "the token is in Authorization, and Options.Header says X-Proxy-Token"},
		{"two tokens in Authorization alone", fields("Authorization", "Bearer reader", "Authorization", "Bearer writer"), "missing", "invalid", "the token is in Authorization"},
		{"a lookalike in Authorization alone", fields("Authorization", "Basic eDp5, Bearer\treader"), "missing", "invalid", "the token is in Authorization"},
		{"the same token in Authorization", fields("X-Proxy-Token", "reader", "Authorization", "Bearer reader"), "malformed", "malformed", "an Authorization header beside"},
		{"Basic beside the header", fields("X-Proxy-Token", "reader", "Authorization", "Basic eDp5"), "malformed", "malformed", "an Authorization header beside"},
		{"an empty Authorization beside the header", fields("X-Proxy-Token", "reader", "Authorization", ""), "malformed", "malformed", "an Authorization header beside"},
		{"the same token twice", fields("X-Proxy-Token", "reader", "X-Proxy-Token", "reader"), "malformed", "malformed", "more than one header that Options.Header names"},
		{"an empty one before a good one", fields("X-Proxy-Token", "", "X-Proxy-Token", "reader"), "malformed", "malformed", "more than one header that Options.Header names"},
		{"an empty value", fields("X-Proxy-Token", ""), "malformed", "malformed", "an empty header"},
		{"a scheme", fields("X-Proxy-Token", "Bearer reader"), "invalid", "invalid", "its whole value must be the token"},
		{"a scheme in lower case", fields("X-Proxy-Token", "bearer reader"), "invalid", "invalid", "its whole value must be the token"},
		{"a scheme alone, with its space", fields("X-Proxy-Token", "Bearer "), "invalid", "invalid", "its whole value must be the token"},
		{"a token that begins like a scheme", fields("X-Proxy-Token", "Bearer/"), "invalid", "invalid", "unheard of"},
		{"a space", fields("X-Proxy-Token", "reader writer"), "invalid", "invalid", "white space or a comma"},
		{"two fields that a proxy joined", fields("X-Proxy-Token", "reader, reader"), "invalid", "invalid", "white space or a comma"},
		{"a token that is too long", fields("X-Proxy-Token", strings.Repeat("x", 16<<10+1)), "invalid", "invalid", "longer than 16 KiB"},
		{"a bad token", fields("X-Proxy-Token", "forged"), "invalid", "invalid", "unheard of"},
		{"a cookie that nobody configured", fields("Cookie", "token=reader"), "missing", "", "no header that Options.Header names"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var rec recorder
			options := inHeader
			options.Observe = rec.observe
			g := newGuard(t, opaque, options)
			r := middleware.Request{Method: "POST"}
			if tt.header != nil {
				r.Header = tt.header
			}
			check := func(need scopes.Requirement, want middleware.Code) {
				_, err := g.Check(t.Context(), r, need)
				if codeOf(err) != want {
					t.Errorf("%v: code %q, want %q", need, codeOf(err), want)
				}
				if cause := rec.last(t).Cause; want != "" && (cause == nil || !strings.Contains(cause.Error(), tt.cause)) {
					t.Errorf("%v: cause %v, want one with %q", need, cause, tt.cause)
				}
			}
			check(scopes.Authenticated(), tt.code)
			check(scopes.Optional(), tt.optional)
		})
	}
}

// An identity-aware proxy makes the header from a cookie of the browser, for requests of any
// page.
func TestAHeaderIsJudgedByTheOriginLikeACookie(t *testing.T) {
	tests := []struct {
		name   string
		method string
		extra  http.Header
		code   middleware.Code
	}{
		{"POST by a program", "POST", fields(), ""},
		{"POST by the same origin", "POST", fields("Sec-Fetch-Site", "same-origin"), ""},
		{"POST by the host itself, in an old browser", "POST", fields("Origin", "https://api.example"), ""},
		{"POST by another origin", "POST", fields("Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"), "denied"},
		{"POST by another host of the site", "POST", fields("Sec-Fetch-Site", "same-site", "Origin", "https://b.api.example"), "denied"},
		{"POST by another origin, in an old browser", "POST", fields("Origin", "https://evil.example"), "denied"},
		{"POST by a trusted origin", "POST", fields("Sec-Fetch-Site", "same-site", "Origin", "https://app.example"), ""},
		{"GET by another origin", "GET", fields("Sec-Fetch-Site", "cross-site"), ""},
		{"a WebSocket by another origin", "GET", fields("Sec-Fetch-Site", "cross-site", "Upgrade", "websocket"), "denied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var rec recorder
			g := newGuard(t, opaque, middleware.Options{
				Header: inHeader.Header, TrustedOrigins: []string{"https://app.example"}, Observe: rec.observe,
			})
			tt.extra.Set("X-Proxy-Token", "reader")
			_, err := g.Check(
				t.Context(), middleware.Request{Method: tt.method, Host: "api.example", Header: tt.extra}, scopes.Optional(),
			)
			if codeOf(err) != tt.code {
				t.Errorf("code %q, want %q", codeOf(err), tt.code)
			}
			if cause := rec.last(t).Cause; tt.code != "" &&
				cause.Error() != "the cookie or the header that Options.Header names, sent by a page of another origin" {
				t.Error(cause)
			}
		})
	}
}

func TestACookieBesideAHeader(t *testing.T) {
	foreign := fields("Sec-Fetch-Site", "cross-site")
	tests := []struct {
		name    string
		options string // the header that the options name
		header  http.Header
		code    middleware.Code
		who     string
		abroad  middleware.Code // the code if a page of another origin sends it
	}{
		{"the same token", "", fields("Authorization", "Bearer reader", "Cookie", "token=reader"), "", "reader", "denied"},
		{"the same token, in quotes in the cookie", "", fields("Authorization", "Bearer reader", "Cookie", `token="reader"`), "", "reader", "denied"},
		{"two that differ", "", fields("Authorization", "Bearer reader", "Cookie", "token=writer"), "malformed", "", "malformed"},
		{"two that differ in the last octet", "", fields("Authorization", "Bearer reader", "Cookie", "token=readers"), "malformed", "", "malformed"},
		{"two that differ in case", "", fields("Authorization", "Bearer reader", "Cookie", "token=Reader"), "malformed", "", "malformed"},
		{"the same token, and a space after it", "", fields("Authorization", "Bearer reader", "Cookie", `token="reader "`), "malformed", "", "malformed"},
		{"the same cookie twice, and the same token", "", fields("Authorization", "Bearer reader", "Cookie", "token=reader; token=reader"), "malformed", "", "malformed"},
		{"an empty cookie and a good one, and the same token", "", fields("Authorization", "Bearer reader", "Cookie", "token=; token=reader"), "malformed", "", "malformed"},
		{"the same token twice, and the cookie", "", fields("Authorization", "Bearer reader", "Authorization", "Bearer reader", "Cookie", "token=reader"), "malformed", "", "malformed"},
		{"an empty cookie", "", fields("Authorization", "Bearer reader", "Cookie", "token="), "", "reader", ""},
		{"an empty cookie in quotes", "", fields("Authorization", "Bearer reader", "Cookie", `token=""`), "", "reader", ""},
		{"an empty cookie and a bad token", "", fields("Authorization", "Bearer forged", "Cookie", "token="), "invalid", "", "invalid"},
		{"an empty cookie and a scheme alone", "", fields("Authorization", "Bearer", "Cookie", "token="), "malformed", "", "malformed"},
		{"an empty cookie and Basic", "", fields("Authorization", "Basic eDp5", "Cookie", "token="), "malformed", "", "malformed"},
		{"an empty cookie and a lookalike", "", fields("Authorization", "Bearer\treader", "Cookie", "token="), "malformed", "", "malformed"},
		{"a lookalike with the same token", "", fields("Authorization", "Bearer\treader", "Cookie", "token=reader"), "malformed", "", "malformed"},
		{"the same bad token", "", fields("Authorization", "Bearer forged", "Cookie", "token=forged"), "invalid", "", "denied"},
		{"the same token, too long", "", fields("Authorization", "Bearer "+strings.Repeat("x", 16<<10+1), "Cookie", "token="+strings.Repeat("x", 16<<10+1)), "malformed", "", "malformed"},

		{"the same token in the other header", "X-T", fields("X-T", "reader", "Cookie", "token=reader"), "", "reader", "denied"},
		{"another token in the other header", "X-T", fields("X-T", "reader", "Cookie", "token=writer"), "malformed", "", "malformed"},
		{"an empty cookie beside the other header", "X-T", fields("X-T", "reader", "Cookie", "token="), "", "reader", "denied"},
		{"the cookie alone, in place of the other header", "X-T", fields("Cookie", "token=reader"), "", "reader", "denied"},
		{"an empty cookie alone", "X-T", fields("Cookie", "token="), "malformed", "", "malformed"},
		{"an empty other header and the cookie", "X-T", fields("X-T", "", "Cookie", "token=reader"), "malformed", "", "malformed"},
		{"a scheme in the other header and the cookie", "X-T", fields("X-T", "Bearer reader", "Cookie", "token=reader"), "malformed", "", "malformed"},
		{"a scheme in the other header and an empty cookie", "X-T", fields("X-T", "Bearer reader", "Cookie", "token="), "invalid", "", "invalid"},
		{"the token in Authorization and the same cookie", "X-T", fields("Authorization", "Bearer reader", "Cookie", "token=reader"), "malformed", "", "malformed"},
		{"Authorization, the other header and the same cookie", "X-T", fields("Authorization", "Bearer reader", "X-T", "reader", "Cookie", "token=reader"), "malformed", "", "malformed"},
		{"Basic and the cookie", "X-T", fields("Authorization", "Basic eDp5", "Cookie", "token=reader"), "", "reader", "denied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newGuard(t, opaque, middleware.Options{Cookie: "token", Header: tt.options})
			for _, need := range []scopes.Requirement{scopes.Authenticated(), scopes.Optional()} {
				pass, err := g.Check(t.Context(), middleware.Request{Method: "POST", Header: tt.header}, need)
				if codeOf(err) != tt.code || err == nil && subject(pass.Context) != tt.who {
					t.Errorf("%v: %v, want %q for %q", need, err, tt.code, tt.who)
				}
				abroad := tt.header.Clone()
				for name, values := range foreign {
					abroad[name] = values
				}
				_, err = g.Check(t.Context(), middleware.Request{Method: "POST", Header: abroad}, need)
				if codeOf(err) != tt.abroad {
					t.Errorf("%v, from another origin: %v, want %q", need, err, tt.abroad)
				}
			}
		})
	}
}

// Origins are compared to the letter, so one that no browser sends would trust nobody.
func TestAnOriginThatNoBrowserSendsIsAFault(t *testing.T) {
	for _, tt := range []struct{ origin, want string }{
		{"https://app.example", ""},
		{"https://app.example:8443", ""},
		{"http://localhost:3000", ""},
		{"http://app.example:443", ""},
		{"moz-extension://a-b", ""},
		{"https://*.example", `"https://*.example" has a wildcard, and origins are compared to the letter: list each of them`},
		{"https://APP.example", `"https://APP.example" is written in another way by browsers: write "https://app.example"`},
		{"HTTPS://app.example", `"HTTPS://app.example" is written in another way by browsers: write "https://app.example"`},
		{"https://app.example:443", `"https://app.example:443" is written in another way by browsers: write "https://app.example"`},
		{"http://app.example:80", `"http://app.example:80" is written in another way by browsers: write "http://app.example"`},
		{"https://u:secret@app.example", `"https://app.example" has credentials: write "https://app.example"`},
	} {
		t.Run(tt.origin, func(t *testing.T) {
			want := ""
			if tt.want != "" {
				want = "bearerguard: Options.TrustedOrigins[0]: " + tt.want
			}
			got := ""
			opts := middleware.Options{Cookie: "t", TrustedOrigins: []string{tt.origin}}
			if _, err := middleware.NewWithVerifier(opaque, opts); err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// A header that can't hold a token is a fault, and the error says why.
func TestAHeaderThatHoldsNoTokenIsAFault(t *testing.T) {
	for name, why := range map[string]string{
		"x token":                `not the name of a header field (RFC 9110 §5.6.2), because it has " "`,
		"X-Token:":               `because it has ":"`,
		"t\u00f6ken":             "because it has \"\u00f6\"",
		":authority":             `because it has ":"`,
		"X-\u0141":               "because it has \"\u0141\"", // its last octet is that of A
		"authorization":          "leave Header empty",
		"COOKIE":                 "name one in Cookie",
		"Proxy-Authorization":    "is for proxies",
		"origin":                 "requests of other origins",
		"sec-fetch-site":         "requests of other origins",
		"Upgrade":                "requests of other origins",
		"host":                   "the server itself",
		"Transfer-Encoding":      "the server itself",
		"trailer":                "the server itself",
		"Content-Length":         "the server itself",
		"Expect":                 "the server itself",
		"connection":             "the server itself",
		"sec-websocket-protocol": "httpauth.Subprotocol",
		"token-bin":              "ends in -bin",
		"Token-BIN":              "ends in -bin",
		"GRPC-token":             "begins with grpc-",
	} {
		_, err := middleware.NewWithVerifier(opaque, middleware.Options{Header: name})
		if err == nil || !strings.Contains(err.Error(), "Options.Header: ") || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v, want an error with %q", name, err, why)
		}
	}
	for _, name := range []string{
		"x-amzn-oidc-data", "Cf-Access-Jwt-Assertion", "X!#$%&'*+-.^_`|~9", "bin", "grpcToken", "t",
	} {
		_ = newGuard(t, opaque, middleware.Options{Header: name, TrustedOrigins: []string{"https://app.example"}})
	}
}

// Inside its request, a guard finds the claims again by the token, wherever that was.
func TestAGuardWithHeaderFindsItsClaimsAgain(t *testing.T) {
	verified := 0
	g := newGuard(t, middleware.VerifierFunc(func(ctx context.Context, token string) (middleware.Claims, error) {
		verified++
		return opaque.Verify(ctx, token)
	}), inHeader)
	check := func(ctx context.Context, header http.Header, need scopes.Requirement) (middleware.Pass, error) {
		return g.Check(ctx, middleware.Request{Method: "POST", Header: header}, need)
	}
	writer := fields("X-Proxy-Token", "writer")
	outer, err := check(t.Context(), writer, scopes.Authenticated())
	if err != nil {
		t.Fatal(err)
	}
	if inner, err := check(outer.Context, writer, scopes.All("write")); err != nil || !inner.Remembered || verified != 1 {
		t.Errorf("checked again: %v, remembered %t, verified %d times", err, inner.Remembered, verified)
	}
	_, err = check(outer.Context, fields("X-Proxy-Token", "reader"), scopes.All("write"))
	if codeOf(err) != "insufficient_scope" {
		t.Errorf("a message with another token: %v", err)
	}
	for _, header := range []http.Header{nil, fields("X-Proxy-Token", "reader"), bearer("writer")} {
		pass, err := check(outer.Context, header, scopes.Public())
		if err != nil || subject(pass.Context) == "writer" {
			t.Errorf("a message with other credentials, %v: %v, claims of %q", header, err, subject(pass.Context))
		}
	}
	if pass, err := check(outer.Context, writer, scopes.Public()); err != nil || subject(pass.Context) != "writer" {
		t.Errorf("a public route within one's own request: %v, claims of %q", err, subject(pass.Context))
	}
}

// A check during a stream finds the header in the copy, whatever the type of the original.
func TestAStreamChecksTheHeaderAgain(t *testing.T) {
	written := fields("X-Proxy-Token", "reader", "Sec-Fetch-Site", "same-origin")
	for name, header := range map[string]interface{ Values(string) []string }{
		"an http.Header": written, "another type": metadata(written),
	} {
		synctest.Test(t, func(t *testing.T) {
			v := renewing(map[string]any{"exp": time.Minute}, map[string]any{"exp": time.Minute})
			g := newGuard(t, v, inHeader)
			r := middleware.Request{Method: "POST", Header: header}
			if err := g.WhileAuthorized(t.Context(), r, scopes.Authenticated(), func(ctx context.Context) error {
				time.Sleep(90 * time.Second)
				return ctx.Err()
			}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
		synctest.Test(t, func(t *testing.T) {
			v := renewing(map[string]any{"exp": time.Minute}, map[string]any{"exp": time.Minute})
			g := newGuard(t, v, inHeader)
			r := middleware.Request{Method: "POST", Header: header}
			pass, err := g.Check(t.Context(), r, scopes.Authenticated())
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
			if _, err := g.Renew(t.Context(), pass, r, scopes.Authenticated()); err != nil {
				t.Errorf("%s, renewed: %v", name, err)
			}
		})
	}
}

// The usual guard must not pay for places that it does not read.
func TestAGuardReadsOnlyTheFieldsOfItsOptions(t *testing.T) {
	for want, options := range map[string]middleware.Options{
		"Authorization":               {},
		"Authorization Cookie":        {Cookie: "token"},
		"Authorization X-Proxy-Token": inHeader,
	} {
		var read readFields
		_, _ = newGuard(t, opaque, options).Check(t.Context(), middleware.Request{Header: &read}, scopes.Authenticated())
		if got := strings.Join(read, " "); got != want {
			t.Errorf("%v: reads %q, want %q", options, got, want)
		}
	}
}

// readFields is an empty header that notes which fields are read.
type readFields []string

func (f *readFields) Values(name string) []string {
	*f = append(*f, name)
	return nil
}
