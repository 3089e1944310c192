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
// It reads the environment:
//
//   - ISSUER is the issuer of the tokens. If it is empty, the example starts an
//     issuer on loopback, and prints a command that calls every method.
//   - AUDIENCE is the audience of the tokens.
//   - ADDR is the address to listen on.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	thingsv1 "github.com/bearerguard/bearerguard/examples/grpc/things/v1"
	"github.com/bearerguard/bearerguard/examples/internal/demo"
	"github.com/bearerguard/bearerguard/middleware"
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
	// The schema of this API is public. If the schema of your API is secret, do not register
	// reflection.
	"/grpc.reflection.v1.ServerReflection/*":      scopes.Public(),
	"/grpc.reflection.v1alpha.ServerReflection/*": scopes.Public(),
}}

func run(ctx context.Context) (err error) {
	env, err := demo.Start("127.0.0.1:50051")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, env.Close()) }() // the issuer is closed after the guard

	guard, err := middleware.New(
		middleware.JWTConfig{Issuer: env.Issuer, Audience: []string{env.Audience}},
		middleware.Options{Logger: slog.Default()},
	)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, guard.Close()) }() // after the server

	listener, err := env.Listen()
	if err != nil {
		return err
	}
	server, err := newServer(ctx, guard)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	addr := listener.Addr().String()
	env.Introduce(os.Stdout, addr)
	fmt.Printf("READER='%s'\nWRITER='%s'\n", env.Token("read:things"), env.Token("write:things"))
	fmt.Printf("READER=\"$READER\" WRITER=\"$WRITER\" ADDR=%s go run ./examples/grpc/client\n", addr)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	// Running calls have ten seconds to end.
	hurry := time.AfterFunc(10*time.Second, server.Stop)
	defer hurry.Stop()
	server.GracefulStop()
	return nil
}

// newServer returns the API behind its guard. Its streams end when ctx ends.
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
