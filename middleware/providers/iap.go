package providers

import (
	"regexp"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
)

// GoogleIAPHeader is the header in which Identity-Aware Proxy sends the token to the API. It is for
// middleware.Options.Header.
const GoogleIAPHeader = "X-Goog-Iap-Jwt-Assertion"

var iapAudience = regexp.MustCompile(`^/projects/[0-9]+(/[A-Za-z0-9.:_-]+)+$`)

// GoogleIAP accepts the tokens that Identity-Aware Proxy of Google Cloud adds to the requests for an
// API behind it. audiences are the names that it has for the API, such as
// /projects/123456789012/locations/europe-west1/services/orders. Everybody's tokens have the same
// issuer and the same keys, so the audience alone tells yours from those of other projects.
//
// Google documents no metadata of this issuer. So nothing is discovered, and Keys must be those of
// the second result:
//
//	cfg, keys := providers.GoogleIAP("/projects/123456789012/locations/europe-west1/services/orders")
//	cache, err := jwks.New(keys)
//	...
//	cfg.Keys = cache
//	guard, err := middleware.New(cfg, middleware.Options{Header: providers.GoogleIAPHeader})
//
// A token is good for ten minutes. MaxLifetime is a minute longer, because Google says that clocks
// may differ by 30 seconds on either side.
func GoogleIAP(audiences ...string) (middleware.JWTConfig, jwks.Config) {
	a := arguments{of: "GoogleIAP"}
	return a.checkBoth(middleware.JWTConfig{
		Issuer: "https://cloud.google.com/iap",
		Audience: a.list("audiences", audiences, iapAudience,
			"an audience of Identity-Aware Proxy, such as /projects/123456789012/apps/shop with the project's number",
			"everybody's tokens have the same issuer"),
		Algorithms:  []string{"ES256"},
		MaxLifetime: 11 * time.Minute,
	}, jwks.Config{KeysURL: "https://www.gstatic.com/iap/verify/public_key-jwk"})
}
