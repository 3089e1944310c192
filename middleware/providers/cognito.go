package providers

import (
	"context"
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/middleware"
)

// Cognito accepts the access tokens of an Amazon Cognito user pool. userPoolID is such as
// eu-west-1_AbCd1EfGh. These tokens have no aud, unless the client asks for a resource. So
// Validate checks that token_use is access, and that client_id is one of clientIDs.
//
// The user's groups count as scopes with the prefix "group:".
func Cognito(userPoolID string, clientIDs ...string) middleware.JWTConfig {
	a := arguments{of: "Cognito"}
	region, _, _ := strings.Cut(a.matches("userPoolID", userPoolID, pool,
		"the id of a user pool, such as eu-west-1_AbCd1EfGh with its region"), "_")
	clientIDs = a.list("clientIDs", clientIDs, word, "the id of a client",
		"the tokens have no audience, so they tell APIs apart by the client")
	return a.check(middleware.JWTConfig{
		Issuer:             "https://cognito-idp." + region + ".amazonaws.com/" + userPoolID,
		InsecureNoAudience: true, // Validate checks the client
		Grants:             []middleware.Grant{{Path: `cognito:groups`, Prefix: "group:"}},
		Validate: func(_ context.Context, c middleware.Claims) error {
			if use := text(c, "token_use"); use != "access" {
				return refuse("token_use is %.200q, and must be access", use)
			}
			if client := text(c, "client_id"); !slices.Contains(clientIDs, client) {
				return refuse("client_id is %.200q, which is not listed", client)
			}
			return nil
		},
	})
}
