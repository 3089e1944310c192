// Package jwks provides the keys that verify tokens: [Static] ones, a JWK Set in a file ([ParseSet]), or
// those of an issuer, which a [Cache] fetches and refreshes in the background (RFC 7517).
//
//	keys, err := jwks.New(jwks.Config{Issuer: "https://issuer.example"})
//	if err != nil {
//		log.Fatal(err) // the configuration is wrong; an issuer that is down is not an error here
//	}
//	defer keys.Close() // after the server has stopped
//
// Most programs pass the cache to package middleware, as JWTConfig.Keys. A verifier of your own uses it so:
//
//	found, err := keys.Keys(ctx, jwks.Query{KeyID: kid, Algorithm: "RS256"})
//	switch {
//	case errors.Is(err, jwks.ErrKeyNotFound):
//		return errInvalid // the issuer does not have the key that the token names: 401
//	case ctx.Err() != nil:
//		return ctx.Err() // the caller left
//	case err != nil:
//		return err // it is unknown whether the key exists: 503
//	}
//	for _, key := range found {
//		if key.Verify("RS256", signingInput, signature) == nil {
//			return nil
//		}
//	}
//	return errInvalid // or ask once more, with Query.Tried
//
// # What the cache promises
//
// Callers:
//
//   - A known key is served from memory, whatever the state of the issuer.
//   - There is one fetch at a time, and all callers who wait share it. A caller stops waiting when its
//     context ends, and after 2 s at the latest.
//   - If the issuer is down at the start, the cache tries again until it has keys.
//
// Fetches:
//
//   - A request takes at most 5 s, the first one included. A fetch makes a few: to the known URL, to up to
//     three places of the metadata, and to the URL that they name. It takes at most 20 s.
//   - Cache-Control says when keys are refreshed, between Config.MinRefresh and Config.MaxRefresh. A key that
//     the issuer withdraws is gone at the next good refresh. In an outage, known keys serve for up to
//     Config.MaxStale.
//   - The cache sends the ETag of the last answer. If such a request fails, it fetches the keys in full: at
//     once if the issuer answered, otherwise with the next fetch, and then for an hour. It also fetches in
//     full if the issuer has only confirmed the keys for as long as MaxStale.
//   - The metadata are fetched again each hour. No caller waits for that.
//
// Unknown and replaced keys:
//
//   - An unknown kid causes a fetch in full at once. So does a signature that fails under a known kid,
//     because the issuer may have replaced the key, and a known kid that does not serve the algorithm.
//   - All of these together cause one fetch in Config.UnknownKeyInterval. So a rotation is seen within two
//     seconds, and many forged tokens cause few fetches. [Cache.Refresh] fetches by hand, within the same
//     limit.
//
// Issuers in trouble:
//
//   - 429 and Retry-After are obeyed, for up to Config.MaxRefresh, or for up to a minute while there are no
//     keys.
//   - A response changes nothing if it is malformed, too large, or has keys but none that is usable. The set
//     {"keys":[]} withdraws every key.
//
// The log:
//
//   - A wrong issuer, an outage and its end are one line each, in Config.Logger or [slog.Default]. The same
//     text is in [Status] and in the error of [Cache.Ready]: the URLs that were asked, and what they
//     answered. If the metadata name the issuer only a little differently, by a final slash for example, it
//     says so.
//   - Failures that come by turns are told once in 15 minutes each, and at most eight of them.
//   - If the handler hangs, up to 16 lines wait for it. Later ones are lost. A panic in it is recovered.
//
// Config.Client may have a transport of your own:
//
//   - A panic in its RoundTrip, or in a body that it returns, is a failed fetch. A panic in a goroutine that
//     it starts ends the program.
//   - If it hangs and ignores its context, the goroutine of that request stays. There are at most two such
//     goroutines. With one, the cache still fetches. With two, it does not, and keys end at MaxStale. Close
//     returns in any case.
//
// # Several keys that fit
//
// A set may have several keys with one kid, and a token may have no kid. Keys then returns all that fit, in
// the order of the set. The same key material is in an answer once, even if the set has it with and without
// alg, or with two kids. A verifier tries the first four.
//
// A key without a kid serves tokens without a kid. In a [Static] set it also serves every kid, after the keys
// that have that kid, because the operator who configured the key knows the issuer.
//
// # What is left out of a set
//
// An unusable element does not harm the others. Left out are
//
//   - private and symmetric keys, and elements with duplicate members,
//   - keys whose use (other than sig, and jwt-svid of SPIFFE), key_ops or alg is not for signatures that this
//     package verifies, whose key_ops has a duplicate (RFC 7517 §4.3), or whose issuer is not a string,
//   - RSA keys under 2048 or over 16384 bits, or with an exponent that is even or under 65537,
//   - curves other than P-256, P-384, P-521 and Ed25519, and points that are not on their curve,
//   - everything after 1,024 usable keys or 4,096 elements.
//
// A JWK without alg serves every algorithm of its type. With alg EdDSA it serves only EdDSA, and with alg
// Ed25519 (RFC 9864) only Ed25519. Members that are not part of the key itself count as absent if they are
// null, "" or [], because some serialisers write them so. A secret enters through [NewSecret] only, and never
// stands beside public keys.
package jwks
