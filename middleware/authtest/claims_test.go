package authtest_test

import (
	"context"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

func TestWithClaims(t *testing.T) {
	ctx := authtest.WithClaims(context.Background(), map[string]any{"sub": "alice", "scope": "read"})
	claims, ok := middleware.ClaimsFrom(ctx)
	if !ok || claims.Subject() != "alice" || !claims.HasScope("read") {
		t.Errorf("%v, %t", claims, ok)
	}
	defer func() {
		if recover() == nil {
			t.Error("claims that no token could hold were taken")
		}
	}()
	authtest.WithClaims(context.Background(), map[string]any{"sub": 7})
}
