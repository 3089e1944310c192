package authtest

import (
	"context"
	"net/http"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// WithClaims returns a context in which middleware.ClaimsFrom and middleware.ClaimsAs find
// claims, for a test of a handler without a guard and without a token. Claims are written
// as in [Token], scopes in "scope". It panics on claims that no token could hold. A handler
// that calls Guard.Authorize needs the real Guard and a minted token, because a Guard
// ignores claims that it has not checked itself.
func WithClaims(ctx context.Context, claims map[string]any) context.Context {
	guard, err := middleware.NewWithVerifier(given(claims), middleware.Options{})
	if err != nil {
		panic(err)
	}
	pass, err := guard.Check(ctx, middleware.Request{
		Header: http.Header{"Authorization": {"Bearer given"}},
	}, scopes.Authenticated())
	if err != nil {
		panic("authtest.WithClaims: claims that no token could hold")
	}
	return pass.Context
}

type given map[string]any

func (g given) Verify(context.Context, string) (middleware.Claims, error) {
	return middleware.ParseClaims(overlay(map[string]any{}, g))
}
