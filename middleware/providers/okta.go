package providers

import "github.com/bearerguard/bearerguard/middleware"

// Okta accepts the access tokens of a custom authorization server. domain is that of the Okta
// organization, such as example.okta.com. server is the id of the authorization server, such as
// "default". audience is the audience of that server.
//
// It is a fault if server is empty or "v1", which would be the organization's own server,
// because the access tokens of that are for Okta's APIs alone.
//
// The names in the claim groups count as scopes with the prefix "group:", if the server has such
// a claim.
func Okta(domain, server, audience string) middleware.JWTConfig {
	a := arguments{of: "Okta"}
	if server == "" || server == "v1" {
		a.fault("server", "required: only Okta can verify access tokens of the organization's own server; "+
			`write the id of a custom authorization server, such as "default"`)
		server = "default"
	}
	return a.check(middleware.JWTConfig{
		Issuer:   "https://" + a.domain("domain", domain) + "/oauth2/" + a.segment("server", server),
		Audience: []string{a.given("audience", audience)},
		Grants:   []middleware.Grant{{Path: "groups", Prefix: "group:"}},
	})
}
