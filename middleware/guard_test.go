package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

// opaque is a verifier of a few tokens. The name of a token decides the result.
var opaque = middleware.VerifierFunc(func(ctx context.Context, token string) (middleware.Claims, error) {
	switch token {
	case "reader":
		return middleware.NewClaims(map[string]any{"sub": "reader", "scope": "read"})
	case "writer":
		return middleware.NewClaims(map[string]any{"sub": "writer", "scope": "read write"})
	case "banned":
		return middleware.Claims{}, fmt.Errorf("%w: on the list", middleware.ErrForbidden)
	case "outage":
		return middleware.Claims{}, errors.New("dial tcp: connection refused")
	case "silent":
		return middleware.Claims{}, nil
	case "both":
		claims, err := middleware.NewClaims(map[string]any{"sub": "x", "scope": "read"})
		return claims, errors.Join(err, errors.New("and yet"))
	case "slow":
		<-ctx.Done()
		return middleware.Claims{}, ctx.Err()
	}
	return middleware.Claims{}, fmt.Errorf("%w: unheard of", middleware.ErrInvalidToken)
})

// recorder is an observer that records events.
type recorder struct {
	mu     sync.Mutex
	events []middleware.Event
}

func (r *recorder) observe(_ context.Context, e middleware.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func (r *recorder) last(t *testing.T) middleware.Event {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.events) == 0 {
		t.Fatal("nothing was observed")
	}
	return r.events[len(r.events)-1]
}

func newGuard(t testing.TB, v middleware.Verifier, opts middleware.Options) *middleware.Guard {
	t.Helper()
	g, err := middleware.NewWithVerifier(v, opts)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// fields makes a request header out of names and values in turn.
func fields(kv ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(kv); i += 2 {
		h.Add(kv[i], kv[i+1])
	}
	return h
}

func bearer(token string) http.Header { return fields("Authorization", "Bearer "+token) }

func subject(ctx context.Context) string {
	if claims, ok := middleware.ClaimsFrom(ctx); ok {
		return claims.Subject()
	}
	return ""
}

func TestGuardCheck(t *testing.T) {
	read, write := scopes.All("read"), scopes.All("write")
	anybody := scopes.Authenticated()
	tests := []struct {
		name    string
		header  http.Header
		need    scopes.Requirement
		code    middleware.Code // "": passes
		subject string
	}{
		// Where the token is
		{"no header", nil, anybody, "missing", ""},
		{"an empty header", fields("Authorization", ""), anybody, "missing", ""},
		{"Basic", fields("Authorization", "Basic cmVhZGVyOng="), anybody, "missing", ""},
		{"a bare token", fields("Authorization", "reader"), anybody, "missing", ""},
		{"a scheme that begins like ours", fields("Authorization", "Bearers reader"), anybody, "missing", ""},
		{"a tab after the scheme", fields("Authorization", "Bearer\treader"), anybody, "missing", ""},
		{"a comma after the scheme", fields("Authorization", "bearer,reader"), anybody, "missing", ""},
		{"a colon after the scheme", fields("Authorization", "Bearer: reader"), anybody, "missing", ""},
		{"a space before the scheme", fields("Authorization", " \tBearer reader"), anybody, "missing", ""},
		{"Basic and then Bearer, joined", fields("Authorization", "Basic eDp5, Bearer reader"), anybody, "missing", ""},
		{"an empty element and then Bearer", fields("Authorization", ",bearer reader"), anybody, "missing", ""},
		{"the scheme in lower case", fields("Authorization", "bearer reader"), anybody, "", "reader"},
		{"the scheme in capitals", fields("Authorization", "BEARER reader"), anybody, "", "reader"},
		{"several spaces after the scheme", fields("Authorization", "Bearer   reader"), anybody, "", "reader"},
		{"nothing after the scheme", fields("Authorization", "Bearer"), anybody, "malformed", ""},
		{"only a space after the scheme", fields("Authorization", "Bearer "), anybody, "malformed", ""},
		{"two headers", fields("Authorization", "Bearer reader", "Authorization", "Bearer writer"), anybody, "malformed", ""},
		{"the same header twice", fields("Authorization", "Bearer reader", "Authorization", "Bearer reader"), anybody, "malformed", ""},
		{"Basic and then Bearer", fields("Authorization", "Basic eDp5", "Authorization", "Bearer reader"), anybody, "malformed", ""},
		{"a list in one header", fields("Authorization", "Bearer reader, Bearer writer"), anybody, "invalid", ""},
		{"a comma before the token", fields("Authorization", "Bearer ,reader"), anybody, "invalid", ""},
		{"a tab before the token", fields("Authorization", "Bearer \treader"), anybody, "invalid", ""},
		{"a comma without a space", fields("Authorization", "Bearer reader,writer"), anybody, "invalid", ""},
		{"a space after the token", fields("Authorization", "Bearer reader "), anybody, "invalid", ""},
		{"a tab in the token", fields("Authorization", "Bearer reader\twriter"), anybody, "invalid", ""},
		{"more than 16 KiB", bearer(strings.Repeat("x", 16<<10+1)), anybody, "invalid", ""},
		{"a cookie that nobody configured", fields("Cookie", "token=reader"), anybody, "missing", ""},

		// What the verifier says
		{"a token it knows", bearer("reader"), anybody, "", "reader"},
		{"one it doesn't", bearer("forged"), anybody, "invalid", ""},
		{"one it bans", bearer("banned"), anybody, "denied", ""},
		{"one about which it can't tell", bearer("outage"), anybody, "unavailable", ""},
		{"one about which it says nothing", bearer("silent"), anybody, "unavailable", ""},
		{"one about which it says both", bearer("both"), anybody, "unavailable", ""},

		// What the route needs
		{"the zero requirement", bearer("writer"), scopes.Requirement{}, "denied", ""},
		{"the zero requirement, and no token", nil, scopes.Requirement{}, "denied", ""},
		{"a scope that is there", bearer("reader"), read, "", "reader"},
		{"a scope that is not", bearer("reader"), write, "insufficient_scope", ""},
		{"public, and no token", nil, scopes.Public(), "", ""},
		{"public, and a bad token", bearer("forged"), scopes.Public(), "", ""},
		{"public, and a good token that isn't looked at", bearer("reader"), scopes.Public(), "", ""},
		{"public, and two headers", fields("Authorization", "Bearer a", "Authorization", "Bearer b"), scopes.Public(), "", ""},
		{"optional, and no token", nil, scopes.Optional(), "", ""},
		{"optional, and Basic", fields("Authorization", "Basic eDp5"), scopes.Optional(), "", ""},
		{"optional, and a good token", bearer("reader"), scopes.Optional(), "", "reader"},
		{"optional, and a bad token", bearer("forged"), scopes.Optional(), "invalid", ""},
		{"optional, and a tab after the scheme", fields("Authorization", "Bearer\tforged"), scopes.Optional(), "invalid", ""},
		{"optional, and a comma after the scheme", fields("Authorization", "bearer,forged"), scopes.Optional(), "invalid", ""},
		{"optional, and a scheme alone", fields("Authorization", "Bearer"), scopes.Optional(), "malformed", ""},
		{"optional, and Basic and then Bearer, joined", fields("Authorization", "Basic eDp5 ,\tbearer\tforged"), scopes.Optional(), "invalid", ""},
		{"optional, and a space before the scheme", fields("Authorization", " Bearer forged"), scopes.Optional(), "invalid", ""},
		{"optional, and an empty element before the scheme", fields("Authorization", ",Bearer forged"), scopes.Optional(), "invalid", ""},
		{"optional, and another octet after the scheme", fields("Authorization", "Bearer\u00a0forged"), scopes.Optional(), "invalid", ""},
		{"optional, and a scheme that begins like ours", fields("Authorization", "Bearers x, Bearer-x y"), scopes.Optional(), "", ""},
		{"optional, and Digest with its parameters", fields("Authorization", `Digest username="x", realm="y"`), scopes.Optional(), "", ""},
		{"optional, and an outage", bearer("outage"), scopes.Optional(), "unavailable", ""},
		{"optional, and two headers", fields("Authorization", "Bearer reader", "Authorization", "Bearer reader"), scopes.Optional(), "malformed", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var rec recorder
			g := newGuard(t, opaque, middleware.Options{Observe: rec.observe})
			pass, err := g.Check(
				t.Context(), middleware.Request{Route: "GET /x", Header: tt.header, RemoteAddr: "192.0.2.1:7"}, tt.need,
			)
			event := rec.last(t)
			if event.Route != "GET /x" || event.RemoteAddr != "192.0.2.1:7" {
				t.Errorf("the event speaks of %q from %q", event.Route, event.RemoteAddr)
			}
			if tt.code == "" {
				if err != nil {
					t.Fatalf("refused: %v", event.Cause)
				}
				if got := subject(pass.Context); got != tt.subject {
					t.Errorf("subject %q, want %q", got, tt.subject)
				}
				if event.Err != nil || event.Cause != nil {
					t.Errorf("the event says %v because of %v", event.Err, event.Cause)
				}
				return
			}
			var refusal *middleware.Error
			if !errors.As(err, &refusal) {
				t.Fatalf("err is a %T", err)
			}
			if refusal.Code() != tt.code {
				t.Errorf("code %q, want %q (%v)", refusal.Code(), tt.code, event.Cause)
			}
			if pass.Context != nil {
				t.Error("a refusal comes with a context to go on with")
			}
			if event.Err != refusal || event.Cause == nil {
				t.Errorf("the event says %v because of %v", event.Err, event.Cause)
			}
		})
	}
	t.Run("no header at all", func(t *testing.T) {
		_, err := newGuard(t, opaque, middleware.Options{}).Check(t.Context(), middleware.Request{}, anybody)
		if err == nil {
			t.Error("passes")
		}
	})
}

func TestGuardWithCookie(t *testing.T) {
	both := fields("Cookie", "token=reader", "Authorization", "Bearer reader")
	foreign := fields("Cookie", "token=reader", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
	oldBrowser := fields("Cookie", "token=reader", "Origin", "https://evil.example")
	trusted := fields("Cookie", "token=reader", "Sec-Fetch-Site", "same-site", "Origin", "https://app.example")
	tests := []struct {
		name   string
		method string
		header http.Header
		code   middleware.Code
	}{
		{"a cookie", "GET", fields("Cookie", "token=reader"), ""},
		{"a cookie among others", "GET", fields("Cookie", "a=b; token=reader; c=d"), ""},
		{"a header and no cookie", "GET", bearer("reader"), ""},
		{"a cookie beside a header that looks like a bearer token", "GET", fields("Cookie", "token=reader", "Authorization", "Bearer\tx"), "malformed"},
		{"another cookie", "GET", fields("Cookie", "tokens=reader"), "missing"},
		{"a cookie beside Basic", "GET", fields("Cookie", "token=reader", "Authorization", "Basic eDp5"), ""},
		{"the same token in both places", "GET", both, ""},
		{"a header with an invalid token, and a cookie", "GET", fields("Cookie", "token=reader", "Authorization", "Bearer a,b"), "malformed"},
		{"a scheme without a token, and a cookie", "GET", fields("Cookie", "token=reader", "Authorization", "Bearer"), "malformed"},
		{"the cookie twice", "GET", fields("Cookie", "token=reader; token=reader"), "malformed"},
		{"the cookie twice, in two headers", "GET", fields("Cookie", "token=reader", "Cookie", "token=writer"), "malformed"},
		{"an empty cookie", "GET", fields("Cookie", "token="), "malformed"},
		{"a bad token in the cookie", "GET", fields("Cookie", "token=forged"), "invalid"},
		{"a comma in the cookie", "GET", fields("Cookie", `token="a,b"`), "invalid"},
		{"a space in the cookie", "GET", fields("Cookie", `token=" reader"`), "invalid"},
		{"POST by the same origin", "POST", fields("Cookie", "token=reader", "Sec-Fetch-Site", "same-origin"), ""},
		{"POST by a program", "POST", fields("Cookie", "token=reader"), ""},
		{"POST by another origin", "POST", foreign, "denied"},
		{"POST by another origin, in an old browser", "POST", oldBrowser, "denied"},
		{"POST by the host itself, in an old browser", "POST", fields("Cookie", "token=reader", "Origin", "https://api.example"), ""},
		{"POST by a trusted origin", "POST", trusted, ""},
		{"GET by another origin", "GET", foreign, ""},
		{"a WebSocket opened by another origin", "GET", fields("Cookie", "token=reader", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example", "Upgrade", "websocket"), "denied"},
		{"a WebSocket opened by a trusted origin", "GET", fields("Cookie", "token=reader", "Sec-Fetch-Site", "same-site", "Origin", "https://app.example", "Upgrade", "websocket"), ""},
		{"POST by another origin with a header, which no browser attaches by itself", "POST", fields("Authorization", "Bearer reader", "Sec-Fetch-Site", "cross-site"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newGuard(t, opaque, middleware.Options{Cookie: "token", TrustedOrigins: []string{"https://app.example"}})
			_, err := g.Check(
				t.Context(), middleware.Request{Method: tt.method, Host: "api.example", Header: tt.header},
				scopes.Authenticated(),
			)
			if got := codeOf(err); got != tt.code {
				t.Errorf("code %q, want %q", got, tt.code)
			}
		})
	}
}

func codeOf(err error) middleware.Code {
	var refusal *middleware.Error
	if errors.As(err, &refusal) {
		return refusal.Code()
	}
	return ""
}

func TestACallerWhoLeavesIsNoOutage(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g := newGuard(t, opaque, middleware.Options{})
	_, err := g.Check(ctx, middleware.Request{Header: bearer("slow")}, scopes.Authenticated())
	if got := codeOf(err); got != "canceled" {
		t.Errorf("code %q, want canceled", got)
	}
	_, err = g.Check(ctx, middleware.Request{Header: bearer("forged")}, scopes.Authenticated())
	if got := codeOf(err); got != "invalid" {
		t.Errorf("code %q for a bad token whose sender left, want invalid", got)
	}
}

func TestTheSameGuardVerifiesATokenOnce(t *testing.T) {
	verified := 0
	counted := middleware.VerifierFunc(func(ctx context.Context, token string) (middleware.Claims, error) {
		verified++
		return opaque(ctx, token)
	})
	g, other := newGuard(t, counted, middleware.Options{}), newGuard(t, counted, middleware.Options{})
	check := func(
		ctx context.Context, g *middleware.Guard, token string, need scopes.Requirement,
	) (context.Context, middleware.Code) {
		pass, err := g.Check(ctx, middleware.Request{Header: bearer(token)}, need)
		return pass.Context, codeOf(err)
	}
	ctx, code := check(t.Context(), g, "reader", scopes.Authenticated())
	if code != "" || verified != 1 {
		t.Fatalf("code %q, verified %d times", code, verified)
	}
	if _, code := check(ctx, g, "reader", scopes.All("read")); code != "" || verified != 1 {
		t.Errorf("the same token again: code %q, verified %d times in all", code, verified)
	}
	if _, code := check(ctx, g, "reader", scopes.All("write")); code != "insufficient_scope" || verified != 1 {
		t.Errorf("the same token for more: code %q, verified %d times in all", code, verified)
	}
	if inner, code := check(ctx, g, "writer", scopes.All("write")); code != "" || verified != 2 ||
		subject(inner) != "writer" {
		t.Errorf("another token: code %q, verified %d times in all", code, verified)
	}
	if _, code := check(ctx, other, "reader", scopes.Authenticated()); code != "" || verified != 3 {
		t.Errorf("another guard: code %q, verified %d times in all", code, verified)
	}
}

// aging verifies tokens that expire a minute after the start of the bubble.
var aging = middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) {
	if time.Now().Unix() >= bubbleStart+60 {
		return middleware.Claims{}, fmt.Errorf("%w: expired", middleware.ErrInvalidToken)
	}
	return middleware.NewClaims(map[string]any{"sub": "user", "exp": bubbleStart + 60})
})

func TestATokenThatExpiresMeanwhileIsGoodForNothingMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(t, aging, middleware.Options{})
		r := middleware.Request{Header: bearer("token")}
		pass, err := g.Check(t.Context(), r, scopes.Authenticated())
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute - 1)
		if _, err := g.Check(pass.Context, r, scopes.Authenticated()); err != nil {
			t.Errorf("Check a nanosecond before: %v", err)
		}
		if err := g.Authorize(pass.Context, scopes.Authenticated()); err != nil {
			t.Errorf("Authorize a nanosecond before: %v", err)
		}
		time.Sleep(time.Nanosecond)
		if _, err := g.Check(pass.Context, r, scopes.Authenticated()); codeOf(err) != "invalid" {
			t.Errorf("Check at expiry: %v", err)
		}
		for _, need := range []scopes.Requirement{scopes.Authenticated(), scopes.All("read"), scopes.Optional()} {
			if err := g.Authorize(pass.Context, need); codeOf(err) != "invalid" {
				t.Errorf("Authorize(%v) at expiry: %v", need, err)
			}
		}
		if err := g.Authorize(pass.Context, scopes.Public()); err != nil {
			t.Errorf("Authorize(public) at expiry: %v", err)
		}
	})
}

func TestEachGuardFindsItsOwnCaller(t *testing.T) {
	outer := newGuard(t, opaque, middleware.Options{})
	inner := newGuard(t, opaque, middleware.Options{Cookie: "session"})
	pass, err := outer.Check(t.Context(), middleware.Request{Header: bearer("writer")}, scopes.Authenticated())
	if err != nil {
		t.Fatal(err)
	}
	pass, err = inner.Check(
		pass.Context, middleware.Request{Header: fields("Cookie", "session=reader")}, scopes.Authenticated(),
	)
	if err != nil {
		t.Fatal(err)
	}
	if err := outer.Authorize(pass.Context, scopes.All("write")); err != nil {
		t.Errorf("the outer guard does not know its writer: %v", err)
	}
	if err := inner.Authorize(pass.Context, scopes.All("write")); codeOf(err) != "insufficient_scope" {
		t.Errorf("the inner guard takes its reader for the writer: %v", err)
	}
	if got := subject(pass.Context); got != "reader" {
		t.Errorf("ClaimsFrom tells of %q, not of the innermost guard's caller", got)
	}
}

func TestADeadlineIsAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := newGuard(t, opaque, middleware.Options{}).Check(
			ctx, middleware.Request{Header: bearer("slow")}, scopes.Authenticated(),
		)
		if codeOf(err) != "unavailable" {
			t.Errorf("err = %v", err)
		}
	})
}

func TestAnAnonymousCallerDoesNotAppearUnderAnotherGuardsClaims(t *testing.T) {
	outer := newGuard(t, opaque, middleware.Options{})
	inner := newGuard(t, opaque, middleware.Options{Cookie: "session"})
	pass, err := outer.Check(t.Context(), middleware.Request{Header: bearer("reader")}, scopes.Authenticated())
	if err != nil {
		t.Fatal(err)
	}
	pass, err = inner.Check(pass.Context, middleware.Request{}, scopes.Optional())
	if err != nil {
		t.Fatal(err)
	}
	if got := subject(pass.Context); got != "" {
		t.Errorf("appears as %q", got)
	}
}

func TestAPublicRouteLeavesTheClaimsOfAnotherGuardAlone(t *testing.T) {
	outer, inner := newGuard(t, opaque, middleware.Options{}), newGuard(t, opaque, middleware.Options{})
	pass, err := outer.Check(t.Context(), middleware.Request{Header: bearer("reader")}, scopes.Authenticated())
	if err != nil {
		t.Fatal(err)
	}
	pass, err = inner.Check(pass.Context, middleware.Request{Header: bearer("writer")}, scopes.Public())
	if err != nil {
		t.Fatal(err)
	}
	if got := subject(pass.Context); got != "reader" {
		t.Errorf("appears as %q", got)
	}
}

func TestTheContextKeepsWhatOthersPutIntoIt(t *testing.T) {
	type key string
	ctx := context.WithValue(t.Context(), key("trace"), "7")
	pass, err := newGuard(t, opaque, middleware.Options{}).Check(
		ctx, middleware.Request{Header: bearer("reader")}, scopes.Authenticated(),
	)
	if err != nil {
		t.Fatal(err)
	}
	if got, none := pass.Context.Value(key("trace")), pass.Context.Value(key("span")); got != "7" || none != nil {
		t.Errorf("trace %v, span %v", got, none)
	}
}

func TestAuthorize(t *testing.T) {
	var rec recorder
	g, other := newGuard(t, opaque, middleware.Options{Observe: rec.observe}), newGuard(t, opaque, middleware.Options{})
	enter := func(g *middleware.Guard, token string, need scopes.Requirement) context.Context {
		pass, err := g.Check(t.Context(), middleware.Request{Route: "POST /graphql", Header: bearer(token)}, need)
		if err != nil {
			t.Fatal(err)
		}
		return pass.Context
	}
	tests := []struct {
		name string
		ctx  context.Context
		need scopes.Requirement
		code middleware.Code
	}{
		{"what the token grants", enter(g, "reader", scopes.Authenticated()), scopes.All("read"), ""},
		{"what it does not", enter(g, "reader", scopes.Authenticated()), scopes.All("write"), "insufficient_scope"},
		{"nothing asked", enter(g, "reader", scopes.Authenticated()), scopes.Public(), ""},
		{"the zero requirement", enter(g, "writer", scopes.Authenticated()), scopes.Requirement{}, "denied"},
		{"outside of a guard", t.Context(), scopes.Authenticated(), "missing"},
		{"outside of a guard, optional", t.Context(), scopes.Optional(), ""},
		{"by the claims of another guard", enter(other, "writer", scopes.Authenticated()), scopes.All("read"), "missing"},
		{"on a public route, which looks at no token", enter(g, "writer", scopes.Public()), scopes.All("read"), "missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := g.Authorize(tt.ctx, tt.need)
			if got := codeOf(err); got != tt.code {
				t.Errorf("code %q, want %q", got, tt.code)
			}
			if (err == nil) != (tt.code == "") {
				t.Errorf("err = %v", err)
			}
		})
	}
	if err := g.Authorize(enter(g, "reader", scopes.Authenticated()), scopes.All("write")); err == nil {
		t.Fatal("passes")
	}
	if e := rec.last(t); e.Route != "POST /graphql" || e.Err == nil || e.Claims.Subject() != "reader" {
		t.Errorf("the observer saw %+v", e)
	}
}

func TestReportOnlyLetsPassAndSaysSo(t *testing.T) {
	tests := []struct {
		name    string
		route   string
		header  http.Header
		need    scopes.Requirement
		code    middleware.Code // what is reported
		subject string
	}{
		{"no token", "/new", nil, scopes.All("read"), "missing", ""},
		{"a bad token", "/new", bearer("forged"), scopes.All("read"), "invalid", ""},
		{"a scope that lacks", "/new", bearer("reader"), scopes.All("write"), "insufficient_scope", "reader"},
		{"an outage", "/new", bearer("outage"), scopes.All("write"), "unavailable", ""},
		{"no rule", "/new", nil, scopes.Requirement{}, "denied", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var rec recorder
			g := newGuard(t, opaque, middleware.Options{
				Observe:            rec.observe,
				InsecureReportOnly: func(_ context.Context, r middleware.Request) bool { return r.Route == "/new" },
			})
			pass, err := g.Check(t.Context(), middleware.Request{Route: tt.route, Header: tt.header}, tt.need)
			if err != nil {
				t.Fatalf("refused: %v", err)
			}
			if e := rec.last(t); e.Err.Code() != tt.code || e.Outcome != middleware.OutcomeReported {
				t.Errorf("reported %v, outcome %q", e.Err, e.Outcome)
			}
			if got := subject(pass.Context); got != tt.subject {
				t.Errorf("subject %q, want %q", got, tt.subject)
			}
			if err := g.Authorize(pass.Context, scopes.All("write")); err != nil {
				t.Errorf("the handler's own question is refused: %v", err)
			}
			if _, err := g.Check(t.Context(), middleware.Request{Route: "/old", Header: tt.header}, tt.need); err == nil ||
				rec.last(t).Outcome != middleware.OutcomeRefused {
				t.Error("another route is open, too")
			}
		})
	}
}

func TestNewNamesEveryFaultOfBothArguments(t *testing.T) {
	g, err := middleware.New(middleware.JWTConfig{}, middleware.Options{
		Realm:          "caf\u00e9",
		TrustedOrigins: []string{"https://app.example"},
	})
	if err == nil || g != nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		"Issuer: required", "Audience: required", "Realm:", "TrustedOrigins: have no effect without Cookie",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error does not speak of %q:\n%v", want, err)
		}
	}
}

func TestNewWithVerifierNamesEveryFault(t *testing.T) {
	tests := []struct {
		name     string
		verifier middleware.Verifier
		opts     middleware.Options
		want     []string
	}{
		{"no verifier and a bad cookie", nil, middleware.Options{Cookie: "a b"}, []string{"no verifier", "Cookie:"}},
		{"a verifier that somebody forgot to make", (*middleware.JWT)(nil), middleware.Options{}, []string{"no verifier"}},
		{"a function that is nil", middleware.VerifierFunc(nil), middleware.Options{}, []string{"no verifier"}},
		{"a line feed in the realm", opaque, middleware.Options{Realm: "a\r\nb"}, []string{"Realm:"}},
		{"origins that are none", opaque, middleware.Options{Cookie: "t", TrustedOrigins: []string{"app.example", "https://ok.example", "https://x/path", "https://["}}, []string{"TrustedOrigins[0]", "TrustedOrigins[2]", "TrustedOrigins[3]"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, err := middleware.NewWithVerifier(tt.verifier, tt.opts)
			if err == nil || g != nil {
				t.Fatal("accepted")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error does not speak of %q:\n%v", want, err)
				}
			}
		})
	}
}

func TestGuardOwnsWhatNewMade(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Addr: "127.0.0.1:0"})
	g, err := middleware.New(
		middleware.JWTConfig{Issuer: issuer.URL(), Audience: []string{issuer.Audience()}}, middleware.Options{},
	)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	check := func(token string) middleware.Code {
		_, err := g.Check(t.Context(), middleware.Request{Header: bearer(token)}, scopes.Authenticated())
		return codeOf(err)
	}
	if got := check(issuer.Mint(authtest.Token{})); got != "" {
		t.Errorf("code %q for a good token", got)
	}
	if err := errors.Join(g.Close(), g.Close()); err != nil {
		t.Error(err)
	}
	if got := check(issuer.Mint(authtest.Token{})); got != "" {
		t.Errorf("code %q for a known key after Close", got)
	}
	if got := check(issuer.Mint(header("kid", "new"))); got != "unavailable" {
		t.Errorf("code %q for an unknown key after Close, want unavailable", got)
	}
}

func TestGuardForAVerifierOfTheUsersIsReadyAndNotItsOwner(t *testing.T) {
	g := newGuard(t, opaque, middleware.Options{})
	if err := errors.Join(g.Ready(t.Context()), g.Close()); err != nil {
		t.Error(err)
	}
}

func TestClaimsAsNeedsClaims(t *testing.T) {
	type user struct {
		Sub string `json:"sub"`
	}
	if _, err := middleware.ClaimsAs[user](t.Context()); err == nil {
		t.Error("no error outside of a guard")
	}
	pass, err := newGuard(t, opaque, middleware.Options{}).Check(
		t.Context(), middleware.Request{Header: bearer("reader")}, scopes.Authenticated(),
	)
	if err != nil {
		t.Fatal(err)
	}
	got, err := middleware.ClaimsAs[user](pass.Context)
	if want := (user{"reader"}); err != nil || !cmp.Equal(got, want) {
		t.Errorf("ClaimsAs = %+v, %v; want %+v", got, err, want)
	}
	if _, err := middleware.ClaimsAs[int](pass.Context); err == nil {
		t.Error("no error for claims that don't fit")
	}
}

// TestWhatIsBoundIsRefusedWhoeverVerifiedIt: a guard can't confirm that the caller is the
// one whom the token is bound to, so it refuses claims with cnf (RFC 7800).
func TestWhatIsBoundIsRefusedWhoeverVerifiedIt(t *testing.T) {
	for _, cnf := range []string{
		`{"jkt":"x"}`, `{"x5t#S256":"x"}`, `{"jwk":{}}`, `{"kid":"x"}`, `{"of-tomorrow":1}`, `{}`, `null`, `"x"`, `[]`, `7`,
	} {
		for _, need := range []scopes.Requirement{scopes.Authenticated(), scopes.Optional(), scopes.All("read")} {
			var rec recorder
			g := newGuard(t, middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) {
				c, err := middleware.NewClaims(map[string]any{"sub": "user", "scope": "read", "cnf": jsontext.Value(cnf)})
				if err != nil {
					err = fmt.Errorf("%w: %w", middleware.ErrInvalidToken, err)
				}
				return c, err
			}), middleware.Options{Observe: rec.observe})
			_, err := g.Check(t.Context(), middleware.Request{Header: bearer("token")}, need)
			if codeOf(err) != "invalid" {
				t.Errorf("cnf %s on %s: %v", cnf, need, err)
			}
			if !rec.last(t).Claims.IsZero() {
				t.Errorf("cnf %s on %s: the observer is told claims", cnf, need)
			}
		}
	}
}

func TestWhatGetsBoundMeanwhileIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := renewing(
			map[string]any{"sub": "user", "exp": time.Minute},
			map[string]any{"sub": "user", "exp": time.Minute, "cnf": map[string]any{"jkt": "x"}},
			map[string]any{"sub": "user", "exp": time.Minute, "cnf": map[string]any{}},
		)
		g := newGuard(t, v, middleware.Options{})
		r := middleware.Request{Header: bearer("token")}
		pass, err := g.Check(t.Context(), r, scopes.Authenticated())
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if err := g.Authorize(pass.Context, scopes.Authenticated()); codeOf(err) != "invalid" {
			t.Errorf("Authorize: %v", err)
		}
		if _, err := g.Renew(t.Context(), pass, r, scopes.Authenticated()); codeOf(err) != "invalid" {
			t.Errorf("Renew: %v", err)
		}
		if got := subject(pass.Context); got != "user" {
			t.Errorf("the claims of the check that passed are gone: %q", got)
		}
	})
}

// embedded has the methods of a JWT and a Verify of its own.
type embedded struct{ *middleware.JWT }

func (embedded) Verify(context.Context, string) (middleware.Claims, error) {
	return middleware.Claims{}, fmt.Errorf("%w: on the list", middleware.ErrForbidden)
}

func TestAVerifierThatEmbedsAJWTIsAskedItself(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	g := newGuard(t, embedded{newJWT(t, issuer, nil)}, middleware.Options{})
	_, err := g.Check(
		t.Context(), middleware.Request{Header: bearer(issuer.Mint(authtest.Token{}))}, scopes.Authenticated(),
	)
	if codeOf(err) != "denied" {
		t.Errorf("the JWT inside was asked: %v", err)
	}
}

// lenient verifies tokens for three minutes, with claims that expire after one.
func lenient(verified *int) middleware.Verifier {
	return middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) {
		*verified++
		if time.Now().Unix() >= bubbleStart+180 {
			return middleware.Claims{}, fmt.Errorf("%w: expired", middleware.ErrInvalidToken)
		}
		return middleware.NewClaims(map[string]any{"sub": "user", "exp": bubbleStart + 60})
	})
}

func TestAuthorizeAsksTheVerifierOnceTheTokenHasExpired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		verified := 0
		var rec recorder
		g := newGuard(t, lenient(&verified), middleware.Options{Observe: rec.observe})
		time.Sleep(90 * time.Second) // the verifier has a leeway of its own
		pass, err := g.Check(t.Context(), middleware.Request{Header: bearer("token")}, scopes.Authenticated())
		if err != nil || verified != 1 {
			t.Fatalf("%v, verified %d times", err, verified)
		}
		if err := g.Authorize(pass.Context, scopes.Authenticated()); err != nil || verified != 2 {
			t.Errorf("a line later: %v, verified %d times", err, verified)
		}
		for _, need := range []scopes.Requirement{scopes.Public(), {}} {
			_ = g.Authorize(pass.Context, need)
			if verified != 2 {
				t.Errorf("the verifier was asked for %s", need)
			}
		}
		time.Sleep(90 * time.Second)
		detached := context.WithoutCancel(pass.Context)
		for _, ctx := range []context.Context{pass.Context, detached} {
			if err := g.Authorize(ctx, scopes.Authenticated()); codeOf(err) != "invalid" {
				t.Errorf("past the verifier's leeway: %v", err)
			}
			if e := rec.last(t); !e.Claims.IsZero() {
				t.Errorf("the observer is told the claims of an expired token")
			}
		}
		if got := subject(detached); got != "user" {
			t.Errorf("ClaimsFrom in a detached context: %q", got)
		}
	})
}

func TestAuthorizeHandsOnTheClaimsThatItWasTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(
			t,
			renewing(map[string]any{"sub": "first", "exp": time.Minute}, map[string]any{"sub": "second", "exp": time.Minute}),
			middleware.Options{},
		)
		pass, err := g.Check(t.Context(), middleware.Request{Header: bearer("token")}, scopes.Authenticated())
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		for range 2 { // the second time without asking
			if err := g.Authorize(pass.Context, scopes.Authenticated()); err != nil || subject(pass.Context) != "second" {
				t.Errorf("%v, the claims of %q", err, subject(pass.Context))
			}
		}
	})
}

// The claims of a JWT are good until the end of its leeway, for Authorize as well.
func TestAuthorizeKeepsToTheLeeway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := newIssuer(t, authtest.Config{})
		v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Keys, c.Leeway = trust(t, issuer.Key()), 10*time.Second })
		g := newGuard(t, v, middleware.Options{})
		r := middleware.Request{Header: bearer(issuer.Mint(claims("exp", time.Now().Add(time.Minute))))}
		pass, err := g.Check(t.Context(), r, scopes.Authenticated())
		if err != nil {
			t.Fatal(err)
		}
		if want := time.Now().Add(70 * time.Second); !pass.Until.Equal(want) {
			t.Errorf("Until %v, want %v", pass.Until, want)
		}
		time.Sleep(70*time.Second - 1)
		if err := g.Authorize(pass.Context, scopes.Authenticated()); err != nil {
			t.Errorf("within the leeway: %v", err)
		}
		time.Sleep(time.Nanosecond)
		if err := g.Authorize(pass.Context, scopes.Authenticated()); codeOf(err) != "invalid" {
			t.Errorf("at the end of the leeway: %v", err)
		}
	})
}

func TestRenew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		verified := 0
		g := newGuard(t, lenient(&verified), middleware.Options{})
		r := middleware.Request{Header: bearer("token")}
		pass, err := g.Check(t.Context(), r, scopes.Authenticated())
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(61 * time.Second)
		next, err := g.Renew(t.Context(), pass, r, scopes.Authenticated())
		if err != nil || next.Context != pass.Context {
			t.Fatalf("%v; another context: %v", err, next.Context != pass.Context)
		}
		if want := time.Now().Add(time.Second); !next.Until.Equal(want) {
			t.Errorf("Until %v, want in a second, since the verifier goes by another clock", next.Until)
		}
		forever := newGuard(
			t, renewing(map[string]any{"exp": time.Minute}, map[string]any{"iat": time.Minute}), middleware.Options{},
		)
		brief, err := forever.Check(t.Context(), r, scopes.Authenticated())
		if err != nil {
			t.Fatal(err)
		}
		if brief, err = forever.Renew(t.Context(), brief, r, scopes.Authenticated()); err != nil || !brief.Until.IsZero() {
			t.Errorf("claims that don't expire any more: %v, Until %v", err, brief.Until)
		}
		if _, err := g.Renew(t.Context(), pass, r, scopes.All("admin")); codeOf(err) != "insufficient_scope" {
			t.Errorf("for more: %v", err)
		}
		// A pass of another guard has no claims that Renew could replace. A pass whose context
		// was made from the context of the check has them.
		if _, err := newGuard(t, lenient(&verified), middleware.Options{}).Renew(
			t.Context(), pass, r, scopes.Authenticated(),
		); err != nil {
			t.Errorf("a pass of another guard: %v", err)
		}
		changing := newGuard(
			t,
			renewing(map[string]any{"sub": "first", "exp": time.Minute}, map[string]any{"sub": "second", "exp": time.Minute}),
			middleware.Options{},
		)
		first, err := changing.Check(t.Context(), r, scopes.Authenticated())
		if err != nil {
			t.Fatal(err)
		}
		first.Context = context.WithValue(first.Context, contextKey{}, "")
		if _, err := changing.Renew(t.Context(), first, r, scopes.Authenticated()); err != nil ||
			subject(first.Context) != "second" {
			t.Errorf("a context made from that of the check: %v, subject %q", err, subject(first.Context))
		}
		if _, err := g.Renew(t.Context(), middleware.Pass{}, r, scopes.Authenticated()); err != nil {
			t.Errorf("the zero Pass: %v", err)
		}
		// A check for a public route does not change the claims of the request around it.
		inner, err := g.Check(pass.Context, r, scopes.Public())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.Renew(pass.Context, inner, r, scopes.Public()); err != nil || subject(pass.Context) != "user" {
			t.Errorf("a public route inside: %v, subject %q", err, subject(pass.Context))
		}
	})
}

func TestPassTellsWhatWasRemembered(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	token := bearer(issuer.Mint(authtest.Token{}))
	static := func(c *middleware.JWTConfig) { c.Keys = trust(t, issuer.Key()) }
	known := newGuard(t, newJWT(t, issuer, static), middleware.Options{})
	asking := newGuard(t, newJWT(t, issuer, func(c *middleware.JWTConfig) {
		static(c)
		c.Validate = func(context.Context, middleware.Claims) error { return nil }
	}), middleware.Options{})
	several, err := middleware.ByIssuer(map[string]middleware.Verifier{issuer.URL(): newJWT(t, issuer, static)})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		guard  *middleware.Guard
		header http.Header
		need   scopes.Requirement
		want   []bool // in a row
	}{
		{"a token", known, token, scopes.Authenticated(), []bool{false, true, true}},
		{"a token of several issuers", newGuard(t, several, middleware.Options{}), token, scopes.Authenticated(), []bool{false, true}},
		{"a token that Validate is asked about", asking, token, scopes.Authenticated(), []bool{false, false}},
		{"a token for a verifier of the user's", newGuard(t, opaque, middleware.Options{}), bearer("reader"), scopes.Authenticated(), []bool{false, false}},
		{"anonymous", known, nil, scopes.Optional(), []bool{true}},
		{"public", known, token, scopes.Public(), []bool{true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for i, want := range tt.want {
				pass, err := tt.guard.Check(t.Context(), middleware.Request{Header: tt.header}, tt.need)
				if err != nil || pass.Remembered != want {
					t.Errorf("check %d: %v, remembered: %v", i+1, err, pass.Remembered)
				}
			}
		})
	}
	t.Run("a second check in one request", func(t *testing.T) {
		g := newGuard(t, opaque, middleware.Options{})
		pass, err := g.Check(t.Context(), middleware.Request{Header: bearer("reader")}, scopes.Authenticated())
		if err != nil {
			t.Fatal(err)
		}
		if again, err := g.Check(
			pass.Context, middleware.Request{Header: bearer("reader")}, scopes.Authenticated(),
		); err != nil || !again.Remembered {
			t.Errorf("%v, remembered: %v", err, again.Remembered)
		}
	})
}

// If an inner guard admits an anonymous caller, the outer guard still finds its own claims.
func TestAnAnonymousCallerOfAnotherGuardDoesNotHideThisGuardsOwn(t *testing.T) {
	outer := newGuard(t, opaque, middleware.Options{})
	inner := newGuard(t, opaque, middleware.Options{Cookie: "session"})
	r := middleware.Request{Header: bearer("writer")}
	pass, err := outer.Check(t.Context(), r, scopes.Authenticated())
	if err != nil {
		t.Fatal(err)
	}
	pass, err = inner.Check(pass.Context, middleware.Request{}, scopes.Optional())
	if err != nil {
		t.Fatal(err)
	}
	if err := outer.Authorize(pass.Context, scopes.All("write")); err != nil {
		t.Errorf("the outer guard does not know its writer: %v", err)
	}
	if err := inner.Authorize(pass.Context, scopes.All("write")); codeOf(err) != "missing" {
		t.Errorf("the inner guard takes its anonymous caller for somebody: %v", err)
	}
	if again, err := outer.Check(pass.Context, r, scopes.All("write")); err != nil || !again.Remembered {
		t.Errorf("the outer guard verifies again: %v, remembered: %v", err, again.Remembered)
	}
}

// A verifier whose own work was canceled could not tell; the caller is still there.
func TestCanceledIsJudgedByTheCallersContext(t *testing.T) {
	for _, err := range []error{context.Canceled, fmt.Errorf("database: %w", context.Canceled), context.DeadlineExceeded} {
		g := newGuard(
			t,
			middleware.VerifierFunc(
				func(context.Context, string) (middleware.Claims, error) { return middleware.Claims{}, err },
			),
			middleware.Options{},
		)
		_, got := g.Check(t.Context(), middleware.Request{Header: bearer("token")}, scopes.Authenticated())
		if codeOf(got) != "unavailable" {
			t.Errorf("%v: %v", err, got)
		}
	}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	g := newGuard(t, opaque, middleware.Options{})
	if _, err := g.Check(
		ctx, middleware.Request{Header: bearer("outage")}, scopes.Authenticated(),
	); codeOf(err) != "canceled" {
		t.Errorf("a caller who left during an outage: %v", err)
	}
}

func TestFromHTTPBelievesTheConnectionAlone(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "http://api.example/x", http.NoBody)
	r.RemoteAddr = "192.0.2.1:7"
	for _, name := range []string{
		"X-Forwarded-For", "X-Real-Ip", "Forwarded", "X-Forwarded-Host", "X-Forwarded-Method", "X-Http-Method-Override",
	} {
		r.Header.Set(name, "198.51.100.9")
	}
	got := middleware.FromHTTP(r, "GET /x")
	if got.RemoteAddr != "192.0.2.1:7" || got.Host != "api.example" || got.Method != "GET" || got.Route != "GET /x" ||
		got.TLS != nil {
		t.Errorf("%+v", got)
	}
}

// After an upgrade, a connection may carry anything. So each upgrade is refused, whatever
// its protocol, its method and its spelling.
func TestACookieFromAnotherOriginUpgradesNothing(t *testing.T) {
	for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
		for _, protocol := range []string{
			"websocket", "WebSocket", "WEBSOCKET", "h2c", "websocket, h2c", "h2c|websocket", "",
		} {
			header := fields(
				"Cookie", "token=reader", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example", "Upgrade", protocol,
			)
			header["Upgrade"] = strings.Split(protocol, "|")
			g := newGuard(t, opaque, middleware.Options{Cookie: "token"})
			_, err := g.Check(
				t.Context(), middleware.Request{Method: method, Host: "api.example", Header: header}, scopes.Authenticated(),
			)
			if codeOf(err) != "denied" {
				t.Errorf("%s with Upgrade: %q: %v", method, protocol, err)
			}
		}
	}
}

func TestAMessageNeverHasTheClaimsOfTheOneThatOpenedItsSession(t *testing.T) {
	g := newGuard(t, opaque, middleware.Options{})
	opened, _ := g.Check(t.Context(), middleware.Request{Header: bearer("writer")}, scopes.Authenticated())
	for _, header := range []http.Header{nil, bearer("reader"), bearer("forged"), fields("Authorization", "Bearer")} {
		for _, need := range []scopes.Requirement{scopes.Public(), scopes.Optional()} {
			pass, err := g.Check(opened.Context, middleware.Request{Header: header}, need)
			if err != nil {
				continue
			}
			if s := subject(pass.Context); s == "writer" {
				t.Errorf("%v, %q: the claims of %s", need, header, s)
			}
			if err := g.Authorize(pass.Context, scopes.All("write")); err == nil {
				t.Errorf("%v, %q: it may write", need, header)
			}
		}
	}
	pass, err := g.Check(opened.Context, middleware.Request{Header: bearer("writer")}, scopes.Public())
	if err != nil || subject(pass.Context) != "writer" {
		t.Errorf("a public route within one's own request: %v, %q", err, subject(pass.Context))
	}
}
