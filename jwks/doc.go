// Package jwks is where verification keys come from: fixed ones, a JWK Set in a file, or an
// issuer whose keys are fetched and kept fresh in the background (RFC 7517).
//
//	keys, err := jwks.New(jwks.Config{Issuer: "https://issuer.example"})
//	if err != nil {
//		log.Fatal(err) // a mistake in the configuration; an issuer that is down is none
//	}
//	defer keys.Close() // after the server has stopped
//
//	found, err := keys.Keys(ctx, jwks.Query{KeyID: kid, Algorithm: "RS256"})
//	switch {
//	case errors.Is(err, jwks.ErrKeyNotFound):
//		// the token names a key that the issuer does not have: 401
//	case ctx.Err() != nil:
//		// the caller left
//	case err != nil:
//		// nobody could tell: 503
//	case len(found) == 1:
//		err = found[0].Verify("RS256", signingInput, signature)
//	}
//
// # What the cache promises
//
// A known key is served from memory, whatever the issuer is doing. One fetch at a time, shared by
// all who wait; each of them leaves with its own context and after 2 s at the latest. A start
// without the issuer heals by itself. In an outage known keys serve for up to Config.MaxStale. A
// key that the issuer withdraws is gone at the next good refresh, which Cache-Control sets between
// Config.MinRefresh and Config.MaxRefresh. An unknown kid fetches the whole set at once, whatever
// its ETag, though only once per Config.UnknownKeyInterval, so that a rotation is seen within two
// seconds and a flood of forged kids costs the issuer little. 429 and Retry-After are obeyed, for
// up to Config.MaxRefresh, and for up to a minute while there are no keys at all. A response that
// is malformed, too large, or holds no key that can be used changes nothing; the well-formed set
// {"keys":[]} withdraws every key.
//
// # What is left out of a set
//
// One unusable element never harms the others. Left out are private and symmetric keys, elements with
// duplicate members, keys whose use, key_ops or alg is not for signatures that this package verifies,
// RSA under 2048 or over 16384 bits or with an even or tiny exponent, points that are off their curve,
// and curves other than P-256, P-384, P-521 and Ed25519. So is what comes after 1,024 usable keys or
// 4,096 elements.
//
// A JWK without alg serves every algorithm of its type; with alg EdDSA it serves EdDSA, and with alg
// Ed25519 (RFC 9864) only that. Members that do not belong to the key itself may be null, "" or [] to
// say that they are absent, as some serialisers write them. Secrets enter through [NewSecret] alone and
// never beside public keys.
package jwks
