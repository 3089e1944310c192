package docs_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

func entra() middleware.JWTConfig {
	cfg := middleware.JWTConfig{
		IssuerTemplate: "https://login.microsoftonline.com/{tenantid}/v2.0",
		MetadataURL:    "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration",
		Tenants:        []string{"72f988bf-86f1-41af-91ab-2d7cd011db47"}, // nil: any tenant
		Audience:       []string{"00001111-aaaa-2222-bbbb-3333cccc4444"}, // the application's id
	}
	return cfg
}

func TestEntra(t *testing.T) {
	cfg := entra()
	keys := authtest.Start(t, authtest.Config{}) // their metadata have another name, so they are asked directly
	cache, err := jwks.New(jwks.Config{Issuer: keys.URL(), Client: keys.Client()})
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close()
	cfg.MetadataURL, cfg.Keys = "", cache
	guard, err := middleware.New(cfg, middleware.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer guard.Close()
	const other = "9188040d-6c67-4c5b-b112-36a304b66dad"
	for _, c := range []struct{ name, tid, of, want string }{
		{"a user of the tenant", cfg.Tenants[0], cfg.Tenants[0], "<nil>"},
		{"a user of another tenant", other, other, "invalid token"},
		{"a user of another tenant who claims to be of this one", cfg.Tenants[0], other, "invalid token"},
	} {
		r := requestWith(keys.Mint(authtest.Token{Claims: map[string]any{
			"iss": strings.Replace(cfg.IssuerTemplate, "{tenantid}", c.of, 1), "tid": c.tid, "aud": cfg.Audience,
		}}))
		if _, err := guard.Check(t.Context(), r, scopes.Authenticated()); fmt.Sprint(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func severalIssuers() (*middleware.Guard, error) {
	guard, err := middleware.NewMultiIssuer([]middleware.JWTConfig{
		{Issuer: "https://login.example", Audience: []string{"https://api.example"}},
		{Issuer: "https://partner.example", Audience: []string{"https://api.example"}},
	}, middleware.Options{Logger: slog.Default()})
	return guard, err
}

var _ = severalIssuers
