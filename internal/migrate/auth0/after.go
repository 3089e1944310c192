package auth0

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// After is the API with bearerguard. Close the guard after the server.
func After(issuer, audience string) (http.Handler, *middleware.Guard, error) {
	guard, err := middleware.New(middleware.JWTConfig{
		Issuer: issuer, Audience: []string{audience},
	}, middleware.Options{Logger: slog.Default()})
	if err != nil {
		return nil, nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /orders", httpauth.Require(guard, scopes.All("orders:read"))(http.HandlerFunc(orders)))
	return mux, guard, nil
}

func orders(w http.ResponseWriter, r *http.Request) {
	claims, _ := middleware.ClaimsFrom(r.Context())
	fmt.Fprintf(w, "Hello, %s", claims.Subject())
}

// Trial is the API on its way from one to the other: the old middleware decides, and the guard
// behind it logs each request that it would refuse.
func Trial(issuer, audience string, logger *slog.Logger) (http.Handler, *middleware.Guard, error) {
	check, err := checkJWT(issuer, audience)
	if err != nil {
		return nil, nil, err
	}
	guard, err := middleware.New(middleware.JWTConfig{
		Issuer: issuer, Audience: []string{audience},
	}, middleware.Options{
		Logger:             logger,
		InsecureReportOnly: func(context.Context, middleware.Request) bool { return true },
	})
	if err != nil {
		return nil, nil, err
	}
	report := httpauth.Require(guard, scopes.All("orders:read"))
	mux := http.NewServeMux()
	mux.Handle("GET /orders", check(report(http.HandlerFunc(ordersBefore))))
	return mux, guard, nil
}
