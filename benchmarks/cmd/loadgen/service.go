package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// things is the handler that is served with and without a guard.
func things() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /things", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"things":["a chair","a table"]}`)
	})
	return mux
}

// guarded serves things to callers with a token of issuer. Close the server, then the guard.
func guarded(ctx context.Context, issuer *authtest.Issuer) (*httptest.Server, *middleware.Guard, error) {
	guard, err := middleware.New(middleware.JWTConfig{
		Issuer: issuer.URL(), Audience: []string{issuer.Audience()},
	}, middleware.Options{})
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := guard.Ready(ctx); err != nil {
		return nil, nil, errors.Join(err, guard.Close())
	}
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{"GET /things": scopes.All(scope)}}.MustCompile()
	return httptest.NewServer(httpauth.Mux(guard, policy, things())), guard, nil
}
