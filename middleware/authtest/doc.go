// Package authtest lets you test an API that bearer tokens protect, without an authorization
// server: an [Issuer] that publishes real metadata and real keys over HTTP, mints whatever token
// a test needs, good or bad, and fails on demand.
//
// A test has three parts: an issuer, the API that trusts it, and tokens.
//
//	issuer, err := authtest.New(authtest.Config{})
//	if err != nil {
//		t.Fatal(err)
//	}
//	defer issuer.Close()
//
//	keys, err := jwks.New(jwks.Config{Issuer: issuer.URL(), Client: issuer.Client()})
//	if err != nil {
//		t.Fatal(err)
//	}
//	defer keys.Close()
//
//	guard, err := middleware.New(middleware.JWTConfig{
//		Issuer: issuer.URL(), Audience: []string{issuer.Audience()}, Keys: keys,
//	}, middleware.Options{})
//	if err != nil {
//		t.Fatal(err)
//	}
//	defer guard.Close()
//	api := httpauth.Require(guard, scopes.All("orders:read"))(orders)
//
//	r := httptest.NewRequest("GET", "/orders", nil)
//	r.Header.Set("Authorization", "Bearer "+issuer.Mint(authtest.Token{Scope: "orders:read"}))
//	w := httptest.NewRecorder()
//	api.ServeHTTP(w, r) // 200
//
// # Tokens
//
// [Issuer.Mint] starts from a good token, and a [Token] says only what is different. One line each:
//
//	issuer.Mint(authtest.Token{})                                                     // good, but without a scope
//	issuer.Mint(authtest.Token{Claims: map[string]any{"exp": time.Now().Add(-time.Hour)}}) // expired
//	issuer.Mint(authtest.Token{Claims: map[string]any{"aud": "https://other.test"}})  // for somebody else
//	issuer.Mint(authtest.Token{Claims: map[string]any{"sub": nil}})                   // lacks a claim: refused with RequireATJWT
//	issuer.Mint(authtest.Token{Header: map[string]any{"typ": "JWT"}})                 // not typed as an access token: refused with RequireATJWT
//	issuer.Mint(authtest.Token{Key: stranger})                                        // forged, with a key that nobody published
//	issuer.Mint(authtest.Token{Algorithm: "none"})                                    // unsigned
//	issuer.Mint(authtest.Token{Payload: `{"sub":"a","sub":"b"}`})                     // says two things at once
//
// [KeyFromSecret] shows how to forge the confusion of RS256 with HS256.
//
// # Bad days
//
// [Issuer.Break] puts a [Fault] between the issuer and whoever asks it, until [Issuer.Heal]:
//
//	issuer.Break(authtest.Fault{Down: true})                          // no answer
//	issuer.Break(authtest.Fault{Delay: 10 * time.Second})             // a late answer
//	issuer.Break(authtest.Fault{OnlyKeys: true, Status: 503})         // metadata, but no keys
//	issuer.Break(authtest.Fault{OnlyMetadata: true, Body: "<html>"})  // something else in place of metadata
//
// [Issuer.Rotate] and [Issuer.Withdraw] change the keys, [Issuer.PublishJWK] adds any element to the key
// set, and [Issuer.Fetches] tells how often the API has asked for it.
//
// # In memory or on loopback
//
// An issuer in memory needs no socket, so it works inside a testing/synctest bubble, where an
// hour of refreshing keys takes no time at all. Make the issuer inside of the bubble, and pass
// its [Issuer.Client] to what fetches the keys. With Config.Addr "127.0.0.1:0" the issuer listens
// on loopback instead, for programs that have no client to be given, and for tests of sockets.
//
// The package does not import testing: a demonstration may embed an issuer. It keeps its
// private keys in memory, gives a token to any code that asks, and never belongs in production.
package authtest
