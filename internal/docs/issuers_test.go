package docs_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

func cognito() middleware.JWTConfig {
	cfg := middleware.JWTConfig{
		Issuer:             "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_EXAMPLE",
		InsecureNoAudience: true, // Validate checks instead
		Validate: func(_ context.Context, c middleware.Claims) error {
			var more struct {
				Use string `json:"token_use"`
			}
			if err := c.Decode(&more); err != nil || more.Use != "access" || c.ClientID() != "my-client" {
				return fmt.Errorf("%w: not an access token of my-client", middleware.ErrInvalidToken)
			}
			return nil
		},
		Grants: []middleware.Grant{{Path: "cognito:groups", Prefix: "group:"}},
	}
	return cfg
}

func TestCognito(t *testing.T) {
	cfg := cognito()
	issuer := authtest.Start(t, authtest.Config{URL: cfg.Issuer})
	cfg.Client = issuer.Client()
	guard, err := middleware.New(cfg, middleware.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer guard.Close()
	for _, c := range []struct {
		name, client, use, want string
	}{
		{"an access token of the client", "my-client", "access", "<nil>"},
		{"another client", "other", "access", "invalid token"},
		{"an ID token", "my-client", "id", "invalid token"},
	} {
		r := requestWith(issuer.Mint(authtest.Token{Claims: map[string]any{
			"aud": nil, "client_id": c.client, "token_use": c.use, "cognito:groups": []string{"admin"},
		}}))
		if _, err := guard.Check(t.Context(), r, scopes.All("group:admin")); fmt.Sprint(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func severalIssuers() (*middleware.Guard, error) {
	guard, err := middleware.NewMultiIssuer([]middleware.JWTConfig{
		{Issuer: "https://login.example", Audience: []string{"https://api.example"}},
		{Issuer: "https://partner.example", Audience: []string{"https://api.example"}},
	}, middleware.Options{Logger: slog.Default()})
	return guard, err
}

var _ = severalIssuers
