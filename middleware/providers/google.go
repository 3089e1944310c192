package providers

import (
	"context"
	"regexp"
	"strings"

	"github.com/bearerguard/bearerguard/middleware"
)

var (
	oauthClient = regexp.MustCompile(`^[^\s*/]+\.apps\.googleusercontent\.com$`)
	account     = regexp.MustCompile(`^([0-9]+|[^@\s*]+@[^@\s*]+)$`)
)

// Google accepts the ID tokens that users of Google send, because they have no other JWT. clientIDs
// are those of the API's own OAuth clients. InsecureIDTokens says what that risks.
//
// A service account of anybody can get a token with your client ID as its audience. Validate
// refuses these tokens: in them, azp is not an OAuth client.
func Google(clientIDs ...string) middleware.JWTConfig {
	a := arguments{of: "Google"}
	return a.check(middleware.JWTConfig{
		Issuer: "https://accounts.google.com",
		Audience: a.list("clientIDs", clientIDs, oauthClient, "the id of an OAuth client",
			"an ID token is for a client"),
		InsecureIDTokens: true, // Google has no other JWT for an API
		Validate: func(_ context.Context, c middleware.Claims) error {
			if azp := text(c, "azp"); !strings.HasSuffix(azp, ".apps.googleusercontent.com") {
				return refuse("azp is %.200q, which is not an OAuth client: it may be a token of a service account", azp)
			}
			return nil
		},
	})
}

// GoogleServiceAccounts accepts the ID tokens of service accounts of Google Cloud, such as Cloud
// Run, Pub/Sub and Cloud Scheduler send. audience is what the caller asks for, such as the URL
// of the API. Every service account of everybody can ask for it. So Validate checks that the
// token is that of one of accounts. Each is an email address, which must be verified, or the
// account's unique id, which is sub. There are no wildcards.
func GoogleServiceAccounts(audience string, accounts ...string) middleware.JWTConfig {
	a := arguments{of: "GoogleServiceAccounts"}
	accounts = a.list("accounts", accounts, account, "an email address or a unique id; there are no wildcards",
		"every service account can get a token for your audience")
	return a.check(middleware.JWTConfig{
		Issuer:   "https://accounts.google.com",
		Audience: []string{a.given("audience", audience)},
		Validate: func(_ context.Context, c middleware.Claims) error {
			verified, _ := middleware.Claim[bool](c, "email_verified")
			for _, account := range accounts {
				if !strings.Contains(account, "@") && account == c.Subject() ||
					verified && strings.Contains(account, "@") && account == text(c, "email") {
					return nil
				}
			}
			return refuse("email is %.200q, which is not listed", text(c, "email"))
		},
	})
}
