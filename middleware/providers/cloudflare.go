package providers

import (
	"context"
	"regexp"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
)

// CloudflareAccessHeader is the header in which Cloudflare Access sends the token to the API. It is
// for middleware.Options.Header.
const CloudflareAccessHeader = "Cf-Access-Jwt-Assertion"

var audTag = regexp.MustCompile(`^[0-9a-f]{64}$`)

// CloudflareAccess accepts the application tokens that Cloudflare Access adds to the requests for an
// API behind it. team is the name of the team, such as example of example.cloudflareaccess.com.
// audTags are the Application Audience (AUD) Tags of the API's own Access applications.
//
// Cloudflare does not document metadata of the team. So nothing is discovered, and Keys must be
// those of the second result:
//
//	cfg, keys := providers.CloudflareAccess("example", "9f3c…")
//	cache, err := jwks.New(keys)
//	...
//	cfg.Keys = cache
//	guard, err := middleware.New(cfg, middleware.Options{Header: providers.CloudflareAccessHeader})
//
// Validate refuses tokens whose claim type is not app, such as the token of a user's global session.
// It also refuses tokens of nobody. The sub of a service token is empty, and its id is in common_name.
// So never look for a user by an empty sub, because all service tokens have that one.
func CloudflareAccess(team string, audTags ...string) (middleware.JWTConfig, jwks.Config) {
	a := arguments{of: "CloudflareAccess"}
	issuer := "https://" + a.matches("team", team, label, "the name of a team: write it alone, "+
		"without .cloudflareaccess.com") + ".cloudflareaccess.com"
	return a.checkBoth(middleware.JWTConfig{
		Issuer: issuer,
		Audience: a.list("audTags", audTags, audTag,
			"the AUD tag of an application, which has 64 hexadecimal digits in lower case",
			"all applications of the team have the same issuer"),
		Validate: func(_ context.Context, c middleware.Claims) error {
			if kind := text(c, "type"); kind != "app" {
				return refuse("the claim type is %.200q, and must be app", kind)
			}
			if c.Subject() == "" && text(c, "common_name") == "" {
				return refuse("it has neither sub nor common_name, so it names nobody")
			}
			return nil
		},
	}, jwks.Config{KeysURL: issuer + "/cdn-cgi/access/certs"})
}
