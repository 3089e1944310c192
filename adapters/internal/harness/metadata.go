package harness

import (
	"net/http"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// Metadata tests that the metadata of a resource are reached by Public rules, and that these open
// nothing else. mount serves "GET /things", and the metadata of g for GET and OPTIONS, behind g and
// table. It also returns the result of the adapter's Audit, or nil if the adapter has none.
func Metadata(t *testing.T, audits bool, mount func(*middleware.Guard, *scopes.Table) (http.Handler, error)) {
	const path = "/.well-known/oauth-protected-resource/things"
	g := Guard(t, middleware.Options{Resource: &middleware.Resource{
		URL: "https://api.test/things", AuthorizationServers: []string{"https://issuer.test"},
	}})
	if g.MetadataPath() != path {
		t.Fatalf("the path is %s", g.MetadataPath())
	}
	public, closed := scopes.Public(), scopes.Authenticated()
	type rules = map[string]scopes.Requirement
	rows := []struct {
		name         string
		rules        rules
		get, options int      // status
		faults       []string // of Audit
	}{
		{"both Public", rules{"GET " + path: public, "OPTIONS " + path: public}, 200, 204, nil},
		{
			"GET needs a token",
			rules{"GET " + path: closed, "OPTIONS " + path: public},
			401, 204,
			[]string{`rule "GET ` + path + `" is not Public`},
		},
		{
			"OPTIONS needs a token",
			rules{"GET " + path: public, "OPTIONS " + path: closed},
			200, 401,
			[]string{`rule "OPTIONS ` + path + `" is not Public`},
		},
		{"no rule", rules{}, 403, 403, []string{`"GET ` + path + `" has no rule`, `"OPTIONS ` + path + `" has no rule`}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			row.rules["GET /things"] = scopes.All("read")
			handler, err := mount(g, scopes.Policy{Routes: row.rules}.MustCompile())
			if audits && (err == nil) != (row.faults == nil) {
				t.Errorf("Audit: %v", err)
			}
			for _, fault := range row.faults {
				if audits && !strings.Contains(err.Error(), fault) {
					t.Errorf("Audit does not say %q:\n%v", fault, err)
				}
			}
			for _, ask := range []struct {
				method, path, token string
				want                int
			}{
				{"GET", path, "", row.get},
				{"GET", path, "bad", row.get},
				{"OPTIONS", path, "", row.options},
				{"GET", "/things", "", 401},
				{"GET", "/things", "bad", 401},
				{"GET", "/things", "good", 200},
				{"GET", path + "/", "", 0},
				{"POST", path, "", 0},
				{"GET", "/.well-known/oauth-protected-resource", "", 0},
			} {
				w := Do(handler, ask.method, ask.path, ask.token)
				if w.Code != ask.want && (ask.want != 0 || w.Code == 200) {
					t.Errorf("%s %s with %q: %d, want %d", ask.method, ask.path, ask.token, w.Code, ask.want)
				}
				metadata := w.Code == 200 && ask.path == path
				if metadata != strings.HasPrefix(w.Body.String(), `{"resource":"https://api.test/things"`) {
					t.Errorf("%s %s: %d %s", ask.method, ask.path, w.Code, w.Body)
				}
				if w.Code/100 == 2 && ask.path == path && w.Header().Get("Access-Control-Allow-Origin") != "*" {
					t.Errorf("%s %s: fields %v", ask.method, ask.path, w.Header())
				}
				challenge := `resource_metadata="https://api.test` + path + `"`
				if w.Code == 401 && !strings.HasSuffix(w.Header().Get("WWW-Authenticate"), challenge) {
					t.Errorf("%s %s: %v", ask.method, ask.path, w.Header())
				}
			}
		})
	}
}
