package providers

import "github.com/bearerguard/bearerguard/middleware"

// Keycloak accepts the access tokens of a realm. baseURL is the address of the server, such as
// https://login.example, with the path that it has in front of /realms, if any. audience is what
// a mapper of the type Audience adds to the tokens.
//
// Roles of the realm count as scopes with the prefix "role:". For the roles of a client, add a
// Grant with the path "resource_access.CLIENT.roles".
func Keycloak(baseURL, realm, audience string) middleware.JWTConfig {
	a := arguments{of: "Keycloak"}
	return a.check(middleware.JWTConfig{
		Issuer:   a.base("baseURL", baseURL) + "/realms/" + a.segment("realm", realm),
		Audience: []string{a.given("audience", audience)},
		Grants:   []middleware.Grant{{Path: "realm_access.roles", Prefix: "role:"}},
	})
}
