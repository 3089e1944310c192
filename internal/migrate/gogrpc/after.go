package gogrpc

import (
	"context"
	"log/slog"

	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	thingsv1 "github.com/bearerguard/bearerguard/examples/grpc/things/v1"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

var policy = scopes.Policy{Routes: map[string]scopes.Requirement{
	"/things.v1.Things/Read":   scopes.All("read:things"),
	"/things.v1.Things/Watch":  scopes.All("read:things"),
	"/things.v1.Things/*":      scopes.Authenticated(),
	"/grpc.health.v1.Health/*": scopes.Public(),
}}.MustCompile()

// After is the server with bearerguard. Close the guard after the server.
func After(issuer, audience string) (*grpc.Server, *middleware.Guard, error) {
	guard, err := middleware.New(middleware.JWTConfig{
		Issuer: issuer, Audience: []string{audience},
	}, middleware.Options{Logger: slog.Default()})
	if err != nil {
		return nil, nil, err
	}
	server := NewServer(guard)
	return server, guard, grpcauth.Audit(server, policy)
}

// NewServer returns the API behind guard.
func NewServer(guard *middleware.Guard) *grpc.Server {
	server := grpc.NewServer(grpcauth.ServerOptions(guard, policy)...) // unary calls and streams
	thingsv1.RegisterThingsServer(server, things{})
	healthpb.RegisterHealthServer(server, health.NewServer())
	return server
}

type things struct {
	thingsv1.UnimplementedThingsServer
}

func (things) Read(context.Context, *thingsv1.ReadRequest) (*thingsv1.ReadResponse, error) {
	return &thingsv1.ReadResponse{Things: []string{"a thing"}}, nil
}

func (things) Watch(_ *thingsv1.WatchRequest, stream grpc.ServerStreamingServer[thingsv1.WatchResponse]) error {
	return watch(stream)
}
