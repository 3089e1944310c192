package chiauth_test

import (
	"context"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/chiauth"
	"github.com/go-chi/chi/v5"
)

// A pin has no effect if chi reads the route context only once, at another time.
func TestEnforcePanicsIfChiRoutesInAnotherWay(t *testing.T) {
	tight := func(ctx context.Context) context.Context { return ctx }
	if got := caught(func() { chiauth.MustHoldWith(tight) }); got != "" {
		t.Errorf("this chi: %q", got)
	}
	loose := func(ctx context.Context) context.Context {
		return context.WithValue(ctx, chi.RouteCtxKey, chi.RouteContext(ctx))
	}
	if got := caught(func() { chiauth.MustHoldWith(loose) }); !strings.Contains(got, "this version of chi") {
		t.Errorf("another chi: %q", got)
	}
}
