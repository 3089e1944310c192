package providers

import (
	"context"
	"strings"

	"github.com/bearerguard/bearerguard/middleware"
)

// GoogleServiceAccounts accepts the ID tokens of service accounts of Google Cloud, such as Cloud
// Run, Pub/Sub and Cloud Scheduler send. audience is what the caller asks for, such as the URL
// of the API. Every service account of everybody can ask for it. So Validate checks that the
// token is that of one of accounts. Each is an email address or the account's unique id.
func GoogleServiceAccounts(audience string, accounts ...string) middleware.JWTConfig {
	a := arguments{of: "GoogleServiceAccounts"}
	accounts = a.list("accounts", accounts, "every service account can get a token for your audience")
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
