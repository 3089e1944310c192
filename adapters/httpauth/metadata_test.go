package httpauth_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/adapters/internal/harness"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

func TestTheMetadataOfAResourceAreReached(t *testing.T) {
	router := func(g *middleware.Guard) *http.ServeMux {
		mux := http.NewServeMux()
		mux.Handle("GET /things", http.RedirectHandler("/", http.StatusOK))
		mux.Handle("GET "+g.MetadataPath(), g.Metadata())
		mux.Handle("OPTIONS "+g.MetadataPath(), g.Metadata())
		return mux
	}
	t.Run("Mux", func(t *testing.T) {
		harness.Metadata(t, true, func(g *middleware.Guard, table *scopes.Table) (http.Handler, error) {
			mux := router(g)
			return httpauth.Mux(g, table, mux), httpauth.Audit(mux, table)
		})
	})
	t.Run("Enforce", func(t *testing.T) {
		harness.Metadata(t, false, func(g *middleware.Guard, table *scopes.Table) (http.Handler, error) {
			mux := router(g)
			return httpauth.Enforce(g, table, func(r *http.Request) string {
				_, pattern := mux.Handler(r)
				return pattern
			})(mux), nil
		})
	})
}

func TestAuditNamesEachMetadataPatternOnce(t *testing.T) {
	const place = "/.well-known/oauth-protected-resource"
	const reason = " has no rule: clients read the metadata of the resource before they have a token\n"
	mux := http.NewServeMux()
	for _, pattern := range []string{"GET " + place + "/a", place + "/b", "GET /a/{id}", "GET /a/{id}/b", "GET /b"} {
		mux.Handle(pattern, named(pattern))
	}
	err := httpauth.Audit(mux, scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /a/{id}": scopes.Public(), "GET /a/{id}/b": scopes.Public(), "GET /b": scopes.Public(),
	}}.MustCompile())
	want := `httpauth: pattern "` + place + `/b"` + reason + `httpauth: pattern "GET ` + place + `/a"` + reason +
		"httpauth: patterns without a rule are not named, because a mux does not list its patterns"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// A mux does not list its patterns, so Audit asks for the metadata by the paths of the rules.
func TestAuditLooksForMetadata(t *testing.T) {
	const place = "/.well-known/oauth-protected-resource"
	tests := []struct {
		name    string
		pattern string // of the metadata
		rule    string // for another pattern
		found   bool
	}{
		{"of the host", "GET " + place, "GET /orders", true},
		{"of a path that is a rule", place + "/orders", "/orders", true},
		{"of a path above a rule", "GET " + place + "/v1", "POST /v1/orders/{id}", true},
		{"with a slash at the end", "GET " + place + "/v1/", "POST /v1/orders/{id}", true},
		{"of a path below a rule", "GET " + place + "/v1/orders", "GET /v1", false},
		{"for OPTIONS", "OPTIONS " + place, "GET /orders", true},
		{"on a host", "GET api.test" + place + "/v1", "GET api.test/v1", true},
		{"on another host than the rule", "GET api.test" + place, "GET /v1", false},
		{"at the end of a tree", "GET " + place + "/{$}", "GET /", true},
		{"a path that only begins alike", "GET " + place + "s", "GET /", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mux := http.NewServeMux()
			mux.Handle(tt.pattern, named(tt.pattern))
			mux.Handle(tt.rule, named(tt.rule))
			want := ""
			if tt.found {
				want = `httpauth: pattern "` + tt.pattern + `" has no rule: ` +
					"clients read the metadata of the resource before they have a token\n"
			}
			got := ""
			table := scopes.Policy{Routes: map[string]scopes.Requirement{tt.rule: scopes.Authenticated()}}.MustCompile()
			if err := httpauth.Audit(mux, table); err != nil {
				got = err.Error()
			}
			if !strings.HasPrefix(got, want) || (got == "") != (want == "") {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
