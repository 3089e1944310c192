package scopes_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/scopes"
	"github.com/google/go-cmp/cmp"
)

func TestLookup(t *testing.T) {
	table := scopes.Policy{
		Routes: rules{
			"GET /x":       scopes.All("a"),
			"GET /open":    scopes.Public(),
			"GET /closed":  {},
			"/pkg.Svc/*":   scopes.All("star"),
			"GET /x/{id}/": scopes.All("braces"),
		},
		Default: scopes.Authenticated(),
	}.MustCompile()
	for _, tt := range []struct {
		name, route, want string
		has               bool
	}{
		{"a rule", "GET /x", "a", true},
		{"a route that is open on purpose", "GET /open", "public", true},
		{"a route that is closed on purpose", "GET /closed", "deny", true},
		{"a wildcard is a spelling like any other", "/pkg.Svc/*", "star", true},
		{"a wildcard matches nothing else", "/pkg.Svc/Get", "authenticated", false},
		{"braces match nothing else", "GET /x/1/", "authenticated", false},
		{"another method", "POST /x", "authenticated", false},
		{"another case", "get /x", "authenticated", false},
		{"a longer path", "GET /x/", "authenticated", false},
		{"no route", "", "authenticated", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := table.Lookup(tt.route).String(); got != tt.want {
				t.Errorf("Lookup: %s, want %s", got, tt.want)
			}
			if got := table.Has(tt.route); got != tt.has {
				t.Errorf("Has: %t, want %t", got, tt.has)
			}
		})
	}
}

func TestUnroutedAndDefaultAreIndependent(t *testing.T) {
	for _, tt := range []struct {
		name             string
		policy           scopes.Policy
		lookup, unrouted string
	}{
		{"neither is given", scopes.Policy{}, "deny", "deny"},
		{"a default opens no unrouted request", scopes.Policy{Default: scopes.Public()}, "public", "deny"},
		{"Unrouted opens no forgotten route", scopes.Policy{Unrouted: scopes.Authenticated()}, "deny", "authenticated"},
		{"both are given", scopes.Policy{Default: scopes.All("a"), Unrouted: scopes.All("b")}, "a", "b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var rules scopes.Rules = tt.policy.MustCompile()
			if got := rules.Lookup("GET /forgotten").String(); got != tt.lookup {
				t.Errorf("Lookup: %s, want %s", got, tt.lookup)
			}
			if got := rules.Unrouted().String(); got != tt.unrouted {
				t.Errorf("Unrouted: %s, want %s", got, tt.unrouted)
			}
		})
	}
}

// Adapters take Rules. A nil *Table in a Rules is not a nil interface.
func TestATypedNilTableDeniesAsRules(t *testing.T) {
	var rules scopes.Rules = (*scopes.Table)(nil)
	if rules.Has("GET /x") || rules.Lookup("GET /x").Level() != scopes.LevelDeny ||
		rules.Unrouted().Level() != scopes.LevelDeny {
		t.Errorf("Has %t, Lookup %v, Unrouted %v", rules.Has("GET /x"), rules.Lookup("GET /x"), rules.Unrouted())
	}
}

func TestEmptyTablesDenyEverything(t *testing.T) {
	for name, table := range map[string]*scopes.Table{
		"a nil table": nil, "a zero table": {}, "the table of a zero policy": scopes.Policy{}.MustCompile(),
	} {
		t.Run(name, func(t *testing.T) {
			if got := table.Lookup("GET /x"); got.Level() != scopes.LevelDeny {
				t.Errorf("Lookup: %v", got)
			}
			if got := table.Unrouted(); got.Level() != scopes.LevelDeny {
				t.Errorf("Unrouted: %v", got)
			}
			if table.Has("GET /x") || table.Has("") {
				t.Error("Has: true")
			}
			if got := table.Scopes(); got != nil {
				t.Errorf("Scopes: %q", got)
			}
			if err := table.Audit(nil); err != nil {
				t.Errorf("Audit of no routes: %v", err)
			}
			if err := table.Audit([]string{"GET /x"}); err == nil || err.Error() != `scopes: route "GET /x" has no rule` {
				t.Errorf("Audit: %v", err)
			}
		})
	}
}

func TestTableScopes(t *testing.T) {
	table := scopes.Policy{
		Routes: rules{
			"1": scopes.Any("b", "c"), "2": scopes.All("c", "a"), "3": scopes.Public(), "4": {},
			"5": scopes.All("a").Or(scopes.All("a", "absorbed")),
		},
		Default:  scopes.All("default"),
		Unrouted: scopes.All("unrouted"),
	}.MustCompile()
	want := []string{"a", "b", "c", "default", "unrouted"}
	got := table.Scopes()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	clear(got)
	if diff := cmp.Diff(want, table.Scopes()); diff != "" {
		t.Errorf("a caller's change reached the table (-want +got)\n%s", diff)
	}
	// There is only one rule, so no append has moved its names to another array.
	single := scopes.Policy{Default: scopes.Any("a", "b")}.MustCompile()
	clear(single.Scopes())
	if diff := cmp.Diff([]string{"a", "b"}, single.Scopes()); diff != "" {
		t.Errorf("a caller's change reached the requirement (-want +got)\n%s", diff)
	}
}

func TestAudit(t *testing.T) {
	table := scopes.Policy{Routes: rules{"a": {}, "b": scopes.Public(), "c": scopes.All("x")}}.MustCompile()
	for _, tt := range []struct {
		name   string
		routes []string
		want   string
	}{
		{"rules and routes are the same", []string{"c", "a", "b"}, ""},
		{"a router may list a route twice", []string{"c", "a", "b", "a"}, ""},
		{"a route has no rule", []string{"a", "b", "c", "d"}, `scopes: route "d" has no rule`},
		{"a rule has no route", []string{"a", "c"}, `scopes: rule "b" has no route`},
		{"a router without routes", nil, "scopes: rule \"a\" has no route\nscopes: rule \"b\" has no route\nscopes: rule \"c\" has no route"},
		{"all faults are reported once, in order", []string{"z", "a", "d", "z"}, "scopes: route \"d\" has no rule\nscopes: route \"z\" has no rule\nscopes: rule \"b\" has no route\nscopes: rule \"c\" has no route"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := append([]string(nil), tt.routes...)
			got := ""
			if err := table.Audit(tt.routes); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got %s\nwant %s", got, tt.want)
			}
			if diff := cmp.Diff(before, tt.routes); diff != "" {
				t.Errorf("Audit wrote to its argument\n%s", diff)
			}
		})
	}
}

func TestAuditTellsWhyARuleHasNoRoute(t *testing.T) {
	for _, tt := range []struct {
		name   string
		rule   string
		routes []string
		want   string
	}{
		{"a method that no route has", "GETT /orders", []string{"GET /orders", "POST /orders"}, `: no route has the method "GETT"`},
		{"a method that HTTP knows is no misspelling", "PUT /orders", []string{"GET /orders"}, ""},
		{"a custom method that another route has", "PURGE /orders", []string{"PURGE /x"}, ""},
		{"a method where no route has one", "GETT /orders", []string{"/x"}, `: no route has the method "GETT"`},
		{"no method, where the path has a route", "/orders", []string{"/", "GET /a", "GET /orders", "POST /orders"}, `: the router has "GET /orders"`},
		{"no method, where each route has one", "/things", []string{"GET /orders", "POST /orders"}, ": each route of this router begins with a method"},
		{"no method, before a host", "api.example/things", []string{"GET /orders"}, ": each route of this router begins with a method"},
		{"no method, where some routes have none", "/things", []string{"GET /orders", "/static/"}, ""},
		{"a method, where the path's route has none", "GET /orders", []string{"/orders"}, `: the router has "/orders"`},
		{"another method", "POST /orders", []string{"GET /orders"}, ""},
		{"another case", "GET /orders", []string{"GET /Orders"}, `: the router has "GET /Orders"`},
		{"a slash too many", "GET /orders/", []string{"GET /orders"}, `: the router has "GET /orders"`},
		{"a slash too few", "GET /orders", []string{"GET /orders/"}, `: the router has "GET /orders/"`},
		{"another parameter", "GET /orders/{orderID}", []string{"GET /orders/{id}"}, ""},
		{"a service of gRPC", "/pkg.Svc/Gte", []string{"/pkg.Svc/Get"}, ""},
		{"a spelling that is not for HTTP", "tools/call Orders", []string{"tools/call orders"}, ""},
		{"no routes", "GETT /orders", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			table := scopes.Policy{Routes: rules{tt.rule: {}}}.MustCompile()
			err := table.Audit(tt.routes)
			want := "scopes: rule " + strconv.Quote(tt.rule) + " has no route" + tt.want
			if err == nil || !slices.Contains(strings.Split(err.Error(), "\n"), want) {
				t.Errorf("got %v\nwant %s among them", err, want)
			}
		})
	}
}

// A hint does not name a route that has a rule, because another rule was not meant for it.
func TestAuditHintsAtRoutesWithoutARuleOnly(t *testing.T) {
	table := scopes.Policy{Routes: rules{"/orders": {}, "GET /orders": {}, "GET /orders/": {}}}.MustCompile()
	const want = "scopes: rule \"/orders\" has no route: each route of this router begins with a method\n" +
		`scopes: rule "GET /orders/" has no route`
	if err := table.Audit([]string{"GET /orders"}); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestAuditSaysNothingOfDefaultAndUnrouted(t *testing.T) {
	table := scopes.Policy{Default: scopes.Public(), Unrouted: scopes.Public()}.MustCompile()
	if err := table.Audit(nil); err != nil {
		t.Error(err)
	}
	if err := table.Audit([]string{"GET /x"}); err == nil || err.Error() != `scopes: route "GET /x" has no rule` {
		t.Errorf("%v", err)
	}
}

func TestRoutesListsTheRules(t *testing.T) {
	policy := scopes.Policy{
		Routes: map[string]scopes.Requirement{"GET /b": {}, "GET /a": scopes.Public()}, Default: scopes.Authenticated(),
	}
	table := policy.MustCompile()
	table.Routes()[0] = "changed" // a slice of the caller's own
	if got, want := table.Routes(), []string{"GET /a", "GET /b"}; !slices.Equal(got, want) {
		t.Errorf("routes %q, want %q", got, want)
	}
	if got := (*scopes.Table)(nil).Routes(); got != nil {
		t.Errorf("routes of a nil table: %q", got)
	}
}
