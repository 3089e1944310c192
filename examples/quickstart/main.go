// The quickstart starts an issuer and an API that it protects, both on loopback,
// and prints a curl line for each outcome: passed, refused, and what happens
// while the issuer is down. It serves until Ctrl-C.
//
// With -demo it sends these requests itself, prints the verdicts, and exits with
// 0 only if each came out as said.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

func main() {
	demo := flag.Bool("demo", false, "send the requests, print the verdicts and exit")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *demo); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, demo bool) (err error) {
	issuer, err := authtest.New(authtest.Config{Addr: "127.0.0.1:0", Audience: "https://api.example"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, issuer.Close()) }()

	// The two statements. The first trusts an issuer ...
	guard, err := middleware.New(
		middleware.JWTConfig{Issuer: issuer.URL(), Audience: []string{"https://api.example"}},
		middleware.Options{Observe: middleware.LogDenials(slog.Default())},
	)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, guard.Close()) }()

	// ... and the second protects a route.
	mux := http.NewServeMux()
	mux.Handle("GET /orders", httpauth.Require(guard, scopes.All("orders:read"))(http.HandlerFunc(orders)))

	// For this demonstration alone: the issuer goes down, and comes back with a
	// new key.
	next, err := authtest.NewKey("ES256")
	if err != nil {
		return err
	}
	mux.HandleFunc("POST /issuer/down", func(http.ResponseWriter, *http.Request) { issuer.Break(authtest.Down()) })
	mux.HandleFunc("POST /issuer/up", func(http.ResponseWriter, *http.Request) {
		issuer.Publish(next)
		issuer.Break(nil)
	})

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	defer func() {
		grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		err = errors.Join(err, server.Shutdown(grace)) // before the guard is closed
	}()

	if err := guard.Ready(ctx); err != nil {
		return err
	}
	steps, err := scenario(issuer, next)
	if err != nil {
		return err
	}
	base := "http://" + listener.Addr().String()
	if demo {
		return play(ctx, os.Stdout, base, steps)
	}
	printCurl(os.Stdout, base, steps)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

func orders(w http.ResponseWriter, r *http.Request) {
	claims, _ := middleware.ClaimsFrom(r.Context())
	_, _ = fmt.Fprintf(w, "orders of %s\n", claims.Subject())
}
