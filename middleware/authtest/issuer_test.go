package authtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// newIssuer makes an issuer that ends with the test.
func newIssuer(t *testing.T, cfg authtest.Config) *authtest.Issuer {
	t.Helper()
	issuer, err := authtest.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := issuer.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return issuer
}

func get(t *testing.T, issuer *authtest.Issuer, url string) (*http.Response, string) {
	t.Helper()
	resp, err := issuer.Client().Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestConfigRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  authtest.Config
		want []string // all of them in the one error
	}{
		{"an unknown algorithm", authtest.Config{Algorithm: "ES999"}, []string{"Algorithm"}},
		{"none is no algorithm of a key", authtest.Config{Algorithm: "none"}, []string{"Algorithm"}},
		{"every interface", authtest.Config{Addr: ":0"}, []string{"Addr: not a loopback"}},
		{"an address that faces the network", authtest.Config{Addr: "192.0.2.1:0"}, []string{"Addr: not a loopback"}},
		{"no address", authtest.Config{Addr: "127.0.0.1"}, []string{"Addr"}},
		{"a port that cannot be", authtest.Config{Addr: "127.0.0.1:99999"}, []string{"Addr"}},
		{"a name beside a listener", authtest.Config{Addr: "127.0.0.1:0", URL: "https://a.test"}, []string{"URL: only"}},
		{"a name with a query", authtest.Config{URL: "https://a.test/?b"}, []string{"URL: not"}},
		{"a name with a fragment", authtest.Config{URL: "https://a.test/#b"}, []string{"URL: not"}},
		{"a name with a user", authtest.Config{URL: "https://u@a.test"}, []string{"URL: not"}},
		{"a name of another scheme", authtest.Config{URL: "ftp://a.test"}, []string{"URL: not"}},
		{"a name without a host", authtest.Config{URL: "https:"}, []string{"URL: not"}},
		{"a name that does not parse", authtest.Config{URL: "https://a\x7f"}, []string{"URL: not"}},
		{
			"every fault at once",
			authtest.Config{Algorithm: "x", Addr: ":0", URL: "x"},
			[]string{"Algorithm", "Addr", "URL: only", "URL: not"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			issuer, err := authtest.New(c.cfg)
			if err == nil {
				issuer.Close()
				t.Fatal("accepted")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), "Config."+want) {
					t.Errorf("%q does not name Config.%s", err, want)
				}
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	if got := issuer.URL() + " " + issuer.Audience(); got != "https://issuer.test https://api.test" {
		t.Errorf("got %s", got)
	}
	other := newIssuer(t, authtest.Config{Audience: "a"})
	if got := other.Audience(); got != "a" {
		t.Errorf("audience %s", got)
	}
}

func TestPaths(t *testing.T) {
	const oidc, oauth = "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"
	for _, c := range []struct{ name, url, oidc, oauth, jwks string }{
		{"a bare host", "https://a.test", "https://a.test" + oidc, "https://a.test" + oauth, "https://a.test/jwks"},
		{"a final slash", "https://a.test/", "https://a.test" + oidc, "https://a.test" + oauth, "https://a.test/jwks"},
		{
			"a path", "https://a.test/r/b",
			"https://a.test/r/b" + oidc, "https://a.test" + oauth + "/r/b", "https://a.test/r/b/jwks",
		},
		{
			"a path and a slash", "https://a.test/b/",
			"https://a.test/b" + oidc, "https://a.test" + oauth + "/b", "https://a.test/b/jwks",
		},
		{
			"plain http and a port", "http://a.test:8080",
			"http://a.test:8080" + oidc, "http://a.test:8080" + oauth, "http://a.test:8080/jwks",
		},
		{"loopback", "", oidc, oauth, "/jwks"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg, prefix := authtest.Config{URL: c.url}, ""
			if c.url == "" {
				cfg.Addr = "127.0.0.1:0"
			}
			issuer := newIssuer(t, cfg)
			if c.url == "" {
				prefix, c.url = issuer.URL(), issuer.URL()
			}
			for _, url := range []string{prefix + c.oidc, prefix + c.oauth} {
				resp, body := get(t, issuer, url)
				var doc struct {
					Issuer string `json:"issuer"`
					JWKS   string `json:"jwks_uri"`
				}
				if err := json.Unmarshal([]byte(body), &doc); err != nil {
					t.Fatal(err)
				}
				if doc.Issuer != c.url || issuer.URL() != c.url || doc.JWKS != prefix+c.jwks {
					t.Errorf("%s gives %s", url, body)
				}
				if got := resp.Header.Get("Content-Type"); got != "application/json" {
					t.Errorf("Content-Type %q", got)
				}
			}
			resp, body := get(t, issuer, prefix+c.jwks)
			if !strings.Contains(body, issuer.Key().ID()) || resp.Header.Get("Content-Type") != "application/jwk-set+json" {
				t.Errorf("key set %s as %s", body, resp.Header.Get("Content-Type"))
			}
			if issuer.Fetches() != 1 {
				t.Errorf("%d fetches", issuer.Fetches())
			}
			if resp, _ := get(t, issuer, prefix+c.jwks+"/x"); resp.StatusCode != 404 {
				t.Errorf("an unknown path: %d", resp.StatusCode)
			}
		})
	}
}

func TestMetadataNamesTheAlgorithm(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Algorithm: "EdDSA"})
	_, body := get(t, issuer, issuer.URL()+"/.well-known/openid-configuration")
	if !strings.Contains(body, `"id_token_signing_alg_values_supported":["EdDSA"]`) {
		t.Error(body)
	}
}

func TestOnlyReads(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	for method, want := range map[string]int{"GET": 200, "HEAD": 200, "POST": 405, "DELETE": 405} {
		req, err := http.NewRequest(method, issuer.URL()+"/jwks", strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := issuer.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if refused := resp.Header.Get("Allow") == "GET, HEAD"; resp.StatusCode != want || refused != (want == 405) {
			t.Errorf("%s: %d with Allow %q, want %d", method, resp.StatusCode, resp.Header.Get("Allow"), want)
		}
	}
}

func TestETag(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	conditional := func(etag string) *http.Response {
		req, err := http.NewRequest("GET", issuer.URL()+"/jwks", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("If-None-Match", etag)
		resp, err := issuer.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp
	}
	first := conditional(`"x"`)
	etag := first.Header.Get("ETag")
	if first.StatusCode != 200 || etag == "" {
		t.Fatalf("%d with ETag %q", first.StatusCode, etag)
	}
	if again := conditional(etag); again.StatusCode != 304 {
		t.Errorf("unchanged: %d", again.StatusCode)
	}
	issuer.Rotate()
	if changed := conditional(etag); changed.StatusCode != 200 || changed.Header.Get("ETag") == etag {
		t.Errorf("changed: %d with ETag %q", changed.StatusCode, changed.Header.Get("ETag"))
	}
	if issuer.Fetches() != 3 {
		t.Errorf("%d fetches", issuer.Fetches())
	}
}

func TestClose(t *testing.T) {
	for name, cfg := range worlds {
		t.Run(name, func(t *testing.T) {
			issuer, err := authtest.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			arrived := make(chan struct{})
			var left atomic.Bool
			answering(issuer, func(_ http.ResponseWriter, r *http.Request) {
				close(arrived)
				<-r.Context().Done()
				for range 1000 {
					runtime.Gosched()
				}
				left.Store(true)
				panic(http.ErrAbortHandler)
			})
			ended := make(chan error)
			go func() {
				// While a body is unread, net/http does not notice that a connection breaks.
				resp, err := issuer.Client().Post(issuer.URL()+"/jwks", "text/plain", strings.NewReader("x"))
				if err == nil {
					resp.Body.Close()
				}
				ended <- err
			}()
			<-arrived
			for range 2 {
				if err := issuer.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			}
			if !left.Load() {
				t.Error("a handler outlives Close")
			}
			if err := <-ended; err == nil || errors.Is(err, context.Canceled) {
				t.Errorf("a request under way ends with %v: not a network error", err)
			}
			issuer.Heal()
			if resp, err := issuer.Client().Get(issuer.URL() + "/jwks"); err == nil {
				body, _ := io.ReadAll(resp.Body)
				resp.Body.Close()
				if strings.Contains(string(body), issuer.Key().ID()) { // the port may be somebody else's by now
					t.Error("answers after Close")
				}
			}
			if strings.Count(issuer.Mint(authtest.Token{}), ".") != 2 {
				t.Error("no token after Close")
			}
		})
	}
}

// An issuer that was made outside a bubble serves in several bubbles at once, and can be
// closed outside.
func TestIssuerAcrossBubbles(t *testing.T) {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	issuer.Break(authtest.Fault{Delay: time.Hour})
	t.Run("bubbles", func(t *testing.T) {
		for n := range 4 {
			t.Run(strconv.Itoa(n), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					for range 20 {
						kids(t, issuer)
					}
				})
			})
		}
	})
	if err := issuer.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestConcurrentUse(t *testing.T) {
	for name, cfg := range worlds {
		t.Run(name, func(t *testing.T) {
			issuer := newIssuer(t, cfg)
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					for range 5 {
						key := issuer.Rotate()
						issuer.Mint(authtest.Token{})
						issuer.Break(authtest.Fault{Delay: 1})
						kids(t, issuer)
						issuer.Withdraw(key)
					}
				})
			}
			all.Wait()
			if issuer.Fetches() != 40 {
				t.Errorf("%d fetches", issuer.Fetches())
			}
		})
	}
}
