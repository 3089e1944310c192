package providers_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/providers"
)

// A claim that is absent, or of another type, says nothing. So it must not let anybody in.
func TestValidateRefusesAClaimThatSaysNothing(t *testing.T) {
	rows := []struct {
		name    string
		cfg     middleware.JWTConfig
		claim   string
		good    string         // a value of claim that passes
		anyText bool           // so does any other text
		others  map[string]any // must not stand in for claim
	}{
		{"Keycloak", providers.Keycloak("https://login.example", "shop", api), "typ", "Bearer", false, nil},
		{"Keycloak, bound", providers.Keycloak("https://login.example", "shop", api), "typ", "DPoP", false, nil},
		{"EntraID", providers.EntraID(tenant, api), "azp", "a", true, map[string]any{"appid": "a", "client_id": "a", "cid": "a"}},
		{"EntraIDv1", providers.EntraIDv1(tenant, api), "appid", "a", true, map[string]any{"azp": "a", "client_id": "a", "cid": "a"}},
		{"EntraIDAnyTenant", providers.EntraIDAnyTenant(api), "azp", "a", true, map[string]any{"appid": "a", "client_id": "a", "cid": "a"}},
		{"Authentik", providers.Authentik("https://login.example", "orders", api), "azp", "a", true, map[string]any{"client_id": "a"}},
		{"AzureADB2C", providers.AzureADB2C("example", tenant, "B2C_1_signin", api), "tfp", "B2C_1_signin", false, map[string]any{"scp": "Read"}},
		{"AzureADB2C, scope", providers.AzureADB2C("example", tenant, "B2C_1_signin", api), "scp", "a", true, map[string]any{"tfp": "B2C_1_signin", "scope": "Read", "azp": "a"}},
		{"Cognito, client", providers.Cognito("eu-west-1_AbCd1EfGh", "c"), "client_id", "c", false, map[string]any{"token_use": "access", "azp": "c"}},
		{"Cognito, kind", providers.Cognito("eu-west-1_AbCd1EfGh", "c"), "token_use", "access", false, map[string]any{"client_id": "c"}},
		{"GitHubActions, name", providers.GitHubActions(api, "a/b"), "repository", "a/b", false, map[string]any{"repository_id": "a/b"}},
		{"GitHubActions, id", providers.GitHubActions(api, "1"), "repository_id", "1", false, map[string]any{"repository": "1"}},
		{"GitLabCI, name", providers.GitLabCI("https://gitlab.com", api, "a/b"), "project_path", "a/b", false, map[string]any{"project_id": "a/b"}},
		{"GitLabCI, id", providers.GitLabCI("https://gitlab.com", api, "1"), "project_id", "1", false, map[string]any{"project_path": "1"}},
		{"Google", providers.Google("1-a.apps.googleusercontent.com"), "azp", "1-a.apps.googleusercontent.com", false, map[string]any{"client_id": "1-a.apps.googleusercontent.com"}},
		{"CloudflareAccess", only(providers.CloudflareAccess("example", tag)), "type", "app", false, map[string]any{"sub": "a", "typ": "app"}},
		{"CloudflareAccess, service token", only(providers.CloudflareAccess("example", tag)), "common_name", "a.access", true, map[string]any{"sub": "", "type": "app", "client_id": "a"}},
		{"CloudflareAccess, user", only(providers.CloudflareAccess("example", tag)), "sub", "a", true, map[string]any{"type": "app", "email": "a@b", "identity_nonce": "a"}},
		{"GoogleServiceAccounts", providers.GoogleServiceAccounts(api, "a@b"), "email", "a@b", false, map[string]any{"sub": "a@b", "email_verified": true}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			values := []any{nil, "", 1, true, []string{row.good}, []string{}, map[string]any{row.good: row.good}}
			if !row.anyText {
				values = append(values, " ", "*", row.good+" ", row.good+"x")
			}
			for _, value := range append(values, row.good) {
				claims := map[string]any{}
				maps.Copy(claims, row.others)
				if value != nil {
					claims[row.claim] = value
				}
				c, err := middleware.NewClaims(claims)
				if err != nil {
					continue // a registered claim: no token with it is verified
				}
				err = row.cfg.Validate(context.Background(), c)
				if good := value == row.good; good && err != nil || !good && !errors.Is(err, middleware.ErrInvalidToken) {
					t.Errorf("%v: %v", claims, err)
				}
			}
		})
	}
}

// The subject names a service account of Google, and the claim jti an access token of Zitadel.
func TestValidateRefusesClaimsOfNobody(t *testing.T) {
	for name, cfg := range map[string]middleware.JWTConfig{
		"Cognito":               providers.Cognito("eu-west-1_AbCd1EfGh", "c"),
		"GoogleServiceAccounts": providers.GoogleServiceAccounts(api, "1"),
		"Zitadel":               providers.Zitadel("example.zitadel.cloud", "1"),
	} {
		c, err := middleware.NewClaims(map[string]any{"token_use": "access"})
		if err != nil {
			t.Fatal(err)
		}
		if err := cfg.Validate(context.Background(), c); !errors.Is(err, middleware.ErrInvalidToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The documentation says to set another Issuer for GitHub Enterprise Server, for example. That
// takes the text of a fault away, and must not open the API.
func TestAnotherIssuerDoesNotHideAFaultFromCallers(t *testing.T) {
	for want, cfg := range map[string]middleware.JWTConfig{
		"GitHubActions: repositories: has an empty name":     providers.GitHubActions(api, ""),
		"GitHubActions: repositories: required":              providers.GitHubActions(api),
		"GitLabCI: projects: has an empty name":              providers.GitLabCI("https://gitlab.com", api, ""),
		"Cognito: clientIDs: has an empty name":              providers.Cognito("eu-west-1_AbCd1EfGh", ""),
		"GoogleServiceAccounts: accounts: has an empty name": providers.GoogleServiceAccounts(api, ""),
		"Keycloak: realm: required":                          providers.Keycloak("https://login.example", "", api),
		"Supabase: projectRef: required":                     only(providers.Supabase("")),
	} {
		cfg.Issuer = "https://github.example/_services/token"
		c, err := middleware.NewClaims(map[string]any{"iss": cfg.Issuer, "aud": api, "token_use": "access", "typ": "Bearer"})
		if err != nil {
			t.Fatal(err)
		}
		if err := cfg.Validate(context.Background(), c); err == nil || !strings.Contains(err.Error(), "providers."+want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// A client of Supabase's OAuth server acts for a user who may not know what it does.
func TestAClientOfSupabaseMustBeListed(t *testing.T) {
	for _, row := range []struct {
		listed []string
		claims map[string]any
		want   bool
	}{
		{nil, map[string]any{}, true},
		{nil, map[string]any{"client_id": "c"}, false},
		{nil, map[string]any{"azp": "c"}, false},
		{[]string{"c"}, map[string]any{"client_id": "c"}, true},
		{[]string{"c"}, map[string]any{"client_id": "C"}, false},
		{[]string{"c"}, map[string]any{}, true},
	} {
		cfg, _ := providers.Supabase("abcdefghijklmnopqrst", row.listed...)
		c, err := middleware.NewClaims(row.claims)
		if err != nil {
			t.Fatal(err)
		}
		if err := cfg.Validate(context.Background(), c); (err == nil) != row.want {
			t.Errorf("%v, %v: %v", row.listed, row.claims, err)
		}
	}
}

// A caller may change each list of what it got.
func TestConfigurationsShareNothing(t *testing.T) {
	for _, row := range rows {
		first, _ := row.cfg()
		for _, list := range [][]string{first.Audience, first.Algorithms, first.Tenants} {
			for i := range list {
				list[i] = "changed"
			}
		}
		for i := range first.Grants {
			first.Grants[i].Path = "changed"
		}
		second, _ := row.cfg()
		lists := append(append(append([]string{}, second.Audience...), second.Algorithms...), second.Tenants...)
		for _, grant := range second.Grants {
			lists = append(lists, grant.Path)
		}
		if text := strings.Join(lists, " "); strings.Contains(text, "changed") {
			t.Errorf("%s: %s", row.page, text)
		}
	}
}
