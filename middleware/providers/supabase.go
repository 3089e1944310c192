package providers

import (
	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
)

// Supabase accepts the access tokens that Supabase Auth issues for a project to users who have
// signed in. projectRef is the project's reference. Keys must be those of the second result,
// because Supabase documents their URL and no metadata:
//
//	cfg, keys := providers.Supabase("abcdefghijklmnopqrst")
//	cache, err := jwks.New(keys)
//	...
//	cfg.Keys = cache
//
// A project that still signs with the legacy secret needs that, too: docs/providers has the code.
//
// The claim role counts as a scope with the prefix "role:".
func Supabase(projectRef string) (middleware.JWTConfig, jwks.Config) {
	a := arguments{of: "Supabase"}
	issuer := "https://" + a.matches("projectRef", projectRef, ref, "a project's reference, 20 lower-case letters") +
		".supabase.co/auth/v1"
	return a.checkBoth(middleware.JWTConfig{
		Issuer:     issuer,
		Audience:   []string{"authenticated"},
		Algorithms: []string{"ES256", "RS256"},
		Grants:     []middleware.Grant{{Path: "role", Prefix: "role:"}},
	}, jwks.Config{KeysURL: issuer + "/.well-known/jwks.json"})
}
