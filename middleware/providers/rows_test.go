package providers_test

import (
	"time"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/providers"
	"github.com/bearerguard/bearerguard/scopes"
)

// Each function is the first block of a page.

func keycloak() middleware.JWTConfig {
	cfg := providers.Keycloak("https://login.example", "shop", "orders-api")
	return cfg
}

func auth0() middleware.JWTConfig {
	cfg := providers.Auth0("example.eu.auth0.com", "https://api.example/orders")
	return cfg
}

func okta() middleware.JWTConfig {
	cfg := providers.Okta("example.okta.com", "default", "api://default")
	return cfg
}

func entraID() middleware.JWTConfig {
	cfg := providers.EntraID("8f0c2d6e-54b1-4a63-9d27-0b6a3e5c1f48", "3c7e9a10-6b52-4f8d-a1c4-92d05e7b8f36")
	return cfg
}

func entraIDv1() middleware.JWTConfig {
	cfg := providers.EntraIDv1("8f0c2d6e-54b1-4a63-9d27-0b6a3e5c1f48", "api://3c7e9a10-6b52-4f8d-a1c4-92d05e7b8f36")
	return cfg
}

func entraIDAnyTenant() middleware.JWTConfig {
	cfg := providers.EntraIDAnyTenant("3c7e9a10-6b52-4f8d-a1c4-92d05e7b8f36",
		"8f0c2d6e-54b1-4a63-9d27-0b6a3e5c1f48", "2b9d4f61-7c38-4e05-b1a2-6f8e0d3c5a79")
	return cfg
}

func cognito() middleware.JWTConfig {
	cfg := providers.Cognito("eu-west-1_AbCd1EfGh", "4b8example1client2id3abcde")
	return cfg
}

func gitHubActions() middleware.JWTConfig {
	cfg := providers.GitHubActions("https://api.example/deploy", "octo-org/octo-repo", "456789")
	return cfg
}

func gitLabCI() middleware.JWTConfig {
	cfg := providers.GitLabCI("https://gitlab.example", "https://api.example/deploy", "my-group/my-project")
	return cfg
}

func kubernetes() middleware.JWTConfig {
	cfg := providers.Kubernetes("https://kubernetes.default.svc.cluster.local", "orders-api")
	return cfg
}

func firebase() middleware.JWTConfig {
	cfg := providers.Firebase("example-shop")
	return cfg
}

func authentik() middleware.JWTConfig {
	cfg := providers.Authentik("https://login.example", "orders", "Xw7bExampleClientId0123456789")
	return cfg
}

func oryHydra() middleware.JWTConfig {
	cfg := providers.OryHydra("https://login.example", "https://api.example/orders")
	return cfg
}

func logto() middleware.JWTConfig {
	cfg := providers.Logto("https://example.logto.app", "https://api.example/orders")
	return cfg
}

func google() middleware.JWTConfig {
	cfg := providers.Google("1234567890-example.apps.googleusercontent.com")
	return cfg
}

func googleServiceAccounts() middleware.JWTConfig {
	cfg := providers.GoogleServiceAccounts("https://api.example", "checkout@example-shop.iam.gserviceaccount.com")
	return cfg
}

func apple() middleware.JWTConfig {
	cfg := providers.Apple("com.example.shop")
	return cfg
}

func dex() middleware.JWTConfig {
	cfg := providers.Dex("https://login.example/dex", "orders-web")
	return cfg
}

func zitadel() middleware.JWTConfig {
	cfg := providers.Zitadel("example-abc123.zitadel.cloud", "344374183645413380")
	return cfg
}

func azureADB2C() middleware.JWTConfig {
	cfg := providers.AzureADB2C("example", "8f0c2d6e-54b1-4a63-9d27-0b6a3e5c1f48", "B2C_1_signin",
		"3c7e9a10-6b52-4f8d-a1c4-92d05e7b8f36")
	return cfg
}

func adfs() (middleware.JWTConfig, jwks.Config) {
	cfg, keys := providers.ADFS("fs.example.com", "https://api.example/orders")
	return cfg, keys
}

func supabase() (middleware.JWTConfig, jwks.Config) {
	cfg, keys := providers.Supabase("abcdefghijklmnopqrst")
	return cfg, keys
}

func cloudflareAccess() (middleware.JWTConfig, jwks.Config) {
	cfg, keys := providers.CloudflareAccess("example",
		"9f3c1d7e5b2a4860c4e8f1a7d3b6095e2c7a1f4d8b0e63957a2d4c6f8e1b3059")
	return cfg, keys
}

func googleIAP() (middleware.JWTConfig, jwks.Config) {
	cfg, keys := providers.GoogleIAP("/projects/123456789012/locations/europe-west1/services/orders")
	return cfg, keys
}

// headers has the pages of proxies, and the header that holds the token instead of Authorization.
var headers = map[string]string{
	"cloudflare-access.md": providers.CloudflareAccessHeader,
	"google-iap.md":        providers.GoogleIAPHeader,
}

// discovered is for an issuer whose keys are discovered.
func discovered(cfg func() middleware.JWTConfig) func() (middleware.JWTConfig, jwks.Config) {
	return func() (middleware.JWTConfig, jwks.Config) { return cfg(), jwks.Config{} }
}

// rows has each page, what its sample grants, and genuine tokens that are not for the API. The
// key that signs is always the right one.
var rows = []struct {
	page       string
	cfg        func() (middleware.JWTConfig, jwks.Config)
	need       scopes.Requirement
	neighbours []neighbour
}{
	{"keycloak.md", discovered(keycloak), scopes.All("orders:read", "role:clerk"), []neighbour{
		{name: "an ID token", claims: claims{"typ": "ID", "aud": "shop-web", "at_hash": "qsXNtGVPxTUfmSa2mYKqXQ"}, cause: "aud"},
		{name: "an ID token for a client with the name of the API", claims: claims{"typ": "ID"}, cause: `typ is "ID"`},
		{name: "a refresh token", claims: claims{"typ": "Refresh"}, cause: `typ is "Refresh"`},
		{name: "a logout token", claims: claims{"typ": "Logout", "events": claims{"http://schemas.openid.net/event/backchannel-logout": claims{}}}, cause: "events"},
		{name: "a token of another realm", claims: claims{"iss": "https://login.example/realms/partner"}, cause: "iss is not the issuer"},
		{name: "a token for another API", claims: claims{"aud": "account"}, cause: "aud"},
		{name: "a token without an audience", claims: claims{"aud": nil}, cause: "aud"},
	}},
	{"auth0.md", discovered(auth0), scopes.All("read:orders", "permission:refund:orders"), []neighbour{
		{name: "an ID token", claims: claims{"aud": "cLiEnTiD0123456789example0123456", "scope": nil}, cause: "aud"},
		{name: "a token of another tenant", claims: claims{"iss": "https://example.us.auth0.com/"}, cause: "iss is not the issuer"},
		{name: "a token for another API", claims: claims{"aud": []string{"https://api.example/billing", "https://example.eu.auth0.com/userinfo"}}, cause: "aud"},
	}},
	{"okta.md", discovered(okta), scopes.All("orders.read", "group:Clerks"), []neighbour{
		{name: "an ID token", claims: claims{"aud": "0oa1exampleclientid2", "at_hash": "qsXNtGVPxTUfmSa2mYKqXQ"}, cause: "aud"},
		{name: "a token of the organization's own server", claims: claims{"iss": "https://example.okta.com", "aud": "https://example.okta.com"}, cause: "iss is not the issuer"},
		{name: "a token of another authorization server", claims: claims{"iss": "https://example.okta.com/oauth2/aus2example"}, cause: "iss is not the issuer"},
		{name: "a token for another API", claims: claims{"aud": "api://billing"}, cause: "aud"},
	}},
	{"entra-id.md", discovered(entraID), scopes.All("Orders.Read", "role:Clerk"), []neighbour{
		{name: "an ID token of the same application", claims: claims{"azp": nil, "azpacr": nil, "scp": nil, "nonce": "n-0S6_WzA2Mj"}, cause: "may be an ID token"},
		{name: "a token of another tenant", claims: claims{"iss": "https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/v2.0", "tid": "11111111-2222-4333-8444-555555555555"}, cause: "iss is not the issuer"},
		{name: "a token for another API", claims: claims{"aud": "00000003-0000-0000-c000-000000000000"}, cause: "aud"},
		{name: "a token of version 1.0", claims: claims{"iss": "https://sts.windows.net/8f0c2d6e-54b1-4a63-9d27-0b6a3e5c1f48/", "ver": "1.0"}, cause: "iss is not the issuer"},
	}},
	{"entra-id-v1.md", discovered(entraIDv1), scopes.All("Orders.Read", "role:Clerk"), []neighbour{
		{name: "an ID token of the same application", claims: claims{"appid": nil, "appidacr": nil, "scp": nil}, cause: "may be an ID token"},
		{name: "a token of another tenant", claims: claims{"iss": "https://sts.windows.net/11111111-2222-4333-8444-555555555555/"}, cause: "iss is not the issuer"},
		{name: "a token for another API", claims: claims{"aud": "https://graph.microsoft.com"}, cause: "aud"},
		{name: "a token of version 2.0", claims: claims{"iss": "https://login.microsoftonline.com/8f0c2d6e-54b1-4a63-9d27-0b6a3e5c1f48/v2.0", "ver": "2.0"}, cause: "iss is not the issuer"},
	}},
	{"entra-id-any-tenant.md", discovered(entraIDAnyTenant), scopes.All("Orders.Read", "role:Clerk"), []neighbour{
		{name: "an ID token of the same application", claims: claims{"azp": nil, "azpacr": nil, "scp": nil}, cause: "may be an ID token"},
		{name: "a token of a tenant that is not listed", claims: claims{"iss": "https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/v2.0", "tid": "11111111-2222-4333-8444-555555555555"}, cause: "tid"},
		{name: "a token of one tenant that claims to be of another", claims: claims{"iss": "https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/v2.0"}, cause: "iss"},
		{name: "a token without a tenant", claims: claims{"tid": nil}, cause: "tid"},
		{name: "a token for another API", claims: claims{"aud": "00000003-0000-0000-c000-000000000000"}, cause: "aud"},
		{name: "a token of version 1.0", claims: claims{"iss": "https://sts.windows.net/8f0c2d6e-54b1-4a63-9d27-0b6a3e5c1f48/", "ver": "1.0"}, cause: "iss"},
	}},
	{"cognito.md", discovered(cognito), scopes.All("orders/read", "group:clerks"), []neighbour{
		{name: "an ID token", claims: claims{"token_use": "id", "aud": "4b8example1client2id3abcde", "client_id": nil}, cause: `token_use is "id"`},
		{name: "a token of another user pool", claims: claims{"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other1234"}, cause: "iss is not the issuer"},
		{name: "a token of another client", claims: claims{"client_id": "5c9example1client2id3abcde"}, cause: "client_id is"},
	}},
	{"github-actions.md", discovered(gitHubActions), scopes.Authenticated(), []neighbour{
		{name: "a token of another repository", claims: claims{"repository": "octo-org/other", "repository_id": "567890"}, cause: `repository is "octo-org/other"`},
		{name: "a token for another audience", claims: claims{"aud": "https://github.com/octo-org"}, cause: "aud"},
		{name: "a token of GitHub Enterprise Server", claims: claims{"iss": "https://github.example/_services/token"}, cause: "iss is not the issuer"},
		{name: "a token without a repository", claims: claims{"repository": nil, "repository_id": nil}, cause: `repository is ""`},
	}},
	{"gitlab-ci.md", discovered(gitLabCI), scopes.Authenticated(), []neighbour{
		{name: "a token of another project", claims: claims{"project_path": "my-group/other", "project_id": "21"}, cause: `project_path is "my-group/other"`},
		{name: "a token of a fork", claims: claims{"project_path": "somebody/my-project", "project_id": "22"}, cause: `project_path is "somebody/my-project"`},
		{name: "a token for another audience", claims: claims{"aud": "https://vault.example"}, cause: "aud"},
		{name: "a token without a project", claims: claims{"project_path": nil, "project_id": nil}, cause: `project_path is ""`},
		{name: "a token of another server", claims: claims{"iss": "https://gitlab.com"}, cause: "iss is not the issuer"},
	}},
	{"kubernetes.md", discovered(kubernetes), scopes.All("namespace:shop", "sub:system:serviceaccount:shop:checkout"), []neighbour{
		{name: "a token for the API server", claims: claims{"aud": []string{"https://kubernetes.default.svc.cluster.local"}}, cause: "aud"},
		{name: "a token of another cluster", claims: claims{"iss": "https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"}, cause: "iss is not the issuer"},
		{name: "a token from a Secret", claims: claims{"iss": "kubernetes/serviceaccount", "aud": nil, "exp": nil, "iat": nil, "nbf": nil}, cause: "iss is not the issuer"},
		{name: "a token without an end", claims: claims{"exp": nil}, cause: "exp is missing"},
	}},
	{"firebase.md", discovered(firebase), scopes.Authenticated(), []neighbour{
		{name: "a token of another project", claims: claims{"iss": "https://securetoken.google.com/other", "aud": "other"}, cause: "iss is not the issuer"},
		{name: "a token for another audience", claims: claims{"aud": "other"}, cause: "aud"},
		{name: "a session cookie", claims: claims{"iss": "https://session.firebase.google.com/example-shop"}, cause: "iss is not the issuer"},
		{name: "an ID token of Google", claims: claims{"iss": "https://accounts.google.com", "at_hash": "qsXNtGVPxTUfmSa2mYKqXQ"}, cause: "iss is not the issuer"},
	}},
	{"authentik.md", discovered(authentik), scopes.All("group:clerks"), []neighbour{
		{name: "an ID token", claims: claims{"azp": nil, "uid": nil}, cause: "may be an ID token"},
		{name: "a token of another application", claims: claims{"iss": "https://login.example/application/o/billing/", "aud": "Zz9OtherClientId"}, cause: "iss is not the issuer"},
		{name: "a token for another client", claims: claims{"aud": "Zz9OtherClientId"}, cause: "aud"},
		{name: "a token that is signed with the client secret", header: claims{"alg": "HS256"}, cause: "alg"},
	}},
	{"ory-hydra.md", discovered(oryHydra), scopes.All("orders.read"), []neighbour{
		{name: "an ID token", claims: claims{"aud": []string{"3f1e5a7c-example-client"}, "at_hash": "qsXNtGVPxTUfmSa2mYKqXQ"}, cause: "aud"},
		{name: "a token of another issuer", claims: claims{"iss": "https://other.projects.oryapis.com"}, cause: "iss is not the issuer"},
		{name: "a token for another API", claims: claims{"aud": []string{"https://api.example/billing"}}, cause: "aud"},
		{name: "a token without an audience", claims: claims{"aud": []string{}}, cause: "aud"},
	}},
	{"logto.md", discovered(logto), scopes.All("read:orders"), []neighbour{
		{name: "an ID token", header: claims{"typ": "JWT"}, claims: claims{"aud": "exampleclientid123456", "at_hash": "qsXNtGVPxTUfmSa2mYKqXQ"}, cause: "aud"},
		{name: "a token of another tenant", claims: claims{"iss": "https://other.logto.app/oidc"}, cause: "iss is not the issuer"},
		{name: "a token for another API", claims: claims{"aud": "https://api.example/billing"}, cause: "aud"},
		{name: "a token for an organization", claims: claims{"aud": "urn:logto:organization:org-1"}, cause: "aud"},
	}},
	{"google.md", discovered(google), scopes.Authenticated(), []neighbour{
		{name: "a token for another client", claims: claims{"aud": "999-other.apps.googleusercontent.com"}, cause: "aud"},
		{name: "a token of a service account", claims: claims{"azp": "113774264463038321964", "email": "a@b.iam.gserviceaccount.com", "at_hash": nil}, cause: "azp is"},
		{name: "a token without azp", claims: claims{"azp": nil}, cause: "azp is"},
		{name: "a token of Firebase", claims: claims{"iss": "https://securetoken.google.com/example-shop", "aud": "example-shop"}, cause: "iss is not the issuer"},
		{name: "a token with the old issuer", claims: claims{"iss": "accounts.google.com"}, cause: "iss is not the issuer"},
	}},
	{"google-service-accounts.md", discovered(googleServiceAccounts), scopes.Authenticated(), []neighbour{
		{name: "a token of another service account", claims: claims{"email": "a@b.iam.gserviceaccount.com"}, cause: `email is "a@b.iam`},
		{name: "a token for another API", claims: claims{"aud": "https://other.example"}, cause: "aud"},
		{name: "a token without an email address", claims: claims{"email": nil, "email_verified": nil}, cause: `email is ""`},
		{name: "a token whose email address is not verified", claims: claims{"email_verified": false}, cause: "email is"},
		{name: "a token of a user", claims: claims{"aud": "1-a.apps.googleusercontent.com", "email": "alice@example.com", "at_hash": "qsXNtGVPxTUfmSa2mYKqXQ"}, cause: "aud"},
	}},
	{"apple.md", discovered(apple), scopes.Authenticated(), []neighbour{
		{name: "a token for another app", claims: claims{"aud": "com.example.other"}, cause: "aud"},
		{name: "a token of another issuer", claims: claims{"iss": "https://accounts.google.com"}, cause: "iss is not the issuer"},
		{name: "a server-to-server notification", claims: claims{"events": claims{"type": "email-disabled"}}, cause: "events"},
	}},
	{"dex.md", discovered(dex), scopes.All("group:clerks"), []neighbour{
		{name: "a token for another client", claims: claims{"aud": "billing-web"}, cause: "aud"},
		{name: "a token of another issuer", claims: claims{"iss": "https://login.example/other"}, cause: "iss is not the issuer"},
	}},
	{"zitadel.md", discovered(zitadel), scopes.All("role:streaming"), []neighbour{
		{name: "an ID token", claims: claims{"jti": nil, "azp": "344374183645413999"}, cause: "jti"},
		{name: "a token of another instance", claims: claims{"iss": "https://other-abc123.zitadel.cloud"}, cause: "iss is not the issuer"},
		{name: "a token for another project", claims: claims{"aud": []string{"344374183645419999"}}, cause: "aud"},
	}},
	{"azure-ad-b2c.md", discovered(azureADB2C), scopes.All("Orders.Read"), []neighbour{
		{name: "an ID token", claims: claims{"scp": nil, "nonce": "n-0S6_WzA2Mj"}, cause: "it has no scp"},
		{name: "a token of another user flow", claims: claims{"tfp": "B2C_1_reset"}, cause: `the policy is "B2C_1_reset"`},
		{name: "a token without a user flow", claims: claims{"tfp": nil}, cause: `the policy is ""`},
		{name: "a token of another tenant", claims: claims{"iss": "https://example.b2clogin.com/11111111-2222-4333-8444-555555555555/v2.0/"}, cause: "iss is not the issuer"},
		{name: "a token for another API", claims: claims{"aud": "00000000-6b52-4f8d-a1c4-92d05e7b8f36"}, cause: "aud"},
	}},
	{"ad-fs.md", adfs, scopes.All("orders.read"), []neighbour{
		{name: "an ID token", claims: claims{"iss": "https://fs.example.com/adfs", "aud": "5d2b8c31-0f47-4e69-8a1d-c37f6e905b24"}, cause: "iss is not the issuer"},
		{name: "a token of another federation service", claims: claims{"iss": "http://fs.partner.example/adfs/services/trust"}, cause: "iss is not the issuer"},
		{name: "a token for another API", claims: claims{"aud": "microsoft:identityserver:billing"}, cause: "aud"},
		{name: "a token for the endpoint userinfo", claims: claims{"aud": "urn:microsoft:userinfo"}, cause: "aud"},
	}},
	{"supabase.md", supabase, scopes.All("role:authenticated"), []neighbour{
		{name: "a token of another project", claims: claims{"iss": "https://zyxwvutsrqponmlkjihg.supabase.co/auth/v1"}, cause: "iss is not the issuer"},
		{name: "an anon or service_role key", claims: claims{"iss": "supabase", "aud": nil, "role": "service_role", "sub": nil}, cause: "iss is not the issuer"},
		{name: "a token that is signed with the legacy secret", header: claims{"alg": "HS256"}, cause: "alg"},
		{name: "a token of a client of the OAuth server", claims: claims{"client_id": "9a8b7c6d-5e4f-4a2b-8c0d-9e8f7a6b5c4d"}, cause: `client_id is "9a8b7c6d`},
		{name: "a token of somebody who has not signed in", claims: claims{"aud": "anon", "role": "anon"}, cause: "aud"},
	}},
	{"cloudflare-access.md", cloudflareAccess, scopes.Authenticated(), []neighbour{
		{name: "a token of the global session", claims: claims{"type": "org", "aud": "5e1b0c9d8a7f6e5d4c3b2a1908f7e6d5c4b3a2910f8e7d6c5b4a3928170f6e5d"}, cause: "aud"},
		{name: "a token of the global session with the same aud", claims: claims{"type": "org"}, cause: `type is "org"`},
		{name: "a token for another application", claims: claims{"aud": []string{"1f4e7a9c2b5d8036e9f1c4a7b2d50863f7e4a1c9b6d3025870e2f5a8c1b4d796"}}, cause: "aud"},
		{name: "a token of another team", claims: claims{"iss": "https://partner.cloudflareaccess.com"}, cause: "iss is not the issuer"},
		{name: "a token of nobody", claims: claims{"sub": "", "email": nil}, cause: "names nobody"},
	}},
	{"google-iap.md", googleIAP, scopes.Authenticated(), []neighbour{
		{name: "a token for another service", claims: claims{"aud": "/projects/123456789012/locations/europe-west1/services/billing"}, cause: "aud"},
		{name: "a token of somebody else's project", claims: claims{"aud": "/projects/210987654321/locations/europe-west1/services/orders"}, cause: "aud"},
		{name: "an ID token of Google", header: claims{"alg": "RS256"}, claims: claims{"iss": "https://accounts.google.com", "aud": "1234567890-example.apps.googleusercontent.com"}, cause: "alg"},
		{name: "a token with another issuer", claims: claims{"iss": "https://accounts.google.com"}, cause: "iss is not the issuer"},
		{name: "a token that is good for an hour", claims: claims{"exp": time.Now().Unix() + 3590}, cause: "MaxLifetime"},
	}},
}
