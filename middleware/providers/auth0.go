package providers

import "github.com/bearerguard/bearerguard/middleware"

// Auth0 accepts the access tokens of a tenant. domain is the tenant's domain or its custom
// domain, such as example.eu.auth0.com. audience is the identifier of the API.
//
// The API's permissions count as scopes with the prefix "permission:", if the API adds them to
// its tokens.
func Auth0(domain, audience string) middleware.JWTConfig {
	a := arguments{of: "Auth0"}
	return a.check(middleware.JWTConfig{
		Issuer:   "https://" + a.domain("domain", domain) + "/",
		Audience: []string{a.given("audience", audience)},
		Grants:   []middleware.Grant{{Path: "permissions", Prefix: "permission:"}},
	})
}
