package docs_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// The last column of the table of challenges in comparison.md is what a guard answers. The other columns
// come from programs that this module does not run.
func TestTheTableOfChallengesIsTrue(t *testing.T) {
	const metadata = "https://api.test/.well-known/oauth-protected-resource"
	issuer := authtest.Start(t, authtest.Config{})
	guard := issuer.Guard(t, middleware.Options{Resource: &middleware.Resource{URL: "https://api.test"}})
	mux := http.NewServeMux()
	for _, path := range []string{"/orders", "/pay"} {
		mux.HandleFunc("GET "+path, func(http.ResponseWriter, *http.Request) {})
	}
	api := httpauth.Mux(guard, scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /orders": scopes.All("orders:read"),
		"GET /pay":    scopes.All("orders:read").And(scopes.ACR("gold")),
	}}.MustCompile(), mux)

	good := issuer.Mint(authtest.Token{Scope: "orders:read"})
	stranger := must(authtest.NewKey("ES256"))
	bearer := func(token string) []string { return []string{"Bearer " + token} }
	tests := []struct {
		request, target string
		authorization   []string
	}{
		{"no token", "/orders", nil},
		{"`Basic` credentials", "/orders", []string{"Basic eDp5"}},
		{"`Bearer` and nothing after it", "/orders", []string{"Bearer "}},
		{"the token in `?access_token=`", "/orders?access_token=" + good, nil},
		{"the token there and in the header", "/orders?access_token=" + good, bearer(good)},
		{"two `Authorization` headers", "/orders", append(bearer(good), bearer(good)...)},
		{"a forged token", "/orders", bearer(issuer.Mint(authtest.Token{Key: stranger}))},
		{"an expired token", "/orders", bearer(issuer.Mint(authtest.Token{
			Claims: map[string]any{"exp": time.Now().Add(-time.Hour)},
		}))},
		{"a token without the scope", "/orders", bearer(issuer.Mint(authtest.Token{Scope: "x"}))},
		{"a token of a weaker login", "/pay", bearer(good)},
	}
	page, err := os.ReadFile("../../docs/comparison.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		r := httptest.NewRequest(http.MethodGet, tt.target, nil)
		if tt.authorization != nil {
			r.Header["Authorization"] = tt.authorization
		}
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		cell := strconv.Itoa(w.Code)
		if challenge := w.Header().Get("WWW-Authenticate"); challenge != "" {
			rest, told := strings.CutSuffix(challenge, `, resource_metadata="`+metadata+`"`)
			rest, ours := strings.CutPrefix(rest, `Bearer realm="api"`)
			if !told || !ours {
				t.Errorf("%s: challenge %s", tt.request, challenge)
			}
			if rest = strings.TrimPrefix(rest, ", "); rest != "" {
				cell += " `" + rest + "`"
			}
		}
		found := false
		for line := range strings.Lines(string(page)) {
			found = found || strings.HasPrefix(line, "| "+tt.request+" | ") && strings.HasSuffix(line, " | "+cell+" |\n")
		}
		if !found {
			t.Errorf("docs/comparison.md has no row of %q that ends in | %s |", tt.request, cell)
		}
	}
}
