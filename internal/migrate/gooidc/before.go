package gooidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
)

// Before is an API that verifies access tokens with go-oidc. The token is found, and the refusal is
// written, by hand.
func Before(ctx context.Context, issuer, audience string) (http.Handler, error) {
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, err
	}
	verifier := provider.Verifier(&oidc.Config{ClientID: audience, SupportedSigningAlgs: []string{oidc.RS256}})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders", func(w http.ResponseWriter, r *http.Request) {
		scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") {
			http.Error(w, "no token", http.StatusUnauthorized)
			return
		}
		token, err := verifier.Verify(r.Context(), text)
		if expired := new(oidc.TokenExpiredError); errors.As(err, &expired) {
			http.Error(w, "expired", http.StatusUnauthorized)
			return
		} else if err != nil {
			http.Error(w, "invalid token", http.StatusUnauthorized)
			return
		}
		var claims struct{ Scope string }
		if err := token.Claims(&claims); err != nil || !slices.Contains(strings.Fields(claims.Scope), "orders:read") {
			http.Error(w, "insufficient scope", http.StatusForbidden)
			return
		}
		fmt.Fprintf(w, "Hello, %s", token.Subject)
	})
	return mux, nil
}
