package scopes_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/scopes"
)

type rules = map[string]scopes.Requirement

func TestCompileRefusesRoutes(t *testing.T) {
	for _, tt := range []struct{ name, route, want string }{
		{"an empty route", "", `scopes: Policy.Routes[""]: an empty route`},
		{"a space in front", " GET /x", `scopes: Policy.Routes[" GET /x"]: white space around a route`},
		{"a space at the end", "GET /x ", `scopes: Policy.Routes["GET /x "]: white space around a route`},
		{"a space of another script at the end", "GET /x\u00a0", `scopes: Policy.Routes["GET /x\u00a0"]: white space around a route`},
		{"a control character inside", "GET\t/x", `scopes: Policy.Routes["GET\t/x"]: a control character in a route`},
		{"DEL inside", "GET /\x7fx", `scopes: Policy.Routes["GET /\x7fx"]: a control character in a route`},
		{"a method in small letters", "get /orders", `scopes: Policy.Routes["get /orders"]: a method that is not in capitals: write "GET /orders"`},
		{"a method with one capital", "Delete /orders/{id}", `scopes: Policy.Routes["Delete /orders/{id}"]: a method that is not in capitals: write "DELETE /orders/{id}"`},
		{"a method in small letters before a host", "post api.example/orders", `scopes: Policy.Routes["post api.example/orders"]: a method that is not in capitals: write "POST api.example/orders"`},
		{"two spaces before a path", "GET  /x", `scopes: Policy.Routes["GET  /x"]: not exactly one space after the method`},
		{"two spaces before a host", "GET  api.example/x", `scopes: Policy.Routes["GET  api.example/x"]: not exactly one space after the method`},
		{"two spaces after a custom method", "PURGE-2  /x", `scopes: Policy.Routes["PURGE-2  /x"]: not exactly one space after the method`},
		{"two spaces after the ends of the alphabets", "azAZ09  /x", `scopes: Policy.Routes["azAZ09  /x"]: not exactly one space after the method`},
		{"three spaces", "GET   /x", `scopes: Policy.Routes["GET   /x"]: not exactly one space after the method`},
		{"a space of another script before a path", "GET\u00a0/x", `scopes: Policy.Routes["GET\u00a0/x"]: not exactly one space after the method`},
		{"small letters and two spaces", "get  /x", `scopes: Policy.Routes["get  /x"]: not exactly one space after the method
scopes: Policy.Routes["get  /x"]: a method that is not in capitals: write "GET /x"`},
		{"two faults in one route", "GET /x\n", `scopes: Policy.Routes["GET /x\n"]: white space around a route
scopes: Policy.Routes["GET /x\n"]: a control character in a route`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			table, err := scopes.Policy{Routes: rules{tt.route: scopes.Public(), "GET /good": {}}}.Compile()
			if table != nil || err == nil || err.Error() != tt.want {
				t.Errorf("got %v, %v; want %s", table, err, tt.want)
			}
		})
	}
}

// Spellings that are not for HTTP, and methods that net/http does not know, are no faults,
// because a router may have them.
func TestCompileTakesEveryOtherSpelling(t *testing.T) {
	for _, route := range []string{
		"GET /x", "/x", "GET api.example/x", "api.example/x", "GET /", "/", "GET *", "OPTIONS *",
		"/pkg.Svc/Method", "/pkg.Svc/*", "tools/call NAME", "tools/call a/b", "tools/call  a/b", "resources/read file:///x",
		"GETT /orders", "purge /x", "subscribe orders/created", "get", "get x", "get  x", "GET  x", "x", "get a b/c",
		"GET /a  b", "/a  b", "/get /x", "GET /get  /x", "GET /caf\u00e9", "gét /x", "get, /x",
		"GET@  /x", "GET[  /x", "GET{  /x", "GET:  /x", "GET\u00e9  /x", // no method has such an octet
		"M-SEARCH /x", "ping",
	} {
		t.Run(route, func(t *testing.T) {
			table, err := scopes.Policy{Routes: rules{route: scopes.All("a")}}.Compile()
			if err != nil {
				t.Fatal(err)
			}
			if got := table.Lookup(route).String(); got != "a" {
				t.Errorf("Lookup: %s", got)
			}
		})
	}
}

func TestEveryMethodOfHTTPIsHeldToItsCapitals(t *testing.T) {
	for _, method := range []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace,
	} {
		if _, err := (scopes.Policy{Routes: rules{method + " /x": {}}}).Compile(); err != nil {
			t.Error(err)
		}
		if _, err := (scopes.Policy{Routes: rules{strings.ToLower(method) + " /x": {}}}).Compile(); err == nil {
			t.Errorf("%s in small letters is taken", method)
		}
	}
}

func TestCompileNamesEveryFaultInOrder(t *testing.T) {
	policy := scopes.Policy{Routes: rules{" b": {}, "": {}, "c ": {}, "a\x00": {}, "fine": {}}}
	const want = `scopes: Policy.Routes[""]: an empty route
scopes: Policy.Routes[" b"]: white space around a route
scopes: Policy.Routes["a\x00"]: a control character in a route
scopes: Policy.Routes["c "]: white space around a route`
	_, err := policy.Compile()
	if err == nil || err.Error() != want {
		t.Errorf("Compile: %v; want %s", err, want)
	}
	if got := panicText(func() { policy.MustCompile() }); got != want {
		t.Errorf("MustCompile panics with %q", got)
	}
}

func TestCompileCopies(t *testing.T) {
	policy := scopes.Policy{Routes: rules{"GET /x": scopes.All("a")}}
	table := policy.MustCompile()
	policy.Routes["GET /x"] = scopes.Public()
	policy.Routes["GET /y"] = scopes.Public()
	if got := table.Lookup("GET /x").String(); got != "a" || table.Has("GET /y") {
		t.Errorf("a later change reached the table: %s", got)
	}
}
