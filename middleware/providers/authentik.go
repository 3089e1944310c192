package providers

import "github.com/bearerguard/bearerguard/middleware"

// Authentik accepts the access tokens of one OAuth 2.0 provider of authentik. baseURL is the
// address of the server, slug that of the application, and clientID is the client ID of the
// provider, which is the audience. The provider needs a signing key, and its issuer mode is the
// default, in which each provider has an issuer of its own.
//
// The user's groups count as scopes with the prefix "group:". Validate refuses tokens that have no
// azp, as ID tokens do, because their audience is the same.
func Authentik(baseURL, slug, clientID string) middleware.JWTConfig {
	a := arguments{of: "Authentik"}
	return a.check(middleware.JWTConfig{
		Issuer:   a.base("baseURL", baseURL) + "/application/o/" + a.segment("slug", slug) + "/",
		Audience: []string{a.given("clientID", clientID)},
		Grants:   []middleware.Grant{{Path: "groups", Prefix: "group:"}},
		Validate: needClaim("azp"),
	})
}
