package middleware_test

import (
	"encoding/base64"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

func decode(tb testing.TB, s string) []byte {
	tb.Helper()
	octets, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		tb.Fatal(err)
	}
	return octets
}

// A token costs three allocations besides its cryptography: the payload, the claims, and the list
// of scopes. Remembering it costs more, once.
func TestVerifyAllocatesLittleBesidesItsCrypto(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates, too")
	}
	for _, alg := range []string{"HS256", "ES256", "RS256", "PS256", "EdDSA"} {
		issuer := newIssuer(t, authtest.Config{})
		key := newKey(t, alg)
		set := trust(t, key)
		v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Keys, c.Algorithms, c.CacheBytes = set, []string{alg}, -1 })
		good := kilobyte()
		good.Key = key
		token := issuer.Mint(good)
		whole := testing.AllocsPerRun(100, func() {
			if _, err := v.Verify(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		})
		crypto := testing.AllocsPerRun(100, cryptoAlone(t, set, token, alg))
		if whole-crypto > 3 {
			t.Errorf("%s: %v allocations, %v of them for the signature", alg, whole, crypto)
		}
	}
}
