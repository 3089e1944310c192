package providers_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/middleware/providers"
)

const (
	tenant, api = "8f0c2d6e-54b1-4a63-9d27-0b6a3e5c1f48", "orders-api"
	tag         = "9f3c1d7e5b2a4860c4e8f1a7d3b6095e2c7a1f4d8b0e63957a2d4c6f8e1b3059"
)

func TestAnArgumentThatMakesNoIssuerIsAFault(t *testing.T) {
	rows := []struct {
		name string
		cfg  middleware.JWTConfig
		want string // each of its lines stands in the error
	}{
		{"no base URL", providers.Keycloak("", "shop", api), "Keycloak: baseURL: required"},
		{"no realm", providers.Keycloak("https://login.example", "", api), "Keycloak: realm: required"},
		{"no audience", providers.Keycloak("https://login.example", "shop", ""), "Keycloak: audience: required"},
		{"two faults", providers.Keycloak("https://login.example", "", ""), "Keycloak: realm: required\nKeycloak: audience: required"},
		{"a realm with a slash", providers.Keycloak("https://login.example", "shop/../admin", api), `Keycloak: realm: "shop/../admin" is not one step`},
		{"a realm that leads upwards", providers.Keycloak("https://login.example", "..", api), `Keycloak: realm: ".." is not one step`},
		{"a realm that leads nowhere", providers.Keycloak("https://login.example", ".", api), `Keycloak: realm: "." is not one step`},
		{"a realm that leads upwards, percent-encoded", providers.Keycloak("https://login.example", "%2e.", api), `Keycloak: realm: "%2e." is not one step`},
		{"a realm with a slash, percent-encoded", providers.Keycloak("https://login.example", "a%2Fb", api), `Keycloak: realm: "a%2Fb" is not one step`},
		{"a realm with half an encoding", providers.Keycloak("https://login.example", "a%2", api), `Keycloak: realm: "a%2" is not one step`},
		{"a realm with a space", providers.Keycloak("https://login.example", "my shop", api), `Keycloak: realm: "my shop" is not one step`},
		{"a realm with braces", providers.Keycloak("https://login.example", "{realm}", api), `Keycloak: realm: "{realm}" is not one step`},
		{"a domain that is a URL", providers.Auth0("https://example.auth0.com", api), `Auth0: domain: "https://example.auth0.com" is not the name of a host: write it alone`},
		{"a domain with a slash", providers.Auth0("example.auth0.com/", api), `Auth0: domain: "example.auth0.com/" is not the name`},
		{"a domain with a final dot", providers.Auth0("example.auth0.com.", api), `Auth0: domain: "example.auth0.com." is not the name`},
		{"a domain with a space", providers.Auth0("example.auth0.com ", api), `Auth0: domain: "example.auth0.com " is not the name`},
		{"no domain", providers.Auth0("", api), "Auth0: domain: required"},
		{"no server", providers.Okta("example.okta.com", "", api), "Okta: server: required: only Okta can verify"},
		{"the organization's server", providers.Okta("example.okta.com", "v1", api), "Okta: server: required: only Okta can verify"},
		{"a server that is a path", providers.Okta("example.okta.com", "a/b", api), `Okta: server: "a/b" is not one step`},
		{"a tenant that is a domain", providers.EntraID("example.onmicrosoft.com", api), `EntraID: tenantID: "example.onmicrosoft.com" is not the id of a tenant`},
		{"common as a tenant", providers.EntraID("common", api), `EntraID: tenantID: "common" is not`},
		{"a tenant in capitals", providers.EntraIDv1(strings.ToUpper(tenant), api), "EntraIDv1: tenantID"},
		{"no client", providers.EntraID(tenant, ""), "EntraID: clientID: required"},
		{"no audience of version 1", providers.EntraIDv1(tenant, ""), "EntraIDv1: audience: required"},
		{"a pool without a region", providers.Cognito("AbCd1EfGh", "client"), `Cognito: userPoolID: "AbCd1EfGh" is not the id of a user pool, such as eu-west-1_AbCd1EfGh`},
		{"no client for any tenant", providers.EntraIDAnyTenant(""), "EntraIDAnyTenant: clientID: required"},
		{"a tenant that is no GUID", providers.EntraIDAnyTenant(api, tenant, "common"), `EntraIDAnyTenant: tenants[1]: "common" is not the id of a tenant`},
		{"no pool", providers.Cognito("", "client"), "Cognito: userPoolID: required"},
		{"no clients", providers.Cognito("eu-west-1_AbCd1EfGh"), "Cognito: clientIDs: required: the tokens have no audience"},
		{"an empty client", providers.Cognito("eu-west-1_AbCd1EfGh", "client", ""), "Cognito: clientIDs: has an empty name"},
		{"a client that is a wildcard", providers.Cognito("eu-west-1_AbCd1EfGh", "*"), `Cognito: clientIDs[0]: "*" is not the id of a client`},
		{"no repositories", providers.GitHubActions(api), "GitHubActions: repositories: required: everybody"},
		{"an empty repository", providers.GitHubActions(api, ""), "GitHubActions: repositories: has an empty name"},
		{"an owner", providers.GitHubActions(api, "1", "octo-org"), `GitHubActions: repositories[1]: "octo-org" is not OWNER/NAME or an id`},
		{"a wildcard", providers.GitHubActions(api, "octo-org/*"), `GitHubActions: repositories[0]: "octo-org/*" is not OWNER/NAME or an id; there are no wildcards`},
		{"a URL of a repository", providers.GitHubActions(api, "https://github.com/a/b"), `GitHubActions: repositories[0]: "https://github.com/a/b" is not OWNER/NAME`},
		{"a repository with a space", providers.GitHubActions(api, "a/b "), `GitHubActions: repositories[0]: "a/b " is not OWNER/NAME`},
		{"no audience of a workflow", providers.GitHubActions("", "a/b"), "GitHubActions: audience: required"},
		{"no projects", providers.GitLabCI("https://gitlab.com", api), "GitLabCI: projects: required: every project"},
		{"an empty project", providers.GitLabCI("https://gitlab.com", api, ""), "GitLabCI: projects: has an empty name"},
		{"a group", providers.GitLabCI("https://gitlab.com", api, "my-group"), `GitLabCI: projects[0]: "my-group" is not GROUP/NAME or an id`},
		{"all projects of a group", providers.GitLabCI("https://gitlab.com", api, "my-group/*"), `GitLabCI: projects[0]: "my-group/*" is not GROUP/NAME or an id`},
		{"no server of GitLab", providers.GitLabCI("", api, "a/b"), "GitLabCI: baseURL: required"},
		{"no issuer of a cluster", providers.Kubernetes("", api), "Kubernetes: issuer: required"},
		{"no audience in a cluster", providers.Kubernetes("https://kubernetes.default.svc", ""), "Kubernetes: audience: required"},
		{"the audience of the API server", providers.Kubernetes("https://k.example", "https://k.example"), `Kubernetes: audience: "https://k.example" is the audience of the API server`},
		{"no project of Firebase", providers.Firebase(""), "Firebase: projectID: required"},
		{"no slug", providers.Authentik("https://login.example", "", api), "Authentik: slug: required"},
		{"no client of authentik", providers.Authentik("https://login.example", "orders", ""), "Authentik: clientID: required"},
		{"no issuer of Hydra", providers.OryHydra("", api), "OryHydra: issuer: required"},
		{"no audience of Hydra", providers.OryHydra("https://login.example", ""), "OryHydra: audience: required"},
		{"no endpoint", providers.Logto("", api), "Logto: endpoint: required"},
		{"no host", only(providers.ADFS("", api)), "ADFS: host: required"},
		{"a host that is a URL", only(providers.ADFS("https://fs.example.com", api)), `ADFS: host: "https://fs.example.com" is not the name of a host`},
		{"no identifier", only(providers.ADFS("fs.example.com", "")), "ADFS: audience: required"},
		{"no reference", only(providers.Supabase("")), "Supabase: projectRef: required"},
		{"a reference that is a URL", only(providers.Supabase("https://x.supabase.co")), `Supabase: projectRef: "https://x.supabase.co" is not a project's reference`},
		{"an empty client of Supabase", only(providers.Supabase("abcdefghijklmnopqrst", "")), "Supabase: clientIDs: has an empty name"},
		{"no team", only(providers.CloudflareAccess("", tag)), "CloudflareAccess: team: required"},
		{"the domain of a team", only(providers.CloudflareAccess("example.cloudflareaccess.com", tag)), `CloudflareAccess: team: "example.cloudflareaccess.com" is not the name of a team: write it alone`},
		{"no AUD tag", only(providers.CloudflareAccess("example")), "CloudflareAccess: audTags: required: all applications"},
		{"an empty AUD tag", only(providers.CloudflareAccess("example", "")), "CloudflareAccess: audTags: has an empty name"},
		{"the name of an application", only(providers.CloudflareAccess("example", tag, "orders")), `CloudflareAccess: audTags[1]: "orders" is not the AUD tag of an application`},
		{"half of an AUD tag", only(providers.CloudflareAccess("example", tag[:32])), `CloudflareAccess: audTags[0]: "9f3c1d7e5b2a4860c4e8f1a7d3b6095e" is not the AUD tag`},
		{"no audience of a proxy", only(providers.GoogleIAP()), "GoogleIAP: audiences: required: everybody's tokens"},
		{"an empty audience of a proxy", only(providers.GoogleIAP("")), "GoogleIAP: audiences: has an empty name"},
		{"the id of a project as its number", only(providers.GoogleIAP("/projects/shop/apps/shop")), `GoogleIAP: audiences[0]: "/projects/shop/apps/shop" is not an audience of Identity-Aware Proxy`},
		{"a whole project", only(providers.GoogleIAP("/projects/123456789012")), `GoogleIAP: audiences[0]: "/projects/123456789012" is not an audience of Identity-Aware Proxy, such as /projects/`},
		{"a wildcard of services", only(providers.GoogleIAP("/projects/1/locations/europe-west1/services/*")), `GoogleIAP: audiences[0]: "/projects/1/locations/europe-west1/services/*" is not an audience`},
		{"a URL as an audience of a proxy", only(providers.GoogleIAP("https://api.example")), `GoogleIAP: audiences[0]: "https://api.example" is not an audience`},
		{"all accounts of a domain", providers.GoogleServiceAccounts(api, "*@example.iam.gserviceaccount.com"), `GoogleServiceAccounts: accounts[0]: "*@example.iam.gserviceaccount.com" is not an email address`},
		{"the name of an account", providers.GoogleServiceAccounts(api, "checkout"), `GoogleServiceAccounts: accounts[0]: "checkout" is not an email address or a unique id`},
		{"no accounts", providers.GoogleServiceAccounts(api), "GoogleServiceAccounts: accounts: required: every service account"},
		{"an empty account", providers.GoogleServiceAccounts(api, ""), "GoogleServiceAccounts: accounts: has an empty name"},
		{"no audience of a service account", providers.GoogleServiceAccounts("", "a@b"), "GoogleServiceAccounts: audience: required"},
		{"no client of Google", providers.Google(), "Google: clientIDs: required: an ID token is for a client"},
		{"a URL as a client of Google", providers.Google("https://api.example"), `Google: clientIDs[0]: "https://api.example" is not the id of an OAuth client`},
		{"no client of Apple", providers.Apple(), "Apple: clientIDs: required: an ID token is for a client"},
		{"no issuer of Dex", providers.Dex("", "orders"), "Dex: issuer: required"},
		{"no client of Dex", providers.Dex("https://login.example/dex"), "Dex: clientIDs: required"},
		{"no tenant of B2C", providers.AzureADB2C("", tenant, "B2C_1_signin", api), "AzureADB2C: tenant: required"},
		{"a tenant with its domain", providers.AzureADB2C("example.onmicrosoft.com", tenant, "B2C_1_signin", api), `AzureADB2C: tenant: "example.onmicrosoft.com" is not the first part`},
		{"no directory", providers.AzureADB2C("example", "", "B2C_1_signin", api), "AzureADB2C: tenantID: required"},
		{"no policy", providers.AzureADB2C("example", tenant, "", api), "AzureADB2C: policy: required"},
		{"no client of B2C", providers.AzureADB2C("example", tenant, "B2C_1_signin", ""), "AzureADB2C: clientID: required"},
		{"no domain of Zitadel", providers.Zitadel("", "344374183645413380"), "Zitadel: domain: required"},
		{"a name of a project", providers.Zitadel("example.zitadel.cloud", "orders"), `Zitadel: projectID: "orders" is not the id of a project`},
		{"no resource", providers.Logto("https://example.logto.app", ""), "Logto: resource: required"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := middleware.New(row.cfg, middleware.Options{})
			if err == nil {
				t.Fatal("no fault")
			}
			for want := range strings.SplitSeq(row.want, "\n") {
				if !strings.Contains(err.Error(), "providers."+want) {
					t.Errorf("%v\nwant %s", err, want)
				}
			}
			for _, no := range []string{"placeholder", "MetadataURL", "IssuerTemplate", "Tenants"} {
				if strings.Contains(err.Error(), no) {
					t.Errorf("a fault that is no use: %v", err)
				}
			}
			// Keys of the user's own do not hide the fault.
			row.cfg.Keys = authtest.Start(t, authtest.Config{Algorithm: "HS256"}).Config().Keys
			if _, err := middleware.New(row.cfg, middleware.Options{}); err == nil ||
				!strings.Contains(err.Error(), "JWTConfig.Issuer: providers.") {
				t.Errorf("beside Keys: %v", err)
			}
		})
	}
}

func only(cfg middleware.JWTConfig, _ jwks.Config) middleware.JWTConfig { return cfg }

func TestAFaultIsInTheKeysToo(t *testing.T) {
	for name, keys := range map[string]jwks.Config{
		"ADFS: host: required":             second(providers.ADFS("", api)),
		"Supabase: projectRef: required":   second(providers.Supabase("")),
		"CloudflareAccess: team: required": second(providers.CloudflareAccess("", tag)),
		"GoogleIAP: audiences: required":   second(providers.GoogleIAP()),
	} {
		if _, err := jwks.New(keys); err == nil || !strings.Contains(err.Error(), "Issuer: providers."+name) {
			t.Errorf("%v, want %s", err, name)
		}
	}
}

func second(_ middleware.JWTConfig, keys jwks.Config) jwks.Config { return keys }

// What package middleware checks, package providers does not check again.
func TestAFaultOfTheURLIsThatOfIssuer(t *testing.T) {
	for _, row := range []struct{ name, url, want string }{
		{"no scheme", "login.example", `Issuer: "login.example/realms/shop" has no scheme: write "https://login.example/realms/shop"`},
		{"http", "http://login.example", `Issuer: "http://login.example/realms/shop" is http`},
		{"credentials", "https://u:secret@login.example", `Issuer: "https://login.example/realms/shop" has credentials`},
		{"a query", "https://login.example?a=1", "has a query"},
	} {
		_, err := middleware.New(providers.Keycloak(row.url, "shop", api), middleware.Options{})
		if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

func TestAFinalSlashOfABaseURLDoesNotCount(t *testing.T) {
	for _, row := range []struct {
		cfg  middleware.JWTConfig
		want string
	}{
		{providers.Keycloak("https://login.example/auth/", "shop", api), "https://login.example/auth/realms/shop"},
		{providers.GitLabCI("https://gitlab.com/", api, "a/b"), "https://gitlab.com"},
		{providers.Logto("https://example.logto.app/", api), "https://example.logto.app/oidc"},
		{providers.Authentik("https://login.example/", "orders", api), "https://login.example/application/o/orders/"},
		{providers.OryHydra("https://login.example/", api), "https://login.example/"}, // to the letter
	} {
		if row.cfg.Issuer != row.want {
			t.Errorf("got %s, want %s", row.cfg.Issuer, row.want)
		}
	}
}

// The name of a repository or a project may change, or belong to somebody else. Its id stays.
func TestAnIDIsEnough(t *testing.T) {
	for _, row := range []struct {
		cfg    middleware.JWTConfig
		claims map[string]any
		want   bool
	}{
		{providers.GitHubActions(api, "456789"), map[string]any{"repository": "octo-org/renamed", "repository_id": "456789"}, true},
		{providers.GitHubActions(api, "456789"), map[string]any{"repository": "456789", "repository_id": "1"}, false},
		{providers.GitHubActions(api, "a/b"), map[string]any{"repository": "x/y", "repository_id": "a/b"}, false},
		{providers.GitLabCI("https://gitlab.com", api, "20"), map[string]any{"project_path": "my-group/renamed", "project_id": "20"}, true},
		{providers.GitLabCI("https://gitlab.com", api, "20"), map[string]any{"project_path": "my-group/my-project", "project_id": 20}, false},
	} {
		c, err := middleware.NewClaims(row.claims)
		if err != nil {
			t.Fatal(err)
		}
		if err := row.cfg.Validate(context.Background(), c); (err == nil) != row.want {
			t.Errorf("%v: %v", row.claims, err)
		}
	}
}

// A name never passes as an id, nor an id as a name.
func TestAServiceAccountIsAnEmailAddressOrAnID(t *testing.T) {
	for _, row := range []struct {
		account string
		claims  map[string]any
		want    bool
	}{
		{"113774264463038321964", map[string]any{"sub": "113774264463038321964"}, true},
		{"113774264463038321964", map[string]any{"sub": "1", "email": "113774264463038321964", "email_verified": true}, false},
		{"a@b", map[string]any{"sub": "a@b"}, false},
		{"a@b", map[string]any{"sub": "1", "email": "a@b", "email_verified": true}, true},
		{"a@b", map[string]any{"sub": "1", "email": "a@b", "email_verified": "true"}, false},
	} {
		c, err := middleware.NewClaims(row.claims)
		if err != nil {
			t.Fatal(err)
		}
		err = providers.GoogleServiceAccounts(api, row.account).Validate(context.Background(), c)
		if (err == nil) != row.want {
			t.Errorf("%s, %v: %v", row.account, row.claims, err)
		}
	}
}

func TestMetadataThatAreNotBelowTheIssuer(t *testing.T) {
	for _, row := range []struct {
		cfg  middleware.JWTConfig
		want string
	}{
		{providers.EntraIDv1(tenant, api), "https://login.microsoftonline.com/" + tenant + "/.well-known/openid-configuration"},
		{providers.EntraIDAnyTenant(api), "https://login.microsoftonline.com/organizations/v2.0/.well-known/openid-configuration"},
		{providers.AzureADB2C("example", tenant, "B2C_1_signin", api), "https://example.b2clogin.com/example.onmicrosoft.com/B2C_1_signin/v2.0/.well-known/openid-configuration"},
	} {
		if row.cfg.MetadataURL != row.want {
			t.Errorf("got %s, want %s", row.cfg.MetadataURL, row.want)
		}
	}
}

// Older policies of Azure AD B2C have their name in acr. Case does not count.
func TestAPolicyIsInEitherClaim(t *testing.T) {
	check := providers.AzureADB2C("example", tenant, "B2C_1_SignIn", api).Validate
	for _, row := range []struct {
		claims map[string]any
		want   bool
	}{
		{map[string]any{"tfp": "b2c_1_signin", "scp": "Read"}, true},
		{map[string]any{"acr": "b2c_1_signin", "scp": "Read"}, true},
		{map[string]any{"tfp": "b2c_1_reset", "acr": "b2c_1_signin", "scp": "Read"}, false},
		{map[string]any{"scp": "Read"}, false},
	} {
		c, err := middleware.NewClaims(row.claims)
		if err != nil {
			t.Fatal(err)
		}
		if err := check(context.Background(), c); (err == nil) != row.want {
			t.Errorf("%v: %v", row.claims, err)
		}
	}
}

// The caller may change its list afterwards.
func TestAListIsCopied(t *testing.T) {
	clients := []string{"client-1"}
	cfg := providers.Cognito("eu-west-1_AbCd1EfGh", clients...)
	clients[0] = "client-2"
	for client, want := range map[string]bool{"client-1": true, "client-2": false} {
		c, err := middleware.NewClaims(map[string]any{"client_id": client, "token_use": "access"})
		if err != nil {
			t.Fatal(err)
		}
		if err := cfg.Validate(context.Background(), c); (err == nil) != want ||
			err != nil && !errors.Is(err, middleware.ErrInvalidToken) {
			t.Errorf("%s: %v", client, err)
		}
	}
}
