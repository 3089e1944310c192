package auth0

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	jwtmiddleware "github.com/auth0/go-jwt-middleware/v3"
	"github.com/auth0/go-jwt-middleware/v3/jwks"
	"github.com/auth0/go-jwt-middleware/v3/validator"
)

// CustomClaims are the claims that the API reads beside the registered ones.
type CustomClaims struct {
	Scope string `json:"scope"`
}

// Validate has nothing to check.
func (c *CustomClaims) Validate(context.Context) error { return nil }

// Before is the API with auth0/go-jwt-middleware.
func Before(issuer, audience string) (http.Handler, error) {
	check, err := checkJWT(issuer, audience)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /orders", check(http.HandlerFunc(ordersBefore)))
	return mux, nil
}

func checkJWT(issuer, audience string) (func(http.Handler) http.Handler, error) {
	issuerURL, err := url.Parse(issuer)
	if err != nil {
		return nil, err
	}
	provider, err := jwks.NewCachingProvider(jwks.WithIssuerURL(issuerURL))
	if err != nil {
		return nil, err
	}
	jwtValidator, err := validator.New(
		validator.WithKeyFunc(provider.KeyFunc),
		validator.WithAlgorithm(validator.RS256),
		validator.WithIssuer(issuerURL.String()),
		validator.WithAudience(audience),
		validator.WithCustomClaims(func() *CustomClaims { return new(CustomClaims) }),
	)
	if err != nil {
		return nil, err
	}
	m, err := jwtmiddleware.New(jwtmiddleware.WithValidator(jwtValidator))
	if err != nil {
		return nil, err
	}
	return m.CheckJWT, nil
}

func ordersBefore(w http.ResponseWriter, r *http.Request) {
	claims, err := jwtmiddleware.GetClaims[*validator.ValidatedClaims](r.Context())
	if err != nil {
		http.Error(w, "no claims", http.StatusInternalServerError)
		return
	}
	custom, _ := claims.CustomClaims.(*CustomClaims)
	if custom == nil || !slices.Contains(strings.Fields(custom.Scope), "orders:read") {
		http.Error(w, "insufficient scope", http.StatusForbidden)
		return
	}
	fmt.Fprintf(w, "Hello, %s", claims.RegisteredClaims.Subject)
}
