package providers

import "github.com/bearerguard/bearerguard/middleware"

// Apple accepts the ID tokens of Sign in with Apple, because Apple has no other JWT. clientIDs
// are the bundle IDs and the Services IDs of the API's own apps. InsecureIDTokens says what that
// risks.
func Apple(clientIDs ...string) middleware.JWTConfig {
	a := arguments{of: "Apple"}
	return a.check(middleware.JWTConfig{
		Issuer:           "https://appleid.apple.com",
		Audience:         a.list("clientIDs", clientIDs, word, "the id of a client", "an ID token is for a client"),
		InsecureIDTokens: true, // Apple has no other JWT
	})
}
