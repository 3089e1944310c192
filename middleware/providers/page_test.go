package providers_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// pages is the directory with a page for each issuer.
const pages = "../../docs/providers"

// A sample is the decoded token that a page shows.
type sample struct{ header, claims map[string]any }

// read returns the text of a page, and its sample: a block of JSON with the header and the claims.
func read(t *testing.T, page string) (string, sample) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(pages, page))
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(text), "```json\n")
	decoder := json.NewDecoder(strings.NewReader(block))
	var s sample
	if err := decoder.Decode(&s.header); err != nil {
		t.Fatalf("%s: the header: %v", page, err)
	}
	if err := decoder.Decode(&s.claims); err != nil {
		t.Fatalf("%s: the claims: %v", page, err)
	}
	// The sample was issued ten seconds ago.
	iat, ok := s.claims["iat"].(float64)
	if !ok {
		t.Fatalf("%s: the sample has no iat", page)
	}
	moved := float64(time.Now().Unix()) - 10 - iat
	for _, name := range []string{"iat", "nbf", "exp", "auth_time"} {
		if at, ok := s.claims[name].(float64); ok {
			s.claims[name] = int64(at + moved)
		}
	}
	return string(text), s
}

var keys sync.Map // alg -> the key of all issuers, because it takes long to make one

func keyFor(t *testing.T, alg string) *authtest.Key {
	t.Helper()
	made, _ := keys.LoadOrStore(alg, sync.OnceValues(func() (*authtest.Key, error) { return authtest.NewKey(alg) }))
	key, err := made.(func() (*authtest.Key, error))()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// mint signs the sample with the changes. A nil removes a claim, or a member of the header.
func (s sample) mint(t *testing.T, issuer *authtest.Issuer, change neighbour) string {
	t.Helper()
	header, claims := maps.Clone(s.header), maps.Clone(s.claims)
	for _, edit := range []struct{ of, with map[string]any }{{header, change.header}, {claims, change.claims}} {
		for name, value := range edit.with {
			if edit.of[name] = value; value == nil {
				delete(edit.of, name)
			}
		}
	}
	key := keyFor(t, fmt.Sprint(header["alg"]))
	issuer.Publish(key)
	header["kid"] = key.ID()
	return issuer.Mint(authtest.Token{Key: key, RawHeader: encode(t, header), Payload: encode(t, claims)})
}

func encode(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// start makes a guard of cfg that fetches its keys from an issuer with the same name, wherever the
// configuration says that they are. The guard reads tokens in header, and if that is empty, in
// Authorization. It writes the cause of its last refusal to cause.
func start(
	t *testing.T, cfg middleware.JWTConfig, keys jwks.Config, header string,
) (issuer *authtest.Issuer, guard *middleware.Guard, cause *string) {
	t.Helper()
	issuer = authtest.Start(t, authtest.Config{URL: cmp.Or(cfg.Issuer, cfg.IssuerTemplate)})
	base := strings.TrimSuffix(issuer.URL(), "/")
	other := elsewhere{}
	if cfg.MetadataURL != "" {
		other[cfg.MetadataURL] = base + "/.well-known/openid-configuration"
	}
	if keys.KeysURL != "" {
		other[keys.KeysURL] = base + "/jwks"
	}
	client := &http.Client{Transport: other.to(issuer.Client().Transport)}
	if keys.KeysURL == "" {
		cfg.Client = client
	} else {
		keys.Client = client
		cache, err := jwks.New(keys)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Keys = cache
		t.Cleanup(func() { _ = cache.Close() })
	}
	cause = new(string)
	var mu sync.Mutex
	guard, err := middleware.New(cfg, middleware.Options{
		Header: header,
		Observe: func(_ context.Context, e middleware.Event) {
			mu.Lock()
			defer mu.Unlock()
			if *cause = ""; e.Cause != nil {
				*cause = e.Cause.Error()
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := guard.Close(); err != nil {
			t.Error(err)
		}
	})
	return issuer, guard, cause
}

// elsewhere has the URLs that are answered as other ones.
type elsewhere map[string]string

func (e elsewhere) to(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if other := e[r.URL.String()]; other != "" {
			r = r.Clone(r.Context())
			var err error
			if r.URL, err = url.Parse(other); err != nil {
				return nil, err
			}
			r.Host = r.URL.Host
		} else if len(e) > 0 && strings.Contains(r.URL.Path, "/.well-known/") {
			return nil, errors.New("not there") // only where the configuration says
		}
		return next.RoundTrip(r)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A neighbour is a genuine token that is not for the API: the sample, with changes.
type neighbour struct {
	name           string // stands in the page
	header, claims map[string]any
	cause          string
}

type claims = map[string]any

func TestEachSamplePassesAndItsNeighboursDoNot(t *testing.T) {
	for _, row := range rows {
		t.Run(strings.TrimSuffix(row.page, ".md"), func(t *testing.T) {
			text, s := read(t, row.page)
			cfg, keys := row.cfg()
			header := headers[row.page]
			issuer, guard, cause := start(t, cfg, keys, header)
			all := transports(t, guard, row.need, header)

			for _, over := range all {
				if got := over.send(s.mint(t, issuer, neighbour{})); got != http.StatusOK {
					t.Errorf("the sample over %s: %d: %s", over.name, got, *cause)
				}
			}
			for _, n := range row.neighbours {
				if !strings.Contains(text, "| "+n.name+" |") {
					t.Errorf("%s does not say that %q is refused", row.page, n.name)
				}
				token := s.mint(t, issuer, n)
				for _, over := range all {
					if got := over.send(token); got != http.StatusUnauthorized || !strings.Contains(*cause, n.cause) {
						t.Errorf("%s over %s: %d: %s", n.name, over.name, got, *cause)
					}
				}
			}
		})
	}
}

func TestEachPageHasARowAndSaysWhatWasRead(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(pages, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	tested := map[string]bool{"aws-alb.md": true} // its Verifier is an Example of package middleware
	for _, row := range rows {
		tested[row.page] = true
	}
	for _, file := range files {
		page := filepath.Base(file)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !tested[page] {
			t.Errorf("%s has no row", page)
		}
		if !strings.Contains(string(text), "\nRead on 20") {
			t.Errorf("%s does not say when the issuer's documentation was read", page)
		}
		if n := strings.Count(string(text), "\n"); n > 70 {
			t.Errorf("%s has %d lines, more than a screen", page, n)
		}
	}
}
