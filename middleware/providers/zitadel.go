package providers

import (
	"context"

	"github.com/bearerguard/bearerguard/middleware"
)

// Zitadel accepts the access tokens of a Zitadel instance, if these are JWTs. domain is that of the
// instance, such as example-abc123.zitadel.cloud. projectID is the id of the API's project, which
// is the audience.
//
// The user's roles in the project count as scopes with the prefix "role:", in whichever
// organization the user has them. Validate refuses tokens that have no jti, as ID tokens do, because
// their audience has the project, too.
func Zitadel(domain, projectID string) middleware.JWTConfig {
	a := arguments{of: "Zitadel"}
	projectID = a.matches("projectID", projectID, number, "the id of a project, a number")
	return a.check(middleware.JWTConfig{
		Issuer:   "https://" + a.domain("domain", domain),
		Audience: []string{projectID},
		Grants: []middleware.Grant{
			{Path: "urn:zitadel:iam:org:project:" + projectID + ":roles", Keys: true, Prefix: "role:"},
		},
		Validate: func(_ context.Context, c middleware.Claims) error {
			if c.ID() == "" {
				return refuse("it has no jti: it may be an ID token")
			}
			return nil
		},
	})
}
