// The nethttp example protects a small API of things on net/http with one policy.
//
//	GET  /public  open
//	GET  /me      any token of the issuer
//	GET  /read    read:things
//	POST /write   write:things
//
// It reads the environment:
//
//   - ISSUER is the issuer of the tokens. If it is empty, the example starts an
//     issuer on loopback, and prints curl commands with tokens.
//   - AUDIENCE is the audience of the tokens.
//   - ADDR is the address to listen on.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/examples/internal/demo"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "nethttp:", err)
		os.Exit(1)
	}
}

var policy = scopes.Policy{Routes: map[string]scopes.Requirement{
	"GET /public": scopes.Public(),
	"GET /me":     scopes.Authenticated(),
	"GET /read":   scopes.All("read:things"),
	"POST /write": scopes.All("write:things"),
}}

func run(ctx context.Context) (err error) {
	env, err := demo.Start("127.0.0.1:8080")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, env.Close()) }()

	guard, err := middleware.New(
		middleware.JWTConfig{Issuer: env.Issuer, Audience: []string{env.Audience}},
		middleware.Options{Logger: slog.Default()},
	)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, guard.Close()) }() // the guard is closed after the server

	handler, err := guarded(guard)
	if err != nil {
		return err
	}
	return env.Serve(ctx, handler)
}

// guarded returns the API behind its guard.
func guarded(guard *middleware.Guard) (http.Handler, error) {
	table, mux := policy.MustCompile(), routes()
	return httpauth.Mux(guard, table, mux), httpauth.Audit(mux, table)
}

// routes returns the API. It has no code for the guard.
func routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /public", say("hello, whoever you are"))
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		claims, _ := middleware.ClaimsFrom(r.Context())
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"sub": claims.Subject()})
	})
	mux.HandleFunc("GET /read", say("here are the things"))
	mux.HandleFunc("POST /write", say("the thing is written"))
	return mux
}

func say(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, text) }
}
