package providers

import "github.com/bearerguard/bearerguard/middleware"

// Dex accepts the tokens of Dex. issuer is as the configuration of Dex has it. clientIDs are the
// clients whose users may call, or the API's own client, if the clients ask for that audience.
//
// An access token of Dex has at_hash and is like an ID token in all else, so both are accepted.
// InsecureIDTokens says what that risks. The user's groups count as scopes with the prefix
// "group:".
func Dex(issuer string, clientIDs ...string) middleware.JWTConfig {
	a := arguments{of: "Dex"}
	return a.check(middleware.JWTConfig{
		Issuer:           a.given("issuer", issuer),
		Audience:         a.list("clientIDs", clientIDs, word, "the id of a client", "the tokens of Dex are for clients"),
		InsecureIDTokens: true, // access tokens have at_hash, too
		Grants:           []middleware.Grant{{Path: "groups", Prefix: "group:"}},
	})
}
