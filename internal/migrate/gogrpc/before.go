package gogrpc

import (
	"context"
	"slices"
	"strings"

	"github.com/MicahParks/keyfunc/v3"
	thingsv1 "github.com/bearerguard/bearerguard/examples/grpc/things/v1"
	"github.com/golang-jwt/jwt/v5"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/auth"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/selector"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

type tokenClaims struct {
	jwt.RegisteredClaims
	Scope string `json:"scope"`
}

type claimsKey struct{}

// authFunc checks a token, and puts its claims into the context.
func authFunc(keys keyfunc.Keyfunc, issuer, audience string) auth.AuthFunc {
	return func(ctx context.Context) (context.Context, error) {
		token, err := auth.AuthFromMD(ctx, "bearer")
		if err != nil {
			return nil, err
		}
		claims := new(tokenClaims)
		_, err = jwt.ParseWithClaims(token, claims, keys.Keyfunc, jwt.WithValidMethods([]string{"RS256"}),
			jwt.WithIssuer(issuer), jwt.WithAudience(audience), jwt.WithExpirationRequired())
		if err != nil {
			return nil, status.Errorf(codes.Unauthenticated, "invalid auth token: %v", err)
		}
		return context.WithValue(ctx, claimsKey{}, claims), nil
	}
}

// Before is the server with go-grpc-middleware. It reads the keys until ctx ends.
func Before(ctx context.Context, issuer, keysURL, audience string) (*grpc.Server, error) {
	keys, err := keyfunc.NewDefaultCtx(ctx, []string{keysURL})
	if err != nil {
		return nil, err
	}
	check := authFunc(keys, issuer, audience)
	protected := selector.MatchFunc(func(_ context.Context, call interceptors.CallMeta) bool {
		return call.Service != healthpb.Health_ServiceDesc.ServiceName
	})
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(selector.UnaryServerInterceptor(auth.UnaryServerInterceptor(check), protected)),
		grpc.ChainStreamInterceptor(selector.StreamServerInterceptor(auth.StreamServerInterceptor(check), protected)),
	)
	thingsv1.RegisterThingsServer(server, thingsBefore{})
	healthpb.RegisterHealthServer(server, health.NewServer())
	return server, nil
}

type thingsBefore struct {
	thingsv1.UnimplementedThingsServer
}

func (thingsBefore) Read(ctx context.Context, _ *thingsv1.ReadRequest) (*thingsv1.ReadResponse, error) {
	if err := mayRead(ctx); err != nil {
		return nil, err
	}
	return &thingsv1.ReadResponse{Things: []string{"a thing"}}, nil
}

func (thingsBefore) Watch(
	_ *thingsv1.WatchRequest, stream grpc.ServerStreamingServer[thingsv1.WatchResponse],
) error {
	if err := mayRead(stream.Context()); err != nil {
		return err
	}
	return watch(stream)
}

func mayRead(ctx context.Context) error {
	claims, _ := ctx.Value(claimsKey{}).(*tokenClaims)
	if claims == nil || !slices.Contains(strings.Fields(claims.Scope), "read:things") {
		return status.Error(codes.PermissionDenied, "needs read:things")
	}
	return nil
}

// watch sends a thing, and waits for the caller to leave.
func watch(stream grpc.ServerStreamingServer[thingsv1.WatchResponse]) error {
	if err := stream.Send(&thingsv1.WatchResponse{Thing: "a thing"}); err != nil {
		return err
	}
	<-stream.Context().Done()
	return context.Cause(stream.Context())
}
