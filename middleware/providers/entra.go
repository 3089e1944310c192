package providers

import (
	"context"
	"fmt"
	"slices"

	"github.com/bearerguard/bearerguard/middleware"
)

// EntraID accepts the access tokens of version 2.0 that Microsoft Entra ID issues for one
// tenant. tenantID is the id of the directory. clientID is the id of the application that is the
// API.
//
// Roles of the application count as scopes with the prefix "role:". Validate refuses tokens that
// have no azp, as ID tokens do. Their audience is the same if one application is the API and the
// client.
//
// Every application of the tenant can get a token for the API. If it has no permission of the API,
// its token has neither scp nor roles. So each route must ask for a scope or a role, because
// scopes.Authenticated lets such an application in.
func EntraID(tenantID, clientID string) middleware.JWTConfig {
	a := arguments{of: "EntraID"}
	return a.check(entra("https://login.microsoftonline.com/"+a.tenant("tenantID", tenantID)+"/v2.0",
		a.given("clientID", clientID)))
}

// EntraIDv1 accepts the access tokens of version 1.0 that Microsoft Entra ID issues for one
// tenant. It issues them for an application whose manifest does not say
// requestedAccessTokenVersion 2. audience is the URI of the application, such as api://6f2c…, or
// its id. The client is in appid instead of azp. All else is as in [EntraID].
func EntraIDv1(tenantID, audience string) middleware.JWTConfig {
	a := arguments{of: "EntraIDv1"}
	cfg := entra("https://sts.windows.net/"+a.tenant("tenantID", tenantID)+"/", a.given("audience", audience))
	cfg.Validate = needClaim("appid")
	cfg.MetadataURL = "https://login.microsoftonline.com/" + tenantID + "/.well-known/openid-configuration"
	return a.check(cfg)
}

// EntraIDAnyTenant accepts the access tokens of version 2.0 that Microsoft Entra ID issues for an
// application which users of several tenants use. tenants are the ids of the directories that may.
// Without any, everybody with an account in any tenant can get a token: then compare the claim tid
// with the owner of the data. So check that a list from a file is not empty. All else is as in
// [EntraID].
//
// middleware.NewMultiIssuer does not take it, because it has no single iss.
func EntraIDAnyTenant(clientID string, tenants ...string) middleware.JWTConfig {
	a := arguments{of: "EntraIDAnyTenant"}
	for i, id := range tenants {
		a.tenant(fmt.Sprintf("tenants[%d]", i), id)
	}
	cfg := entra("", a.given("clientID", clientID))
	cfg.IssuerTemplate = "https://login.microsoftonline.com/{tenantid}/v2.0"
	cfg.MetadataURL = "https://login.microsoftonline.com/organizations/v2.0/.well-known/openid-configuration"
	cfg.Tenants = slices.Clone(tenants)
	return a.check(cfg)
}

func entra(issuer, audience string) middleware.JWTConfig {
	return middleware.JWTConfig{
		Issuer:   issuer,
		Audience: []string{audience},
		Grants:   []middleware.Grant{{Path: "roles", Prefix: "role:"}},
		Validate: needClaim("azp"),
	}
}

// needClaim returns a Validate that refuses tokens without the claim name, a text that access
// tokens have and ID tokens do not.
func needClaim(name string) func(context.Context, middleware.Claims) error {
	return func(_ context.Context, c middleware.Claims) error {
		if text(c, name) == "" {
			return refuse("it has no %s: it may be an ID token", name)
		}
		return nil
	}
}
