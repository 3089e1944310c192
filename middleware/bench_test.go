package middleware_test

import (
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// kilobyte is a token of about 1 KB: 8 scopes, nested roles, and what issuers add.
func kilobyte() authtest.Token {
	return authtest.Token{
		Scope: "orders:read orders:write invoices:read invoices:write users:read users:write audit:read audit:export",
		Claims: map[string]any{
			"exp": time.Now().Add(time.Hour),
			"realm_access": map[string]any{"roles": []string{
				"offline_access", "default-roles-company", "uma_authorization", "admin",
			}},
			"resource_access": map[string]any{
				"orders":  map[string]any{"roles": []string{"manage", "view"}},
				"account": map[string]any{"roles": []string{"manage-account", "view-profile"}},
			},
			"preferred_username": "alice", "email": "alice@company.example", "email_verified": true, "name": "Alice Example",
			"sid": "5d2b1c0e-7c1e-4a57-9d0a-2f6f0e0a7b11", "azp": "web-frontend", "acr": "1",
			"allowed-origins": []string{"https://app.company.example"},
		},
	}
}

// BenchmarkVerify measures a whole verification beside its cryptography alone, the
// same signature over the same octets. The difference is what the rest costs: 4 µs
// and 3 allocations at the most.
func BenchmarkVerify(b *testing.B) {
	for _, alg := range []string{"HS256", "ES256", "RS256", "EdDSA"} {
		issuer := newIssuer(b, authtest.Config{})
		key := newKey(b, alg)
		set := trust(b, key)
		v := newJWT(b, issuer, func(c *middleware.JWTConfig) { c.Keys, c.Algorithms, c.CacheBytes = set, []string{alg}, -1 })
		remembering := newJWT(b, issuer, func(c *middleware.JWTConfig) { c.Keys, c.Algorithms = set, []string{alg} })
		t := kilobyte()
		t.Key = key
		token := issuer.Mint(t)
		b.Run(alg+"/whole", func(b *testing.B) {
			b.ReportAllocs()
			b.ReportMetric(float64(len(token)), "token-bytes")
			for b.Loop() {
				if _, err := v.Verify(b.Context(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(alg+"/again", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := remembering.Verify(b.Context(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(alg+"/crypto", func(b *testing.B) {
			b.ReportAllocs()
			check := cryptoAlone(b, set, token, alg)
			for b.Loop() {
				check()
			}
		})
	}
}

// cryptoAlone returns a function that checks token's signature and does nothing else.
func cryptoAlone(tb testing.TB, set jwks.Set, token, alg string) func() {
	tb.Helper()
	keys, err := set.Keys(tb.Context(), jwks.Query{Algorithm: alg})
	if err != nil {
		tb.Fatal(err)
	}
	dot := strings.LastIndexByte(token, '.')
	signature := decode(tb, token[dot+1:])
	return func() {
		if err := keys[0].Verify(alg, token[:dot], signature); err != nil {
			tb.Fatal(err)
		}
	}
}

// BenchmarkCheck measures a guard's decision about a token seen before.
func BenchmarkCheck(b *testing.B) {
	for _, alg := range []string{"ES256", "RS256"} {
		issuer := newIssuer(b, authtest.Config{})
		key := newKey(b, alg)
		v := newJWT(b, issuer, func(c *middleware.JWTConfig) { c.Keys, c.Algorithms = trust(b, key), []string{alg} })
		g := newGuard(b, v, middleware.Options{})
		t := kilobyte()
		t.Key = key
		r := middleware.Request{Header: bearer(issuer.Mint(t))}
		need := scopes.All("orders:read", "orders:write", "users:read", "audit:read")
		b.Run(alg, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := g.Check(b.Context(), r, need); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
