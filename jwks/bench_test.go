package jwks_test

import (
	"fmt"
	"testing"

	"github.com/bearerguard/bearerguard/jwks"
)

func BenchmarkCacheKeys(b *testing.B) {
	for _, size := range []int{1, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			var keys []string
			for n := range size {
				keys = append(keys, edJWK(fmt.Sprintf("key-%d-of-the-issuer", n), byte(n)))
			}
			c := start(b, jwks.Config{}, answering(ok(keys...)))
			if err := c.Ready(b.Context()); err != nil {
				b.Fatal(err)
			}
			ctx, kid := b.Context(), fmt.Sprintf("key-%d-of-the-issuer", size/2)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Keys(ctx, jwks.Query{KeyID: kid, Algorithm: "EdDSA"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestKeysAllocatesNothingForAKnownKey(t *testing.T) {
	c := start(t, jwks.Config{}, answering(ok(edJWK("a", 1))))
	if err := c.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, kid := range []string{"a", ""} {
		if n := testing.AllocsPerRun(100, func() { mustServe(t, c, kid) }); n != 0 {
			t.Errorf("kid %q: got %v allocations, want 0", kid, n)
		}
	}
}
