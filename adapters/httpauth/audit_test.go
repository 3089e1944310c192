package httpauth_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/scopes"
)

func TestAudit(t *testing.T) {
	const unlisted = "patterns without a rule are not named, because a mux does not list its patterns"
	tests := []struct {
		name     string
		patterns []string
		rules    []string
		faults   []string // of the rules, in their order
	}{
		{"no rules", []string{"GET /orders"}, nil, nil},
		{"rules for all patterns", []string{"GET /orders", "POST /orders", "/any", "GET /orders/{id}"}, []string{"GET /orders", "POST /orders", "/any", "GET /orders/{id}"}, nil},
		{"a rule for one of two patterns: the other cannot be found", []string{"GET /orders", "GET /debug"}, []string{"GET /orders"}, nil},
		{"a rule without a pattern", []string{"GET /orders"}, []string{"GET /order"}, []string{`rule "GET /order" has no pattern`}},
		{"several, in alphabetical order", nil, []string{"GET /b", "GET /a"}, []string{`rule "GET /a" has no pattern`, `rule "GET /b" has no pattern`}},
		{"a wildcard of another name", []string{"GET /orders/{id}"}, []string{"GET /orders/{orderID}"}, []string{`rule "GET /orders/{orderID}" has no pattern: its requests are served by "GET /orders/{id}"`}},
		{"two rules that describe one pattern", []string{"GET /orders/{id}"}, []string{"GET /orders/{id}", "GET /orders/{orderID}"}, []string{`rule "GET /orders/{orderID}" has no pattern: its requests are served by "GET /orders/{id}"`}},
		{"a misspelled method", []string{"GET /orders"}, []string{"GETT /orders"}, []string{`rule "GETT /orders" has no pattern`}},
		{"a misspelled method of a pattern for any method", []string{"/orders"}, []string{"GETT /orders"}, []string{`rule "GETT /orders" has no pattern: its requests are served by "/orders"`}},
		{"no method where the pattern has one", []string{"GET /orders", "POST /orders"}, []string{"/orders"}, []string{`rule "/orders" has no pattern: its requests are served by "GET /orders", "POST /orders"`}},
		{"no method, besides patterns with one", []string{"GET /orders", "/orders"}, []string{"/orders"}, nil},
		{"a method where the pattern has none", []string{"/orders"}, []string{"GET /orders"}, []string{`rule "GET /orders" has no pattern: its requests are served by "/orders"`}},
		{"HEAD, which GET's pattern serves", []string{"GET /orders"}, []string{"HEAD /orders"}, []string{`rule "HEAD /orders" has no pattern: its requests are served by "GET /orders"`}},
		{"HEAD with a pattern of its own", []string{"GET /orders", "HEAD /orders"}, []string{"HEAD /orders", "GET /orders"}, nil},
		{"a catch-all", []string{"/"}, []string{"GET /orders"}, []string{`rule "GET /orders" has no pattern: its requests are served by "/"`}},
		{"the catch-all itself", []string{"/", "GET /orders", "/{one}", "/{one}/{two}"}, []string{"/"}, nil},
		{"a tree", []string{"GET /tree/", "GET /tree/{$}", "GET /tree/{leaf}"}, []string{"GET /tree/", "GET /tree/{$}", "GET /tree/{leaf}"}, nil},
		{"a tree without its slash", []string{"GET /tree/"}, []string{"GET /tree"}, []string{`rule "GET /tree" has no pattern: its requests are served by "GET /tree/"`}},
		{"a slash too many", []string{"GET /tree"}, []string{"GET /tree/"}, []string{`rule "GET /tree/" has no pattern`}},
		{"the end of a tree", []string{"GET /tree/"}, []string{"GET /tree/{$}"}, []string{`rule "GET /tree/{$}" has no pattern: its requests are served by "GET /tree/"`}},
		{"any number of segments", []string{"GET /files/{path...}"}, []string{"GET /files/{path...}"}, nil},
		{"any number of segments by another name", []string{"GET /files/{path...}"}, []string{"GET /files/"}, []string{`rule "GET /files/" has no pattern: its requests are served by "GET /files/{path...}"`}},
		{"any number of segments, of which most are taken", []string{"/f/{p...}", "/f/{$}", "/f/{a}", "/f/{a}/{b}", "/f/{a}/{b}/{c}"}, []string{"/f/{p...}"}, nil},
		{"any number except zero", []string{"/f/{p...}", "/f/{a}/{b...}"}, []string{"/f/{p...}", "/f/{a}/{b...}"}, nil},
		{"a wildcard beside a literal", []string{"GET /orders/{id}", "GET /orders/new"}, []string{"GET /orders/{id}", "GET /orders/new"}, nil},
		{"a host", []string{"GET api.example/orders", "GET /orders"}, []string{"GET api.example/orders", "GET /orders"}, nil},
		{"a host that has no pattern", []string{"GET api.example/orders", "GET /orders"}, []string{"GET www.example/orders"}, []string{`rule "GET www.example/orders" has no pattern: its requests are served by "GET /orders"`}},
		{"no host where the pattern has one", []string{"api.example/orders"}, []string{"/orders"}, []string{`rule "/orders" has no pattern`}},
		{"a host with a port, which no request matches", []string{"api.example:8080/orders"}, []string{"api.example:8080/orders"}, []string{`rule "api.example:8080/orders" has no pattern`}},
		{"an escaped path", []string{"/a%2Fb/{id}", "/caf%C3%A9", "GET /a b", "/50%25", "/what?"}, []string{"/a%2Fb/{id}", "/caf%C3%A9", "GET /a b", "/50%25", "/what?"}, nil},
		{"an escaped path in another spelling", []string{"/café"}, []string{"/caf%C3%A9"}, []string{`rule "/caf%C3%A9" has no pattern: its requests are served by "/café"`}},
		{"a path that no request can have", []string{"/100%"}, []string{"/100%"}, []string{`rule "/100%" has no pattern: no request can have its path`}},
		{"CONNECT", []string{"CONNECT /tunnel", "/tree/"}, []string{"CONNECT /tunnel", "CONNECT /tree"}, []string{`rule "CONNECT /tree" has no pattern: its requests are served by "/tree/"`}},
		{"an inner mux is not seen", []string{"/api/"}, []string{"GET /api/inner"}, []string{`rule "GET /api/inner" has no pattern: its requests are served by "/api/"`}},
		{"a path below which there are patterns", []string{"/a/{x}/{y}"}, []string{"/a/b"}, []string{`rule "/a/b" has no pattern`}},
		{"no pattern at all", []string{"/"}, []string{"orders"}, []string{`rule "orders" is not a pattern: parsing "orders": at offset 0: host/path missing /`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mux, routes := http.NewServeMux(), map[string]scopes.Requirement{}
			for _, pattern := range tt.patterns {
				mux.Handle(pattern, named(pattern))
			}
			for _, rule := range tt.rules {
				routes[rule] = scopes.Public()
			}
			got := ""
			if err := httpauth.Audit(mux, scopes.Policy{Routes: routes}.MustCompile()); err != nil {
				got = err.Error()
			}
			want := ""
			if len(tt.faults) > 0 {
				want = "httpauth: " + strings.Join(append(tt.faults, unlisted), "\nhttpauth: ")
			}
			if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestAuditOfANilTableFindsNothing(t *testing.T) {
	if err := httpauth.Audit(http.NewServeMux(), nil); err != nil {
		t.Error(err)
	}
}

func TestAuditOfANilMuxPanics(t *testing.T) {
	defer func() {
		if fault := recover(); fault != "httpauth: nil *http.ServeMux" {
			t.Errorf("panics with %v", fault)
		}
	}()
	_ = httpauth.Audit(nil, nil)
}
