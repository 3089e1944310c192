package providers

import (
	"context"
	"strings"

	"github.com/bearerguard/bearerguard/middleware"
)

// AzureADB2C accepts the access tokens that one user flow or custom policy of an Azure AD B2C
// tenant issues. tenant is the first part of the tenant's domain, tenantID the id of the
// directory, policy the name of the user flow, such as B2C_1_signin, and clientID the id of the
// application that is the API.
//
// Validate refuses the tokens of other policies, because one that resets a password, for example,
// may say less about the user. It also refuses tokens without scp, as ID tokens are. Their audience
// is the same if one application is the API and the client.
func AzureADB2C(tenant, tenantID, policy, clientID string) middleware.JWTConfig {
	access := needClaim("scp")
	a := arguments{of: "AzureADB2C"}
	origin := "https://" + a.matches("tenant", tenant, label, "the first part of the tenant's domain, example "+
		"of example.onmicrosoft.com") + ".b2clogin.com/"
	return a.check(middleware.JWTConfig{
		Issuer: origin + a.tenant("tenantID", tenantID) + "/v2.0/",
		MetadataURL: origin + tenant + ".onmicrosoft.com/" + a.segment("policy", policy) +
			"/v2.0/.well-known/openid-configuration",
		Audience: []string{a.given("clientID", clientID)},
		Validate: func(ctx context.Context, c middleware.Claims) error {
			used := text(c, "tfp")
			if used == "" {
				used = text(c, "acr") // of older policies
			}
			if !strings.EqualFold(used, policy) {
				return refuse("the policy is %.200q, which is another one", used)
			}
			return access(ctx, c)
		},
	})
}
