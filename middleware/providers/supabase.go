package providers

import (
	"context"
	"slices"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
)

// Supabase accepts the access tokens that Supabase Auth issues for a project to users who have
// signed in, also anonymously. projectRef is the project's reference. clientIDs are the clients of
// the project's OAuth server that may call, if it has one. Their tokens have the same audience, so
// Validate refuses those of all others. Tokens of the project's own apps name no client, and pass.
//
// Keys must be those of the second result, because not every project has metadata:
//
//	cfg, keys := providers.Supabase("abcdefghijklmnopqrst")
//	cache, err := jwks.New(keys)
//	...
//	cfg.Keys = cache
//
// A project that still signs with the legacy secret needs that, too: docs/providers has the code.
//
// The claim role counts as a scope with the prefix "role:".
func Supabase(projectRef string, clientIDs ...string) (middleware.JWTConfig, jwks.Config) {
	a := arguments{of: "Supabase"}
	clientIDs = a.each("clientIDs", clientIDs, word, "the id of a client")
	issuer := "https://" + a.matches("projectRef", projectRef, ref, "a project's reference, 20 lower-case letters") +
		".supabase.co/auth/v1"
	return a.checkBoth(middleware.JWTConfig{
		Issuer:     issuer,
		Audience:   []string{"authenticated"},
		Algorithms: []string{"ES256", "RS256"},
		Grants:     []middleware.Grant{{Path: "role", Prefix: "role:"}},
		Validate: func(_ context.Context, c middleware.Claims) error {
			if client := c.ClientID(); client != "" && !slices.Contains(clientIDs, client) {
				return refuse("client_id is %.200q, which is not listed", client)
			}
			return nil
		},
	}, jwks.Config{KeysURL: issuer + "/.well-known/jwks.json"})
}
