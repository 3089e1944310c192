// The grpc example protects a small API of things on gRPC with one policy.
//
//	Public  open
//	Me      any token of the issuer
//	Read    read:things
//	Write   write:things
//	Watch   read:things, a stream that ends with its token
//
// The standard health service and reflection are open.
//
// ISSUER and AUDIENCE say whose tokens count, ADDR where to listen. Without
// ISSUER, an issuer of the example's own runs on loopback, and a line to try it
// with is printed.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	thingsv1 "github.com/bearerguard/bearerguard/examples/grpc/things/v1"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "grpc:", err)
		os.Exit(1)
	}
}

var policy = scopes.Policy{Routes: map[string]scopes.Requirement{
	thingsv1.Things_Public_FullMethodName: scopes.Public(),
	thingsv1.Things_Me_FullMethodName:     scopes.Authenticated(),
	thingsv1.Things_Read_FullMethodName:   scopes.All("read:things"),
	thingsv1.Things_Write_FullMethodName:  scopes.All("write:things"),
	thingsv1.Things_Watch_FullMethodName:  scopes.All("read:things"),

	"/grpc.health.v1.Health/*": scopes.Public(),
	// The schema of this API is no secret. Where it is one, leave these out.
	"/grpc.reflection.v1.ServerReflection/*":      scopes.Public(),
	"/grpc.reflection.v1alpha.ServerReflection/*": scopes.Public(),
}}

func run(ctx context.Context) (err error) {
	audience := cmp.Or(os.Getenv("AUDIENCE"), "https://things.example")
	issuer := os.Getenv("ISSUER")
	var embedded *authtest.Issuer
	if issuer == "" {
		if embedded, err = authtest.New(authtest.Config{Addr: "127.0.0.1:0", Audience: audience}); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, embedded.Close()) }() // last of all
		issuer = embedded.URL()
	}

	guard, err := middleware.New(
		middleware.JWTConfig{Issuer: issuer, Audience: []string{audience}},
		middleware.Options{Observe: middleware.LogDenials(slog.Default())},
	)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, guard.Close()) }() // after the server

	listener, err := net.Listen("tcp", cmp.Or(os.Getenv("ADDR"), "127.0.0.1:50051"))
	if err != nil {
		return fmt.Errorf("%w (ADDR says where to listen)", err)
	}
	server, err := newServer(ctx, guard)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	usage(os.Stdout, listener.Addr().String(), issuer, audience, embedded)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	// Calls under way have ten seconds to come to their end.
	hurry := time.AfterFunc(10*time.Second, server.Stop)
	defer hurry.Stop()
	server.GracefulStop()
	return nil
}

// newServer is the API behind its guard. Its streams end when ctx does.
func newServer(ctx context.Context, guard *middleware.Guard) (*grpc.Server, error) {
	table := policy.MustCompile()
	server := grpc.NewServer(grpcauth.ServerOptions(guard, table)...)
	thingsv1.RegisterThingsServer(server, newThings(ctx.Done()))
	status := health.NewServer()
	context.AfterFunc(ctx, status.Shutdown)
	healthpb.RegisterHealthServer(server, status)
	reflection.Register(server)
	return server, grpcauth.Audit(server, table)
}

// usage says how to try the API. A real issuer's tokens have to be filled in.
func usage(w io.Writer, addr, issuer, audience string, embedded *authtest.Issuer) {
	token := func(scope string) string {
		if embedded == nil {
			return "a token with the scope " + scope
		}
		return embedded.Mint(authtest.Token{Scope: scope, Claims: map[string]any{"exp": time.Now().Add(time.Hour)}})
	}
	fmt.Fprintf(w, "things API on %s, trusting %s for %s\n\n", addr, issuer, audience)
	fmt.Fprintf(w, "READER='%s' WRITER='%s' ADDR=%s go run ./examples/grpc/client\n", token("read:things"), token("write:things"), addr)
}
