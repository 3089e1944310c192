// Package authtest lets you test an API that bearer tokens protect, without an authorization server. An
// [Issuer] publishes metadata and keys over HTTP, mints any token that a test needs, good or bad, and
// can fail as real issuers do.
//
// Two statements set up the test of a protected route. Both fail the test on an error, and clean up when
// it ends.
//
//	func TestOrders(t *testing.T) {
//		issuer := authtest.Start(t, authtest.Config{})
//		guard := issuer.Guard(t, middleware.Options{})
//
//		api := httpauth.Require(guard, scopes.All("orders:read"))(orders)
//		r := httptest.NewRequest("GET", "/orders", nil)
//		r.Header.Set("Authorization", "Bearer "+issuer.Mint(authtest.Token{Scope: "orders:read"}))
//		w := httptest.NewRecorder()
//		api.ServeHTTP(w, r) // 200
//	}
//
// An API with a middleware.JWTConfig of its own starts from [Issuer.Config] and adds what it has:
//
//	cfg := issuer.Config()
//	cfg.Grants = grants
//	guard, err := middleware.New(cfg, middleware.Options{})
//
// The test of a single handler needs neither an issuer nor a guard, because [WithClaims] puts
// claims into a context:
//
//	ctx := authtest.WithClaims(t.Context(), map[string]any{"sub": "alice", "scope": "orders:read"})
//	orders.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "/orders", nil))
//
// # Tokens
//
// [Issuer.Mint] starts from a good token, and a [Token] says only what is different:
//
//	hourAgo := time.Now().Add(-time.Hour)
//
//	authtest.Token{}                                                    // good, but without a scope
//	authtest.Token{ACR: "gold", AuthTime: hourAgo}                      // of a strong login, an hour ago
//	authtest.Token{Claims: map[string]any{"exp": hourAgo}}              // expired
//	authtest.Token{Claims: map[string]any{"aud": "https://other.test"}} // for another API
//	authtest.Token{Claims: map[string]any{"sub": nil}}                  // without a claim
//	authtest.Token{Header: map[string]any{"typ": "JWT"}}                // not typed as an access token
//	authtest.Token{Key: stranger}                                       // signed with a key of [NewKey]
//	authtest.Token{Algorithm: "none"}                                   // not signed
//
// [KeyFromSecret] signs with a secret that the API shares. It can also forge a token that confuses
// RS256 with HS256.
//
// # Clients
//
// With [Config.Authorize], the issuer is an authorization server, from which a client under test gets its
// tokens. The metadata name its endpoints. /register takes public clients (RFC 7591). /authorize has no page:
// it asks the function Authorize, and redirects at once with a code or an error. /token exchanges the code
// for the token that the function returned.
//
//	issuer := authtest.Start(t, authtest.Config{
//		Authorize: func(asked authtest.Authorization) (authtest.Token, error) {
//			return authtest.Token{Claims: map[string]any{"sub": "alice"}}, nil // alice grants what was asked
//		},
//	})
//
// A redirect URI is https or on loopback, and /authorize compares it to the letter. PKCE with S256 is
// required (RFC 7636). A code serves once, for a minute, and only with the client, the redirect URI and the
// resource (RFC 8707) that it was made for. Each redirect has an iss (RFC 9207). There are no refresh tokens,
// ID tokens and client secrets. There may be 1,000 clients, and 1,000 codes at a time.
//
// # Faults
//
// [Issuer.Break] puts a [Fault] between the issuer and every request, until [Issuer.Heal]:
//
//	authtest.Fault{Down: true}                         // no answer
//	authtest.Fault{Delay: 10 * time.Second}            // a late answer
//	authtest.Fault{OnlyKeys: true, Status: 503}        // metadata, but no keys
//	authtest.Fault{OnlyMetadata: true, Body: "<html>"} // a page in place of metadata
//
// [Issuer.Rotate] and [Issuer.Withdraw] change the keys, [Issuer.PublishJWK] adds any element to the key
// set, and [Issuer.Fetches] counts the requests for it.
//
// # In memory or on loopback
//
// An issuer in memory opens no socket, so it works inside a testing/synctest bubble, where an hour passes
// at once: call [Start] and [Issuer.Guard] inside the bubble, with its t. With Config.Addr "127.0.0.1:0"
// the issuer listens on loopback, for programs that cannot be given its [Issuer.Client].
//
// A demonstration may embed an issuer from [New]. An issuer keeps its private keys in memory, gives a
// token to any code that asks, and never belongs in production.
package authtest
