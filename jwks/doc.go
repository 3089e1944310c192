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
//		return errInvalid // the token names a key that the issuer does not have: 401
//	case ctx.Err() != nil:
//		return ctx.Err() // the caller left
//	case err != nil:
//		return err // nobody could tell: 503
//	}
//	for _, key := range found {
//		if key.Verify("RS256", signingInput, signature) == nil {
//			return nil
//		}
//	}
//	return errInvalid // or ask once more, with what was tried as Query.Tried
//
// # What the cache promises
//
// A known key is served from memory, whatever the issuer is doing. There is one fetch at a time, and all
// who wait share it. Each of them leaves with its own context, and after 2 s at the latest. A start without
// the issuer heals by itself.
//
// Each request to the issuer may take 5 s, in the first fetch and in every later one. A fetch is a few
// requests at most: the known URL, the metadata at two places, and the URL that they name. It ends after
// 20 s. The metadata are asked again each hour, beside the fetches, so that nobody waits for them.
//
// In an outage known keys serve for up to Config.MaxStale. A key that the issuer withdraws is gone at the
// next good refresh, which Cache-Control sets between Config.MinRefresh and Config.MaxRefresh. The cache
// asks with the ETag of the last answer. When such a request fails, it asks for the keys in full: at once
// if the issuer answered, with the next fetch otherwise, and for an hour. Keys that the issuer has only
// confirmed for as long as MaxStale are fetched in full, too.
//
// An unknown kid fetches the whole set at once, whatever its ETag. So does a signature that fails under a
// known kid, because the issuer may have put another key in its place, and a known kid that does not serve
// the algorithm. All of them together cause one fetch per Config.UnknownKeyInterval, so that a rotation is
// seen within two seconds and a flood of forged tokens costs the issuer little. [Cache.Refresh] fetches by
// hand, within the same limit.
//
// 429 and Retry-After are obeyed, for up to Config.MaxRefresh, and for up to a minute while there are no
// keys at all. A response that is malformed, too large, or holds no key that can be used changes nothing;
// the well-formed set {"keys":[]} withdraws every key.
//
// Config.Client may hold a transport of your own. A panic of its RoundTrip, or of a body that it returns,
// is a failed fetch. (One in a goroutine that it starts is not ours to catch.) When it hangs and heeds no
// context, it keeps the goroutine of that request, of which there are two at most, and nothing else: the
// cache fetches on while there are fewer, keys end at MaxStale, and Close returns.
//
// # Several keys that fit
//
// A set may hold several keys under one kid, and a token may name no kid. Keys then returns all that fit,
// in the order of the set. The same key material is in an answer once, even if the set lists it with an alg
// and without, or under two kids. A verifier tries the first four.
//
// A key without a kid serves tokens without a kid. In a [Static] set it serves every kid, after the keys
// that have the very kid: an operator who configures a key knows whose it is.
//
// # What is left out of a set
//
// One unusable element never harms the others. Left out are private and symmetric keys, elements with
// duplicate members, keys whose use, key_ops or alg is not for signatures that this package verifies,
// key_ops with a duplicate (RFC 7517 §4.3), RSA under 2048 or over 16384 bits or with an even or tiny
// exponent, points that are off their curve, and curves other than P-256, P-384, P-521 and Ed25519. So is
// what comes after 1,024 usable keys or 4,096 elements.
//
// A JWK without alg serves every algorithm of its type; with alg EdDSA it serves EdDSA, and with alg
// Ed25519 (RFC 9864) only that. Members that do not belong to the key itself may be null, "" or [] to
// say that they are absent, as some serialisers write them. Secrets enter through [NewSecret] alone and
// never beside public keys.
package jwks
