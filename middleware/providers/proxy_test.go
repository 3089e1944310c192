package providers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware/providers"
	"github.com/bearerguard/bearerguard/scopes"
)

// A service token has no user: sub is empty, and common_name has its id.
func TestAServiceTokenOfCloudflareAccessPasses(t *testing.T) {
	text, s := read(t, "cloudflare-access.md")
	cfg, keys := cloudflareAccess()
	issuer, guard, cause := start(t, cfg, keys, providers.CloudflareAccessHeader)

	const id = "0a1b2c3d4e5f60718293a4b5c6d7e8f9.access"
	token := s.mint(t, issuer, neighbour{claims: claims{
		"sub": "", "common_name": id, "email": nil, "identity_nonce": nil, "nbf": nil, "country": nil,
	}})
	for _, over := range transports(t, guard, scopes.Authenticated(), providers.CloudflareAccessHeader) {
		if got := over.send(token); got != http.StatusOK {
			t.Errorf("over %s: %d: %s", over.name, got, *cause)
		}
	}
	if !strings.Contains(text, "`common_name`") {
		t.Error("the page does not say where the id of a service token is")
	}
}

// Google lets clocks differ by 30 seconds on either side, so a token of ten minutes may seem to be good for
// eleven.
func TestTheLongestTokenOfIdentityAwareProxyPasses(t *testing.T) {
	_, s := read(t, "google-iap.md")
	cfg, keys := googleIAP()
	issuer, guard, cause := start(t, cfg, keys, providers.GoogleIAPHeader)
	iat, ok := s.claims["iat"].(int64)
	if !ok {
		t.Fatal("no iat")
	}
	over := transports(t, guard, scopes.Authenticated(), providers.GoogleIAPHeader)[0]
	for exp, want := range map[int64]int{iat + 11*60: http.StatusOK, iat + 11*60 + 1: http.StatusUnauthorized} {
		if got := over.send(s.mint(t, issuer, neighbour{claims: claims{"exp": exp}})); got != want {
			t.Errorf("%d s: %d: %s", exp-iat, got, *cause)
		}
	}
}

// Identity-Aware Proxy has a name for the API in each kind of environment.
func TestAudiencesOfIdentityAwareProxy(t *testing.T) {
	for _, audience := range []string{
		"/projects/123456789012/apps/example-shop",
		"/projects/123456789012/apps/example.com:shop",
		"/projects/123456789012/global/backendServices/1234567890123456789",
		"/projects/123456789012/locations/europe-west1/services/orders",
	} {
		cfg, keys := providers.GoogleIAP(audience, "/projects/1/apps/other")
		if cfg.Issuer != "https://cloud.google.com/iap" || cfg.Audience[0] != audience || len(cfg.Audience) != 2 {
			t.Errorf("%s: %s, %q", audience, cfg.Issuer, cfg.Audience)
		}
		if err := keys.Validate(); err != nil {
			t.Errorf("%s: %v", audience, err)
		}
	}
}

func TestKeysOfProxies(t *testing.T) {
	for _, row := range []struct {
		keys jwks.Config
		want string
	}{
		{second(cloudflareAccess()), "https://example.cloudflareaccess.com/cdn-cgi/access/certs"},
		{second(googleIAP()), "https://www.gstatic.com/iap/verify/public_key-jwk"},
	} {
		if row.keys.KeysURL != row.want || row.keys.Issuer != "" {
			t.Errorf("got %s, want %s", row.keys.KeysURL, row.want)
		}
	}
}

// The header is another one than Authorization, so a token there does not count.
func TestATokenOfAProxyDoesNotCountInAuthorization(t *testing.T) {
	for page, header := range headers {
		_, s := read(t, page)
		for _, row := range rows {
			if row.page != page {
				continue
			}
			cfg, keys := row.cfg()
			issuer, guard, cause := start(t, cfg, keys, header)
			token := s.mint(t, issuer, neighbour{})
			for _, over := range transports(t, guard, row.need, "") {
				if got := over.send(token); got != http.StatusUnauthorized || !strings.Contains(*cause, header) {
					t.Errorf("%s over %s: %d: %s", page, over.name, got, *cause)
				}
			}
		}
	}
}

// Both names are canonical, so that they are also keys of an http.Header.
func TestHeadersOfProxiesAreCanonical(t *testing.T) {
	for _, header := range headers {
		if canonical := http.CanonicalHeaderKey(header); header != canonical {
			t.Errorf("%s, want %s", header, canonical)
		}
	}
}
