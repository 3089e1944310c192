package providers

import (
	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
)

// ADFS accepts the access tokens of Active Directory Federation Services. host is that of the
// federation service, such as fs.example.com. audience is the aud of the tokens: the identifier of
// the web API if that is a URL, and else microsoft:identityserver: and the identifier.
//
// The tokens have another issuer than the metadata say, a name that begins with http. So nothing is
// discovered. Keys must be those of the second result:
//
//	cfg, keys := providers.ADFS("fs.example.com", "https://api.example")
//	cache, err := jwks.New(keys)
//	...
//	cfg.Keys = cache
func ADFS(host, audience string) (middleware.JWTConfig, jwks.Config) {
	a := arguments{of: "ADFS"}
	a.domain("host", host)
	return a.checkBoth(middleware.JWTConfig{
		Issuer:   "http://" + host + "/adfs/services/trust", // a name: nothing is fetched from it
		Audience: []string{a.given("audience", audience)},
	}, jwks.Config{KeysURL: "https://" + host + "/adfs/discovery/keys"})
}
