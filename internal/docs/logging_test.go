package docs_test

import (
	"context"
	"expvar"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// logTo returns a logger without times, so that its lines are the same in each run.
func logTo(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "key_id" {
			return slog.Attr{}
		}
		return a
	}}))
}

func guardWithMetrics(cfg middleware.JWTConfig, decisions *expvar.Map) (*middleware.Guard, error) {
	return middleware.New(cfg, middleware.Options{
		Logger: slog.Default(),
		Observe: func(_ context.Context, e middleware.Event) {
			decisions.Add(string(e.Outcome)+" "+string(e.Err.Code()), 1) // the code of a request that passes is ""
		},
	})
}

func Example_metrics() {
	decisions := new(expvar.Map)
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.DiscardHandler))
	guard := must(guardWithMetrics(issuer.Config(), decisions))
	defer guard.Close()
	api := httpauth.Require(guard, scopes.All("orders:read"))(http.HandlerFunc(getOrder))
	ask(api, "GET", "/", "")
	ask(api, "GET", "/", issuer.Mint(authtest.Token{Scope: "orders:read"}))
	ask(api, "GET", "/", issuer.Mint(authtest.Token{Scope: "orders:read"}))
	fmt.Println(decisions)
	// Output:
	// {"passed ": 2, "refused missing": 1}
}

// A token for another API of the same issuer.
func Example_log() {
	issuer := must(authtest.New(authtest.Config{Audience: "https://api.example"}))
	defer issuer.Close()
	guard := must(middleware.New(issuer.Config(), middleware.Options{Logger: logTo(os.Stdout)}))
	defer guard.Close()
	r := requestWith(issuer.Mint(authtest.Token{Claims: map[string]any{"aud": "https://other.example"}}))
	r.Route, r.RemoteAddr = "GET /orders", "192.0.2.1:50000"
	_, _ = guard.Check(context.Background(), r, scopes.All("orders:read"))
	// Output:
	// level=INFO msg="bearer token refused" code=invalid cause="invalid token: aud does not name this API: it is [\"https://other.example\"], and JWTConfig.Audience is [\"https://api.example\"]" route="GET /orders" remote_addr=192.0.2.1:50000
}

// causesOf returns the causes of refusals that the table of the page has.
func causesOf(t *testing.T) []string {
	var causes []string
	observe := func(_ context.Context, e middleware.Event) { causes = append(causes, e.Cause.Error()) }
	issuer := authtest.Start(t, authtest.Config{})
	cfg := issuer.Config()
	cfg.MaxLifetime = time.Hour
	cfg.Grants = []middleware.Grant{{Path: "roles", Prefix: "role:"}}
	guard, err := middleware.New(cfg, middleware.Options{Observe: observe, Cookie: "token"})
	if err != nil {
		t.Fatal(err)
	}
	defer guard.Close()
	behindProxy := issuer.Guard(t, middleware.Options{Observe: observe, Header: "X-Proxy-Assertion"})
	for _, header := range []http.Header{
		{},
		{"Authorization": {"Bearer a"}},
		{"Authorization": {"Bearer a"}, "X-Proxy-Assertion": {"a"}},
		{"X-Proxy-Assertion": {"Bearer a"}},
		{"X-Proxy-Assertion": {"a"}, "Sec-Fetch-Site": {"cross-site"}},
	} {
		_, _ = behindProxy.Check(t.Context(), middleware.Request{Method: "POST", Header: header}, scopes.Authenticated())
	}
	try := func(need scopes.Requirement, header http.Header) {
		_, _ = guard.Check(t.Context(), middleware.Request{Method: "POST", Header: header}, need)
	}
	token := func(how authtest.Token) {
		try(scopes.Authenticated(), requestWith(issuer.Mint(how)).Header.(http.Header))
	}
	claim := func(name string, value any) { token(authtest.Token{Claims: map[string]any{name: value}}) }
	for _, header := range []http.Header{
		nil,
		{"Authorization": {"Basic YTpi"}},
		{"Authorization": {"Bearer"}},
		{"Authorization": {"Bearer a", "Bearer b"}},
		{"Authorization": {"Bearer a"}, "Cookie": {"token=b"}},
		{"Cookie": {"token=a"}, "Sec-Fetch-Site": {"cross-site"}},
		{"Authorization": {"Bearer Bearer a"}},
		{"Authorization": {"Bearer reference-token"}},
	} {
		try(scopes.Authenticated(), header)
	}
	claim("aud", "https://other.example")
	claim("iss", "https://other.example")
	claim("exp", time.Now().Add(-time.Hour))
	claim("exp", nil)
	claim("exp", "tomorrow")
	claim("exp", time.Now().Add(30*time.Hour))
	claim("nbf", time.Now().Add(time.Hour))
	claim("iat", time.Now().Add(time.Hour))
	claim("cnf", map[string]any{"jkt": "x"})
	for name, value := range map[string]any{"at_hash": "x", "events": map[string]any{}} {
		token(authtest.Token{Claims: map[string]any{name: value}, Header: map[string]any{"typ": "JWT"}})
	}
	token(authtest.Token{Header: map[string]any{"typ": "dpop+jwt"}})
	for _, alg := range []string{"ES384", "HS256"} {
		token(authtest.Token{Key: must(authtest.NewKey(alg))})
	}
	stranger := must(authtest.NewKey("ES256"))
	token(authtest.Token{Key: stranger})
	token(authtest.Token{Key: stranger, Header: map[string]any{"kid": issuer.Key().ID()}})
	try(scopes.All("orders:read"), requestWith(issuer.Mint(authtest.Token{Scope: "profile"})).Header.(http.Header))
	try(scopes.All("role:admin"), requestWith(issuer.Mint(authtest.Token{})).Header.(http.Header))
	for _, need := range []scopes.Requirement{scopes.ACR("gold"), scopes.MaxAge(time.Minute)} {
		try(need, requestWith(issuer.Mint(authtest.Token{})).Header.(http.Header))
	}
	try(scopes.Deny(), nil)
	_, _ = guard.Check(t.Context(), middleware.Request{Route: "GET /orders"}, scopes.Deny())
	return causes
}

// Each cause has a row, and each row has a cause.
func TestTheTableOfCausesIsComplete(t *testing.T) {
	checkTable(t, "The causes", "(invalid token: )?", causesOf(t))
}

// checkTable compares texts with the first column of the table under a heading of docs/logging.md. "…" in a
// row stands for any text. before is a pattern for what may come before it.
func checkTable(t *testing.T, heading, before string, texts []string) {
	t.Helper()
	_, section, _ := strings.Cut(read(t, "docs/logging.md").prose, "\n## "+heading+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(.*?)` \\|").FindAllStringSubmatch(section, -1) {
		seen[m[1]] = false
	}
	for _, text := range texts {
		found := false
		for row := range seen {
			pattern := "^" + before + strings.ReplaceAll(regexp.QuoteMeta(row), "…", ".*") + "$"
			if regexp.MustCompile(pattern).MatchString(text) {
				found, seen[row] = true, true
			}
		}
		if !found {
			t.Errorf("the page has no row for %s", text)
		}
	}
	for row, seen := range seen {
		if !seen {
			t.Errorf("nothing says %s", row)
		}
	}
}

// failuresOf returns what the log says about issuers that do not answer well.
func failuresOf(t *testing.T) []string {
	var failures []string
	for _, fail := range []func(*authtest.Issuer, *middleware.JWTConfig){
		func(_ *authtest.Issuer, cfg *middleware.JWTConfig) { cfg.Issuer += "/" },
		func(_ *authtest.Issuer, cfg *middleware.JWTConfig) { cfg.Issuer += "/wrong" },
		func(_ *authtest.Issuer, cfg *middleware.JWTConfig) { cfg.Issuer = "https://nowhere.test" },
		func(i *authtest.Issuer, _ *middleware.JWTConfig) {
			i.Break(authtest.Fault{Status: http.StatusBadGateway})
		},
		func(i *authtest.Issuer, _ *middleware.JWTConfig) { i.Break(authtest.Fault{Down: true}) },
		func(i *authtest.Issuer, _ *middleware.JWTConfig) { i.Break(authtest.Fault{Hang: true}) },
		func(i *authtest.Issuer, _ *middleware.JWTConfig) { i.Break(authtest.Fault{Body: "<html>"}) },
		func(i *authtest.Issuer, _ *middleware.JWTConfig) {
			i.Break(authtest.Fault{Body: `{"issuer":"https://other.example","jwks_uri":"https://other.example/keys"}`})
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			issuer := authtest.Start(t, authtest.Config{})
			cfg := issuer.Config()
			fail(issuer, &cfg)
			cache, err := jwks.New(jwks.Config{
				Issuer: cfg.Issuer, Client: issuer.Client(), Logger: slog.New(slog.DiscardHandler),
			})
			if err != nil {
				t.Fatal(err)
			}
			defer cache.Close()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_ = cache.Ready(ctx)
			failures = append(failures, cache.Status().LastError.Error())
		})
	}
	return failures
}

// What is wrong with an issuer has a row, too.
func TestTheTableOfFailuresIsComplete(t *testing.T) {
	checkTable(t, "The keys cannot be fetched", "jwks: ", failuresOf(t))
}
