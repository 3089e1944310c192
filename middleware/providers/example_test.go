package providers_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/providers"
)

// The configuration is an ordinary one, for the caller to adjust.
func ExampleKeycloak() {
	cfg := providers.Keycloak("https://login.example", "shop", "orders-api")
	cfg.Grants = append(cfg.Grants, middleware.Grant{Path: "resource_access.orders-api.roles", Prefix: "orders:"})
	cfg.MaxLifetime = time.Hour

	fmt.Println(cfg.Issuer) // cfg is for middleware.New
	// Output: https://login.example/realms/shop
}

// Access tokens of the organization's own server are for Okta alone, so a server is required.
func ExampleOkta_incorrect() {
	_, err := middleware.New(providers.Okta("example.okta.com", "", "api://default"), middleware.Options{})
	fmt.Println(err)
	// Output:
	// bearerguard: JWTConfig.Issuer: providers.Okta: server: required: only Okta can verify access tokens of the organization's own server; write the id of a custom authorization server, such as "default"
}

// A rule of yours comes after that of the function.
func ExampleGitHubActions() {
	cfg := providers.GitHubActions("https://api.example/deploy", "octo-org/octo-repo")
	repository := cfg.Validate
	cfg.Validate = func(ctx context.Context, c middleware.Claims) error {
		if err := repository(ctx, c); err != nil {
			return err
		}
		ref, err := middleware.Claim[string](c, "ref")
		if err != nil || ref != "refs/heads/main" {
			return fmt.Errorf("%w: only the branch main may deploy", middleware.ErrForbidden)
		}
		return nil
	}

	for _, ref := range []string{"refs/heads/main", "refs/heads/try"} {
		c, err := middleware.NewClaims(map[string]any{"repository": "octo-org/octo-repo", "ref": ref})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(cfg.Validate(context.Background(), c))
	}
	// Output:
	// <nil>
	// forbidden: only the branch main may deploy
}

// While tokens of the legacy secret of Supabase are still good, both kinds of keys are needed.
// secret must be longer than 31 bytes.
func ExampleSupabase() {
	secret := []byte("the legacy secret, from the dashboard: JWT Keys")

	cfg, keys := providers.Supabase("abcdefghijklmnopqrst")
	cache, err := jwks.New(keys)
	if err != nil {
		log.Fatal(err)
	}
	defer cache.Close()

	legacy, err := jwks.NewSecret("", "HS256", secret)
	if err != nil {
		log.Fatal(err)
	}
	fixed, err := jwks.Static(legacy)
	if err != nil {
		log.Fatal(err)
	}
	if cfg.Keys, err = jwks.Union(cache, fixed); err != nil {
		log.Fatal(err)
	}
	cfg.Algorithms = append(cfg.Algorithms, "HS256")

	guard, err := middleware.New(cfg, middleware.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer guard.Close()
}

// A proxy sends the token in a header of its own.
func ExampleCloudflareAccess() {
	cfg, keys := providers.CloudflareAccess("example",
		"9f3c1d7e5b2a4860c4e8f1a7d3b6095e2c7a1f4d8b0e63957a2d4c6f8e1b3059")
	keys.Logger = slog.Default()
	cache, err := jwks.New(keys)
	if err != nil {
		log.Fatal(err)
	}
	defer cache.Close()

	cfg.Keys = cache
	guard, err := middleware.New(cfg, middleware.Options{Header: providers.CloudflareAccessHeader, Logger: slog.Default()})
	if err != nil {
		log.Fatal(err)
	}
	defer guard.Close()
}

// A proxy sends the token in a header of its own.
func ExampleGoogleIAP() {
	cfg, keys := providers.GoogleIAP("/projects/123456789012/locations/europe-west1/services/orders")
	keys.Logger = slog.Default()
	cache, err := jwks.New(keys)
	if err != nil {
		log.Fatal(err)
	}
	defer cache.Close()

	cfg.Keys = cache
	guard, err := middleware.New(cfg, middleware.Options{Header: providers.GoogleIAPHeader, Logger: slog.Default()})
	if err != nil {
		log.Fatal(err)
	}
	defer guard.Close()
}
