package providers

import "github.com/bearerguard/bearerguard/middleware"

// OryHydra accepts the access tokens of Ory Hydra or of an Ory Network project, if these are
// JWTs. issuer is as the configuration of Hydra has it, with or without a final slash. audience
// is what the client asks for.
func OryHydra(issuer, audience string) middleware.JWTConfig {
	a := arguments{of: "OryHydra"}
	return a.check(middleware.JWTConfig{
		Issuer:   a.given("issuer", issuer),
		Audience: []string{a.given("audience", audience)},
	})
}
