package middleware_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/google/go-cmp/cmp"
)

// marked is a request with all that an observer, a Body and a report-only rule may read.
func marked(authorization ...string) middleware.Request {
	return middleware.Request{
		Route: "GET /orders", Method: "GET", Host: "api.test", RemoteAddr: "192.0.2.1:50000", TLS: new(tls.ConnectionState),
		Header: http.Header{"Authorization": authorization, "Accept-Language": {"de"}},
	}
}

func TestEveryEventHasAnOutcome(t *testing.T) {
	tests := []struct {
		name string
		r    middleware.Request
		want middleware.Outcome
	}{
		{"a request that passes", marked("Bearer reader"), middleware.OutcomePassed},
		{"a request that is refused", marked("Bearer forged"), middleware.OutcomeRefused},
		{"a request that is only reported", middleware.Request{Route: "/new"}, middleware.OutcomeReported},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var rec recorder
			g := newGuard(t, opaque, middleware.Options{
				Observe:            rec.observe,
				InsecureReportOnly: func(_ context.Context, r middleware.Request) bool { return r.Route == "/new" },
			})
			_, err := g.Check(t.Context(), tt.r, scopes.All("read"))
			if e := rec.last(t); e.Outcome != tt.want || (e.Err == nil) != (tt.want == middleware.OutcomePassed) {
				t.Errorf("outcome %q with %v, want %q", e.Outcome, e.Err, tt.want)
			}
			if refused := err != nil; refused != (tt.want == middleware.OutcomeRefused) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestEventsOfAuthorizeAreAboutTheRequestAroundIt(t *testing.T) {
	var rec recorder
	g := newGuard(t, opaque, middleware.Options{Observe: rec.observe})
	r := marked("Bearer reader")
	pass, err := g.Check(t.Context(), r, scopes.Authenticated())
	if err != nil {
		t.Fatal(err)
	}
	for _, need := range []scopes.Requirement{scopes.All("read"), scopes.All("write")} {
		_ = g.Authorize(pass.Context, need)
		if e := rec.last(t); e.Route != r.Route || e.RemoteAddr != r.RemoteAddr || e.TLS != r.TLS {
			t.Errorf("%s: %q, %q, %p", need, e.Route, e.RemoteAddr, e.TLS)
		}
	}
}

type requestID struct{}

// The body of a refusal may depend on the caller's language, and a share of the traffic
// may be reported only. Both hold for what a handler asks of Authorize as well.
func TestTheFunctionsOfTheOptionsGetContextAndRequest(t *testing.T) {
	type call struct{ by, value, route, language string }
	var calls []call
	note := func(ctx context.Context, by string, r middleware.Request) {
		value, _ := ctx.Value(requestID{}).(string)
		calls = append(calls, call{by, value, r.Route, strings.Join(r.Header.Values("Accept-Language"), ",")})
	}
	g := newGuard(t, opaque, middleware.Options{
		InsecureReportOnly: func(ctx context.Context, r middleware.Request) bool {
			note(ctx, "report only", r)
			return false
		},
		Body: func(ctx context.Context, r middleware.Request, e *middleware.Error) (string, []byte) {
			note(ctx, "body", r)
			return "text/plain", []byte(e.Error())
		},
	})
	ctx := context.WithValue(t.Context(), requestID{}, "id-7")
	check := func(r middleware.Request) func() error {
		return func() error { _, err := g.Check(ctx, r, scopes.All("write")); return err }
	}
	tests := []struct {
		name            string
		do              func() error
		route, language string
	}{
		{"Check", check(marked("Bearer reader")), "GET /orders", "de"},
		{"Check of a request without a header", check(middleware.Request{Route: "GET /x"}), "GET /x", ""},
		{"Renew", func() error {
			_, err := g.Renew(ctx, middleware.Pass{}, marked("Bearer reader"), scopes.All("write"))
			return err
		}, "GET /orders", "de"},
		{"WhileAuthorized", func() error {
			return g.WhileAuthorized(ctx, marked("Bearer reader"), scopes.All("write"), nil)
		}, "GET /orders", "de"},
		{"Authorize", func() error {
			pass, err := g.Check(ctx, marked("Bearer reader"), scopes.Authenticated())
			if err != nil {
				t.Fatal(err)
			}
			return g.Authorize(pass.Context, scopes.All("write"))
		}, "GET /orders", "de"},
		{"Authorize outside of a request", func() error { return g.Authorize(ctx, scopes.All("write")) }, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			calls = nil
			refusal, ok := tt.do().(*middleware.Error)
			if !ok {
				t.Fatal("not refused")
			}
			if _, body := refusal.Body(); string(body) != refusal.Error() {
				t.Errorf("body %q", body)
			}
			want := []call{
				{"report only", "id-7", tt.route, tt.language},
				{"body", "id-7", tt.route, tt.language},
			}
			if !cmp.Equal(calls, want, cmp.AllowUnexported(call{})) {
				t.Errorf("got %q, want %q", calls, want)
			}
		})
	}
}

// A refusal costs one allocation at most, and one more if a Body is configured.
func TestARefusalKeepsItsRequestForAConfiguredBodyAlone(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates, too")
	}
	count := func(opts middleware.Options) float64 {
		g, r := newGuard(t, opaque, opts), middleware.Request{}
		return testing.AllocsPerRun(100, func() { _, _ = g.Check(t.Context(), r, scopes.Authenticated()) })
	}
	if plain, with := count(middleware.Options{}), count(middleware.Options{Body: fixed}); plain > 1 || with > 2 {
		t.Errorf("%v allocations, %v with a Body", plain, with)
	}
}

func TestObservers(t *testing.T) {
	var calls []string
	named := func(name string) func(context.Context, middleware.Event) {
		return func(ctx context.Context, e middleware.Event) {
			value, _ := ctx.Value(requestID{}).(string)
			calls = append(calls, name+" "+value+" "+e.Route)
		}
	}
	if middleware.Observers() != nil || middleware.Observers(nil, nil) != nil {
		t.Error("of no observer, something is called")
	}
	ctx := context.WithValue(t.Context(), requestID{}, "id-7")
	fs := []func(context.Context, middleware.Event){nil, named("a"), nil, named("b")}
	both := middleware.Observers(fs...)
	fs[1], fs[3] = nil, nil
	both(ctx, middleware.Event{Route: "GET /"})
	if want := []string{"a id-7 GET /", "b id-7 GET /"}; !cmp.Equal(calls, want) {
		t.Errorf("called %q, want %q", calls, want)
	}

	calls = nil
	func() {
		defer func() {
			if recover() != "SECRET" {
				t.Error("the panic is gone")
			}
		}()
		middleware.Observers(
			named("a"), func(context.Context, middleware.Event) { panic("SECRET") }, named("b"),
		)(ctx, middleware.Event{})
	}()
	if len(calls) != 1 {
		t.Errorf("called %q", calls)
	}
}
