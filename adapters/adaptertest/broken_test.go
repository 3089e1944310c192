package adaptertest_test

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/adapters/adaptertest"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// only returns the first value of each field.
type only struct{ http.Header }

func (o only) Values(name string) []string {
	return o.Header.Values(name)[:min(1, len(o.Header.Values(name)))]
}

// without hides a field.
type without struct {
	http.Header
	name string
}

func (w without) Values(name string) []string {
	if strings.EqualFold(name, w.name) {
		return nil
	}
	return w.Header.Values(name)
}

// known has only the fields that a guard reads by default.
type known struct{ http.Header }

func (k known) Values(name string) []string {
	switch http.CanonicalHeaderKey(name) {
	case "Authorization", "Cookie", "Origin", "Sec-Fetch-Site", "Upgrade":
		return k.Header.Values(name)
	}
	return nil
}

// valuesOf is a context with the values of another one.
type valuesOf struct {
	context.Context
	values context.Context
}

func (c valuesOf) Value(key any) any { return c.values.Value(key) }

// refusal damages the answer to a refusal by change.
func refusal(change func(h http.Header, e *middleware.Error) (status int, body string)) func(*adapter) {
	return func(a *adapter) {
		a.answer = func(w http.ResponseWriter, e *middleware.Error) {
			e.Apply(w.Header())
			_, b := e.Body()
			status, body := change(w.Header(), e)
			if body == "" {
				body = string(b)
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
}

func describing(change func(r *http.Request, d *middleware.Request)) func(*adapter) {
	return func(a *adapter) { a.request = change }
}

func judging(need needFunc) func(*adapter) { return func(a *adapter) { a.need = need } }

func checking(check checkFunc) func(*adapter) { return func(a *adapter) { a.check = check } }

func streaming(while whileFunc) func(*adapter) { return func(a *adapter) { a.while = while } }

func TestASoundAdapterPassesTheConformanceTable(t *testing.T) {
	adaptertest.Run(t, sound().adapter())
}

// damaged is a sound adapter with one fault.
type damaged struct {
	name   string
	damage func(*adapter)
	by     string // the name of a case that finds it, among others
}

func brokenAdapters() []damaged {
	return []damaged{
		// Tried last, because it takes the longest.
		{"it checks a stream once", streaming(func(g *middleware.Guard, ctx context.Context, r middleware.Request, need scopes.Requirement, f func(context.Context) error) error {
			pass, err := g.Check(ctx, r, need)
			if err != nil {
				return err
			}
			return f(pass.Context)
		}), "a stream goes on when its token is prolonged, with the new claims"},

		// Faults in the description of a request and in the answer.
		{"it admits all", checking(func(g *middleware.Guard, ctx context.Context, r middleware.Request, need scopes.Requirement) (middleware.Pass, error) {
			if pass, err := g.Check(ctx, r, need); err == nil {
				return pass, nil
			}
			return middleware.Pass{Context: ctx}, nil
		}), "a signature by another key is invalid"},
		{"it forgets the claims", func(a *adapter) {
			a.context = func(r *http.Request, _ middleware.Pass) context.Context { return r.Context() }
		}, "a token passes"},
		{"it reads the first of two headers", describing(func(r *http.Request, d *middleware.Request) { d.Header = only{r.Header} }), "two Authorization headers are malformed"},
		{"it hides the fields that it does not know", describing(func(r *http.Request, d *middleware.Request) { d.Header = known{r.Header} }), "a configured header passes"},
		{"it hides Authorization behind another header", describing(func(r *http.Request, d *middleware.Request) {
			if r.Header.Get("X-Proxy-Assertion") != "" {
				d.Header = without{r.Header, "Authorization"}
			}
		}), "Authorization beside a configured header is malformed"},
		{"it reads the first of two configured headers", describing(func(r *http.Request, d *middleware.Request) { d.Header = only{r.Header} }), "two configured headers are malformed"},
		{"it drops fields without a value", describing(func(r *http.Request, d *middleware.Request) {
			h := r.Header.Clone()
			maps.DeleteFunc(h, func(_ string, values []string) bool { return values[0] == "" })
			d.Header = h
		}), "a configured header without a value is malformed"},
		{"it cuts the scheme", describing(func(r *http.Request, d *middleware.Request) {
			h := r.Header.Clone()
			if token, found := strings.CutPrefix(h.Get("X-Proxy-Assertion"), "Bearer "); found {
				h.Set("X-Proxy-Assertion", token)
			}
			d.Header = h
		}), "a scheme in a configured header is invalid"},
		{"it hides cookies", describing(func(r *http.Request, d *middleware.Request) { d.Header = without{r.Header, "Cookie"} }), "a configured cookie passes"},
		{"it hides cookies that net/http drops", describing(func(r *http.Request, d *middleware.Request) {
			h := r.Header.Clone()
			h.Del("Cookie")
			for _, c := range r.Cookies() {
				h.Add("Cookie", c.String())
			}
			d.Header = h
		}), "an optional route refuses a cookie with a backslash"},
		{"it cuts what is behind a tab", describing(func(r *http.Request, d *middleware.Request) {
			h := r.Header.Clone()
			if before, _, found := strings.Cut(h.Get("Authorization"), "\t"); found {
				h.Set("Authorization", "Basic "+before)
			}
			d.Header = h
		}), "an optional route refuses an invalid token behind a tab"},
		{"it hides Origin", describing(func(r *http.Request, d *middleware.Request) { d.Header = without{r.Header, "Origin"} }), "a cookie sent by another host's page is denied, also by an old browser"},
		{"it hides Sec-Fetch-Site", describing(func(r *http.Request, d *middleware.Request) { d.Header = without{r.Header, "Sec-Fetch-Site"} }), "a cookie sent by another origin's page is denied"},
		{"it hides Upgrade", describing(func(r *http.Request, d *middleware.Request) { d.Header = without{r.Header, "Upgrade"} }), "a WebSocket opened by another origin's page with a cookie is denied"},
		{"it leaves out the method", describing(func(_ *http.Request, d *middleware.Request) { d.Method = "GET" }), "a cookie sent by another origin's page is denied"},
		{"it leaves out the host", describing(func(_ *http.Request, d *middleware.Request) { d.Host = "" }), "a cookie sent by the host's own page passes, also by an old browser"},
		{"it leaves out the peer", describing(func(_ *http.Request, d *middleware.Request) { d.RemoteAddr = "" }), "a token passes"},
		{"it leaves out TLS", describing(func(_ *http.Request, d *middleware.Request) { d.TLS = nil }), "a token passes over TLS"},
		{"another status", refusal(func(_ http.Header, e *middleware.Error) (int, string) { return 400, "" }), "no credentials count as a missing token"},
		{"no challenge", refusal(func(h http.Header, e *middleware.Error) (int, string) {
			h.Del("WWW-Authenticate")
			return e.Status(), ""
		}), "no credentials count as a missing token"},
		{"it cuts the metadata off the challenge", refusal(func(h http.Header, e *middleware.Error) (int, string) {
			challenge, _, _ := strings.Cut(h.Get("WWW-Authenticate"), ", resource_metadata=")
			h.Set("WWW-Authenticate", challenge)
			return e.Status(), ""
		}), "without a token, the metadata are named where any token passes"},
		{"it tells a caller who is denied of the metadata", refusal(func(h http.Header, e *middleware.Error) (int, string) {
			h.Set("WWW-Authenticate", `Bearer resource_metadata="https://api.test/.well-known/oauth-protected-resource"`)
			return e.Status(), ""
		}), "a caller who is denied is told nothing of the metadata"},
		{"no Retry-After", refusal(func(h http.Header, e *middleware.Error) (int, string) {
			h.Del("Retry-After")
			return e.Status(), ""
		}), "an issuer that is down is an outage"},
		{"no kinds of login in the challenge", refusal(func(h http.Header, e *middleware.Error) (int, string) {
			if before, _, found := strings.Cut(h.Get("WWW-Authenticate"), ", acr_values"); found {
				h.Set("WWW-Authenticate", before)
			}
			return e.Status(), ""
		}), "a login of another kind is not enough, and the challenge names the kinds"},
		{"403 for each good token", refusal(func(_ http.Header, e *middleware.Error) (int, string) {
			if e.Code() == middleware.CodeStepUp {
				return http.StatusForbidden, ""
			}
			return e.Status(), ""
		}), "a login that is too old is not enough, and the challenge names the age"},
		{"another body", refusal(func(_ http.Header, e *middleware.Error) (int, string) { return e.Status(), "no" }), "no credentials count as a missing token"},

		// Faults in the choice of the rule.
		{"it opens what no route serves", judging(func(rules scopes.Rules, r *http.Request, served string) (scopes.Requirement, string) {
			if need, route := needOf(rules, r, served); served != "" {
				return need, route
			}
			return scopes.Public(), ""
		}), "an unknown path is denied"},
		{"it judges what no route serves by the default", judging(func(rules scopes.Rules, r *http.Request, served string) (scopes.Requirement, string) {
			return rules.Lookup(r.Method + " " + r.URL.Path), served
		}), "an unknown path is not judged by the default"},
		{"it denies what no route serves", judging(func(rules scopes.Rules, r *http.Request, served string) (scopes.Requirement, string) {
			if need, route := needOf(rules, r, served); route != "" {
				return need, route
			}
			return scopes.Requirement{}, ""
		}), "a wrong method that needs a token gets the router's answer"},
		{"it treats a route without a rule as unrouted", judging(func(rules scopes.Rules, r *http.Request, served string) (scopes.Requirement, string) {
			if rules.Has(served) {
				return rules.Lookup(served), served
			}
			return rules.Unrouted(), served
		}), "a route without a rule is not unrouted"},
		{"it has no exact rules for what no route serves", judging(func(rules scopes.Rules, r *http.Request, served string) (scopes.Requirement, string) {
			if served == "" {
				return rules.Unrouted(), ""
			}
			return needOf(rules, r, served)
		}), "an exact rule for a wrong method wins if it is stricter"},
		{"it tells the observer the caller's path", judging(func(rules scopes.Rules, r *http.Request, served string) (scopes.Requirement, string) {
			need, _ := needOf(rules, r, served)
			return need, r.Method + " " + r.URL.Path
		}), "an unknown path is denied"},
		{"it judges HEAD by the default", judging(func(rules scopes.Rules, r *http.Request, served string) (scopes.Requirement, string) {
			if r.Method == http.MethodHead {
				return rules.Lookup("HEAD " + r.URL.Path), served
			}
			return needOf(rules, r, served)
		}), "HEAD without a handler is judged by GET's rule: it passes"},
		{"it judges HEAD by Unrouted", judging(func(rules scopes.Rules, r *http.Request, served string) (scopes.Requirement, string) {
			if r.Method == http.MethodHead {
				return rules.Unrouted(), ""
			}
			return needOf(rules, r, served)
		}), "HEAD without a handler is judged by GET's rule, not by Unrouted"},
		{"it judges each HEAD by GET's rule", judging(func(rules scopes.Rules, r *http.Request, served string) (scopes.Requirement, string) {
			if r.Method == http.MethodHead {
				return rules.Lookup("GET " + r.URL.Path), served
			}
			return needOf(rules, r, served)
		}), "HEAD with a handler and without a rule is denied, whatever GET's rule"},
		{"it judges HEAD by GET's rule although HEAD has its own", judging(func(rules scopes.Rules, r *http.Request, served string) (scopes.Requirement, string) {
			if served != "" {
				return rules.Lookup(served), served
			}
			return needOf(rules, r, served)
		}), "HEAD without a handler may have its own rule, which is stricter"},

		{"it needs the same for every route", judging(func(rules scopes.Rules, _ *http.Request, _ string) (scopes.Requirement, string) {
			return rules.Lookup("GET /things"), "GET /things"
		}), "another method of the path is another route"},

		// Faults with panics.
		{"it recovers and goes on", checking(func(g *middleware.Guard, ctx context.Context, r middleware.Request, need scopes.Requirement) (pass middleware.Pass, err error) {
			pass.Context = ctx
			defer func() { _ = recover() }()
			return g.Check(ctx, r, need)
		}), "an invalid token reaches no handler if the observer panics"},
		{"it calls the handler while it unwinds, as a chain does", checking(func(g *middleware.Guard, ctx context.Context, r middleware.Request, need scopes.Requirement) (pass middleware.Pass, err error) {
			defer func() {
				if recover() != nil {
					pass, err = middleware.Pass{Context: ctx}, nil
				}
			}()
			return g.Check(ctx, r, need)
		}), "a request reaches no handler if the Validate function panics"},
		{"it swallows the handler's panics", func(a *adapter) {
			a.handle = func(f func()) {
				defer func() { _ = recover() }()
				f()
			}
		}, "the guard leaves a panic of the handler unchanged"},
		{"it swallows a stream's panics", streaming(func(g *middleware.Guard, ctx context.Context, r middleware.Request, need scopes.Requirement, f func(context.Context) error) (err error) {
			defer func() { _ = recover() }()
			return g.WhileAuthorized(ctx, r, need, f)
		}), "the guard leaves a panic of the stream unchanged"},

		// Faults with streams.
		{"it returns before a stream has ended", streaming(func(g *middleware.Guard, ctx context.Context, r middleware.Request, need scopes.Requirement, f func(context.Context) error) error {
			ended, result := make(chan error, 1), make(chan error, 1)
			go func() {
				defer func() { _ = recover() }() // or the process ends, which also fails the test
				defer close(result)
				result <- g.WhileAuthorized(ctx, r, need, func(ctx context.Context) error {
					inner, end := context.WithCancelCause(context.WithoutCancel(ctx))
					defer end(nil)
					stop := context.AfterFunc(ctx, func() {
						ended <- context.Cause(ctx)
						// The stream runs until its caller has the answer, even on a busy machine.
						time.AfterFunc(2*time.Second, func() { end(context.Cause(ctx)) })
					})
					defer stop()
					return f(inner)
				})
			}()
			select {
			case err := <-ended:
				return err
			case err := <-result:
				return err
			}
		}), "a stream ends when its token is invalid"},
		{"it doesn't tell a stream why it ends", streaming(func(g *middleware.Guard, ctx context.Context, r middleware.Request, need scopes.Requirement, f func(context.Context) error) error {
			return g.WhileAuthorized(ctx, r, need, func(ctx context.Context) error {
				inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
				defer context.AfterFunc(ctx, cancel)()
				return f(inner)
			})
		}), "a stream ends when the verifier fails"},
		{"it keeps the claims of the first check in a stream", streaming(func(g *middleware.Guard, ctx context.Context, r middleware.Request, need scopes.Requirement, f func(context.Context) error) error {
			first, err := g.Check(ctx, r, need)
			if err != nil {
				return err
			}
			return g.WhileAuthorized(ctx, r, need, func(ctx context.Context) error { return f(valuesOf{ctx, first.Context}) })
		}), "Authorize in a stream uses the new claims"},
		{"it writes the refusal of a stream after its messages", func(a *adapter) {
			a.ended = func(w http.ResponseWriter, refusal *middleware.Error, _ bool) { answer(w, refusal) }
		}, "a stream ends when its token is invalid"},
		{"it doesn't answer a refused stream", streaming(func(g *middleware.Guard, ctx context.Context, r middleware.Request, need scopes.Requirement, f func(context.Context) error) error {
			_ = g.WhileAuthorized(ctx, r, need, f)
			return nil
		}), "a stream ends when its token no longer has the scope"},
		{"it drops what a stream returns", streaming(func(g *middleware.Guard, ctx context.Context, r middleware.Request, need scopes.Requirement, f func(context.Context) error) error {
			return g.WhileAuthorized(ctx, r, need, func(ctx context.Context) error {
				_ = f(ctx)
				return nil
			})
		}), "a stream may fail while its token is checked again"},
		{"it checks a stream again only when its token expires", streaming(func(g *middleware.Guard, ctx context.Context, r middleware.Request, need scopes.Requirement, f func(context.Context) error) error {
			pass, err := g.Check(ctx, r, need)
			if err != nil {
				return err
			}
			if c, _ := middleware.ClaimsFrom(pass.Context); time.Until(c.Expiry()) > time.Minute {
				return f(pass.Context)
			}
			return g.WhileAuthorized(ctx, r, need, f)
		}), "a stream ends when its login is too old, though its token is good"},
		{"it ends a stream when its token expires", streaming(func(g *middleware.Guard, ctx context.Context, r middleware.Request, need scopes.Requirement, f func(context.Context) error) error {
			return g.WhileAuthorized(ctx, r, need, func(ctx context.Context) error {
				c, _ := middleware.ClaimsFrom(ctx)
				inner, cancel := context.WithDeadline(ctx, c.Expiry())
				defer cancel()
				return f(inner)
			})
		}), "a stream goes on when its token is prolonged, with the new claims"},
	}
}

func TestTheConformanceTableFindsEachBrokenAdapter(t *testing.T) {
	for _, tt := range brokenAdapters() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			broken := sound()
			tt.damage(&broken)
			for _, c := range adaptertest.Cases() {
				if c.Name() != tt.by {
					continue
				}
				if err := c.Run(broken.adapter()); err != nil {
					t.Log(err)
					return
				}
				t.Fatalf("%q finds nothing", c.Name())
			}
			t.Fatalf("there is no case %q", tt.by)
		})
	}
}

func TestTheConformanceTableFindsLeaks(t *testing.T) {
	leaky := func(s adaptertest.Setup) (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := s.Guard.Check(r.Context(), middleware.FromHTTP(r, ""), s.Need); err != nil {
				answer(w, err.(*middleware.Error))
				_, _ = w.Write([]byte(r.Header.Get("Authorization")))
			}
		}), nil
	}
	for _, c := range adaptertest.Cases() {
		if c.Name() != "an expired token is invalid, and the caller is told that it has expired" {
			continue
		}
		if err := c.Run(adaptertest.HTTP(leaky)); err == nil || !strings.Contains(err.Error(), "the answer contains") {
			t.Errorf("a token in the answer was not found: %v", err)
		}
	}
}

func TestEachCaseFindsABrokenAdapter(t *testing.T) {
	for _, c := range adaptertest.Cases() {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			for _, b := range slices.Backward(brokenAdapters()) {
				broken := sound()
				b.damage(&broken)
				if c.Run(broken.adapter()) != nil {
					return
				}
			}
			t.Error("no adapter fails")
		})
	}
}
