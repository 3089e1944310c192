package providers

import (
	"context"
	"strings"

	"github.com/bearerguard/bearerguard/middleware"
)

// Keycloak accepts the access tokens of a realm. baseURL is the address of the server, such as
// https://login.example, with the path that it has in front of /realms, if any. audience is what
// a mapper of the type Audience adds to the tokens.
//
// Roles of the realm count as scopes with the prefix "role:". For the roles of a client, add a
// Grant with the path "resource_access.CLIENT.roles".
//
// Validate refuses tokens whose claim typ is neither Bearer nor DPoP, such as ID tokens, which have
// the audience of the API if the client has its name or the mapper adds it to them, too.
func Keycloak(baseURL, realm, audience string) middleware.JWTConfig {
	a := arguments{of: "Keycloak"}
	return a.check(middleware.JWTConfig{
		Issuer:   a.base("baseURL", baseURL) + "/realms/" + a.segment("realm", realm),
		Audience: []string{a.given("audience", audience)},
		Grants:   []middleware.Grant{{Path: "realm_access.roles", Prefix: "role:"}},
		Validate: func(_ context.Context, c middleware.Claims) error {
			if typ := text(c, "typ"); !strings.EqualFold(typ, "Bearer") && !strings.EqualFold(typ, "DPoP") {
				return refuse("the claim typ is %.200q, and must be Bearer or DPoP", typ)
			}
			return nil
		},
	})
}
