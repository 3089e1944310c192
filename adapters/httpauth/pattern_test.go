package httpauth_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/google/go-cmp/cmp"
)

// If a pattern that serves the request is registered while the check waits, the request is
// judged by the rule of that pattern.
func TestAPatternThatIsRegisteredWhileACheckWaitsIsJudged(t *testing.T) {
	patterns := []string{"/", "/a/", "/a/b/", "/a/b/c/", "/a/b/c/d/", "/a/b/c/d/e"}
	tests := []struct {
		name    string
		changes int
		closed  string // the pattern that needs a scope that the caller does not have
		status  int
		routes  []string
	}{
		{"none", 0, "", 200, patterns[:1]},
		{"one, which the caller may use", 1, "", 200, patterns[:2]},
		{"one, which needs another scope", 1, "/a/", 403, patterns[:2]},
		{"three, the most that are followed", 3, "", 200, patterns[:4]},
		{"three, the last of which needs another scope", 3, "/a/b/c/", 403, patterns[:4]},
		{"four, which is too many", 4, "", 403, patterns[:5]},
		{"five: route is not called after the denial", 5, "", 403, patterns[:5]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mux := http.NewServeMux()
			mux.Handle(patterns[0], named(patterns[0]))
			registered := 0
			register := verifierFunc(func(ctx context.Context, token string) (middleware.Claims, error) {
				if registered < tt.changes {
					registered++
					mux.Handle(patterns[registered], named(patterns[registered]))
				}
				return granting("read")(ctx, token)
			})
			var events []middleware.Event
			g := guardOf(t, register, middleware.Options{Observe: func(_ context.Context, e middleware.Event) {
				events = append(events, e)
			}})
			policy := scopes.Policy{Default: scopes.Authenticated()}
			if tt.closed != "" {
				policy.Routes = map[string]scopes.Requirement{tt.closed: scopes.All("write")}
			}
			check := func(t *testing.T, w *httptest.ResponseRecorder, body string) {
				t.Helper()
				if w.Code != tt.status || tt.status == 200 && w.Body.String() != body {
					t.Errorf("%d %s", w.Code, w.Body)
				}
				var routes []string
				for _, e := range events {
					routes = append(routes, e.Route)
				}
				if !cmp.Equal(routes, tt.routes) {
					t.Errorf("judged as %q, want %q", routes, tt.routes)
				}
				if last := events[len(events)-1]; (last.Err == nil) != (tt.status == 200) {
					t.Errorf("the observer was told %v", last.Err)
				}
			}
			check(t, do(httpauth.Mux(g, policy.MustCompile(), mux), "GET", "/a/b/c/d/e", "read"), tt.routes[len(tt.routes)-1])

			registered, events = len(patterns), nil // nothing more is registered
			n := 0
			changing := func(*http.Request) string {
				n++
				return patterns[min(n-1, tt.changes)]
			}
			check(t, do(httpauth.Enforce(g, policy.MustCompile(), changing)(named("handler")), "GET", "/", "read"), "handler")
		})
	}
}

// Report-only admits a request that would be refused because its route changes too often.
func TestReportOnlyAlsoHoldsForARouteThatChangesTooOften(t *testing.T) {
	var last middleware.Event
	g := guardOf(t, granting("read"), middleware.Options{
		InsecureReportOnly: func(context.Context, middleware.Request) bool { return true },
		Observe:            func(_ context.Context, e middleware.Event) { last = e },
	})
	n := 0
	changing := func(*http.Request) string { n++; return fmt.Sprint(n) }
	policy := scopes.Policy{Default: scopes.Authenticated()}.MustCompile()
	w := do(httpauth.Enforce(g, policy, changing)(named("handler")), "GET", "/", "read")
	if w.Code != 200 || last.Outcome != middleware.OutcomeReported || last.Err.Code() != middleware.CodeDenied {
		t.Errorf("%d, observed %+v", w.Code, last)
	}
}

// InsecureReportOnly may take time, as a check of a token may. A pattern that is registered
// meanwhile is judged by its own rule, for which InsecureReportOnly may say no.
func TestAPatternThatIsRegisteredDuringReportOnlyIsJudged(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/", named("/"))
	var routes []string
	g := guardOf(t, granting("read"), middleware.Options{
		InsecureReportOnly: func(_ context.Context, r middleware.Request) bool {
			if routes = append(routes, r.Route); len(routes) == 1 {
				mux.Handle("GET /admin", named("GET /admin"))
			}
			return r.Route == "/"
		},
	})
	w := do(httpauth.Mux(g, scopes.Policy{}.MustCompile(), mux), "GET", "/admin", "")
	if w.Code != http.StatusForbidden || !slices.Equal(routes, []string{"/", "GET /admin"}) {
		t.Errorf("%d, judged as %q", w.Code, routes)
	}
}

func TestTheRouteIsAskedForOnceIfNothingWaits(t *testing.T) {
	g, issuer := exampleGuard()
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
		"open": scopes.Public(), "optional": scopes.Optional(), "closed": {}, "anybody": scopes.Authenticated(),
	}}.MustCompile()
	token := issuer.Mint(authtest.Token{})
	for _, tt := range []struct {
		name, route, token string
		status, asked      int
	}{
		{"a public route", "open", "", 200, 1},
		{"an optional route without a token", "optional", "", 200, 1},
		{"a closed route", "closed", token, 403, 1},
		{"no token", "anybody", "", 401, 1},
		{"a token that is new", "anybody", token, 200, 2},
		{"a token that is known", "anybody", token, 200, 1},
		{"an invalid token", "anybody", "forged", 401, 1},
	} {
		asked := 0
		h := httpauth.Enforce(g, policy, func(*http.Request) string { asked++; return tt.route })(named("handler"))
		if w := do(h, "GET", "/", tt.token); w.Code != tt.status || asked != tt.asked {
			t.Errorf("%s: %d, asked %d times; want %d, %d", tt.name, w.Code, asked, tt.status, tt.asked)
		}
	}
}

// A request for which the mux has found no pattern gets the mux's own answer, even if a handler
// for it has been registered since.
func TestAPatternThatIsRegisteredMeanwhileIsNeverServedUnjudged(t *testing.T) {
	mux := http.NewServeMux()
	h := httpauth.Mux(newGuard(t, nil), nil, mux)
	for i := range 300 {
		path := fmt.Sprintf("/p/%d", i)
		go mux.HandleFunc(path, func(http.ResponseWriter, *http.Request) { t.Error("a handler is reached") })
		r := httptest.NewRequest("GET", path, http.NoBody)
		for {
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code == 401 || w.Code == 403 {
				break
			}
			if w.Code != 404 {
				t.Fatalf("status %d", w.Code)
			}
		}
	}
}

func TestMuxJudgesHEADByThePatternThatServesIt(t *testing.T) {
	table := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /a": scopes.Authenticated(), "HEAD /a": scopes.Public(), // the other has no pattern
		"GET /b": scopes.Public(), "HEAD /b": scopes.Authenticated(),
		"GET /c": scopes.Public(),
	}}.MustCompile()
	mux := http.NewServeMux()
	for _, pattern := range []string{"GET /a", "GET /b", "HEAD /b", "GET /c", "HEAD /c", "POST /d"} {
		mux.Handle(pattern, named(pattern))
	}
	h := httpauth.Mux(newGuard(t, nil), table, mux)
	for _, tt := range []struct {
		name, target, token string
		status              int
	}{
		{"GET's handler serves: a rule for HEAD alone opens nothing", "/a", "", 401},
		{"GET's handler serves, with a token", "/a", "good", 200},
		{"HEAD's own handler, by HEAD's rule", "/b", "", 401},
		{"HEAD's own handler without a rule of its own: the default", "/c", "good", 403},
		{"no GET", "/d", "good", 405},
	} {
		if w := do(h, "HEAD", tt.target, tt.token); w.Code != tt.status {
			t.Errorf("%s: %d, want %d", tt.name, w.Code, tt.status)
		}
	}
}

func TestMuxKeepsTheRulesOfOtherPatternsApart(t *testing.T) {
	for _, tt := range []struct{ pattern, rule, method string }{
		{"GET /x", "/x", "GET"},
		{"GET /x", "HEAD /x", "HEAD"},
		{"GET /x", "GET api.example/x", "GET"},
		{"api.example/x", "/x", "GET"},
		{"/x", "GET /x", "GET"},
		{"/{id}", "/{name}", "GET"},
		{"/x/", "/x", "GET"},
		{"GET /{path...}", "GET /", "GET"},
	} {
		mux := http.NewServeMux()
		mux.Handle(tt.pattern, named("handler"))
		table := scopes.Policy{Routes: map[string]scopes.Requirement{tt.rule: scopes.Public()}}.MustCompile()
		if w := do(httpauth.Mux(newGuard(t, nil), table, mux), tt.method, "http://api.example/x", "good"); w.Code != 403 {
			t.Errorf("the rule %q holds for the pattern %q: %d", tt.rule, tt.pattern, w.Code)
		}
	}
}

// rules is an implementation of Rules other than a table.
type rules map[string]scopes.Requirement

func (r rules) Lookup(route string) scopes.Requirement { return r[route] }
func (r rules) Has(route string) bool                  { _, ok := r[route]; return ok }
func (r rules) Unrouted() scopes.Requirement           { return r["unrouted"] }

func TestRulesNeedNotBeATable(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/", named("handler"))
	policy := rules{"/": scopes.All("read"), "route": scopes.All("read"), "unrouted": scopes.Optional()}
	route := "route"
	enforced := httpauth.Enforce(newGuard(t, nil), policy, func(*http.Request) string { return route })(named("handler"))
	for _, h := range []http.Handler{httpauth.Mux(newGuard(t, nil), policy, mux), enforced} {
		if a, b := do(h, "GET", "/", "good").Code, do(h, "GET", "/", "").Code; a != 200 || b != 401 {
			t.Errorf("%d with a token, %d without", a, b)
		}
	}
	route = ""
	if w := do(enforced, "GET", "/", ""); w.Code != 200 {
		t.Errorf("unrouted: %d", w.Code)
	}
}

func TestARequestWithoutARouteNeedsWhatUnroutedSays(t *testing.T) {
	for _, tt := range []struct {
		name           string
		policy         *scopes.Policy
		without, token int
	}{
		{"no policy", nil, 403, 403},
		{"the zero policy", &scopes.Policy{}, 403, 403},
		{"the default is not judged", &scopes.Policy{Default: scopes.Public()}, 403, 403},
		{"authenticated", &scopes.Policy{Unrouted: scopes.Authenticated()}, 401, 200},
	} {
		var table *scopes.Table
		if tt.policy != nil {
			table = tt.policy.MustCompile()
		}
		h := httpauth.Enforce(newGuard(t, nil), table, func(*http.Request) string { return "" })(named("404"))
		if a, b := do(h, "GET", "/", "").Code, do(h, "GET", "/", "good").Code; a != tt.without || b != tt.token {
			t.Errorf("%s: %d without a token, %d with one", tt.name, a, b)
		}
	}
	untyped := httpauth.Enforce(newGuard(t, nil), nil, func(*http.Request) string { return "route" })(named("handler"))
	if w := do(untyped, "GET", "/", "good"); w.Code != 403 {
		t.Errorf("nil rules: %d", w.Code)
	}
}
