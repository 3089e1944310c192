package middleware_test

import (
	"encoding/base64"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
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

// Roles cost their list, the text that they share, and one more, however many they are.
func TestRolesAllocateLittle(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates, too")
	}
	issuer := newIssuer(t, authtest.Config{})
	token := issuer.Mint(authtest.Token{Claims: map[string]any{"roles": strings.Fields("a b c d e f g h i j k l m")}})
	allocations := func(grants ...middleware.Grant) float64 {
		v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Grants, c.CacheBytes = grants, -1 })
		return testing.AllocsPerRun(100, func() {
			if _, err := v.Verify(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		})
	}
	if n := allocations(middleware.Grant{Path: "roles", Prefix: "role:"}) - allocations(); n > 3 {
		t.Errorf("%v allocations", n)
	}
}

// A token that was seen before costs the context that carries its claims to the handler, and
// nothing else.
func TestCheckOfAKnownTokenAllocatesItsContextAlone(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates, too")
	}
	issuer := newIssuer(t, authtest.Config{})
	g := newGuard(t, newJWT(t, issuer, nil), middleware.Options{})
	r := middleware.Request{Header: bearer(issuer.Mint(kilobyte()))}
	need := scopes.All("orders:read", "orders:write", "users:read", "audit:read")
	if n := testing.AllocsPerRun(100, func() {
		if _, err := g.Check(t.Context(), r, need); err != nil {
			t.Fatal(err)
		}
	}); n > 1 {
		t.Errorf("%v allocations", n)
	}
}

// A route that asks for a login costs the list of values of acr, and nothing else.
func TestALoginAllocatesItsValuesAlone(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates, too")
	}
	issuer := newIssuer(t, authtest.Config{})
	g := newGuard(t, newJWT(t, issuer, nil), middleware.Options{})
	token := claims("scope", "pay", "acr", "gold", "auth_time", time.Now())
	r := middleware.Request{Header: bearer(issuer.Mint(token))}
	allocations := func(need scopes.Requirement) float64 {
		return testing.AllocsPerRun(100, func() {
			if _, err := g.Check(t.Context(), r, need); err != nil {
				t.Fatal(err)
			}
		})
	}
	pay := scopes.All("pay")
	plain := allocations(pay)
	if n := allocations(pay.And(scopes.MaxAge(time.Hour)).And(scopes.ACR("gold"))) - plain; n > 1 {
		t.Errorf("%v allocations more", n)
	}
}

// What is refused before any cryptography allocates nothing that grows with what was sent.
func TestRefusalsAllocateNothingThatGrowsWithTheToken(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates, too")
	}
	issuer := newIssuer(t, authtest.Config{})
	g := newGuard(t, newJWT(t, issuer, nil), middleware.Options{})
	long := func(t authtest.Token, n int) string {
		t.Tamper = func(s string) string { return s + strings.Repeat("A", n) }
		return issuer.Mint(t)
	}
	tests := map[string]func(n int) string{
		"garbage":           func(n int) string { return strings.Repeat("A", n) },
		"dots":              func(n int) string { return strings.Repeat(".", n) },
		"alg none":          func(n int) string { return long(header("alg", "none"), n) },
		"an unknown kid":    func(n int) string { return long(header("kid", "unknown"), n) },
		"another typ":       func(n int) string { return long(header("typ", "dpop+jwt"), n) },
		"a long signature":  func(n int) string { return long(authtest.Token{}, n) },
		"a header not JSON": func(n int) string { return long(authtest.Token{RawHeader: "x"}, n) },
		"a nested header": func(n int) string {
			return issuer.Mint(authtest.Token{RawHeader: `{"a":` + strings.Repeat("[", n)})
		},
	}
	for name, token := range tests {
		bytes := func(n int) uint64 {
			r := middleware.Request{Header: bearer(token(n))}
			least := uint64(1 << 40) // something else may allocate meanwhile
			for range 5 {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				_, err := g.Check(t.Context(), r, scopes.Authenticated())
				runtime.ReadMemStats(&after)
				if err == nil {
					t.Fatalf("%s: passes", name)
				}
				least = min(least, after.TotalAlloc-before.TotalAlloc)
			}
			return least
		}
		small := bytes(100)
		for _, n := range []int{10_000, 15_000, 1 << 20} {
			if large := bytes(n); large > small+256 {
				t.Errorf("%s: %d bytes for 100 characters more, %d for %d", name, small, large, n)
			}
		}
	}
}
