package providers

import "github.com/bearerguard/bearerguard/middleware"

// Logto accepts the access tokens of Logto for an API resource. endpoint is that of the tenant,
// such as https://example.logto.app. resource is the indicator of the API resource.
//
// Logto signs with ES384, or with RS256 if the tenant has changed the type of the key.
func Logto(endpoint, resource string) middleware.JWTConfig {
	a := arguments{of: "Logto"}
	return a.check(middleware.JWTConfig{
		Issuer:     a.base("endpoint", endpoint) + "/oidc",
		Audience:   []string{a.given("resource", resource)},
		Algorithms: []string{"ES384", "RS256"},
	})
}
