package peers

import (
	"context"

	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/benchmarks/internal/workload"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/auth"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const method = "/orders.v1.Orders/List"

// overGRPC calls an interceptor as a server does, with the metadata of a request in the
// context. If the interceptor is nil, it calls only the handler.
func overGRPC(intercept grpc.UnaryServerInterceptor) Handler {
	handler := func(context.Context, any) (any, error) { return nil, nil }
	info := &grpc.UnaryServerInfo{Server: struct{}{}, FullMethod: method}
	return func(token string) func() error {
		md := metadata.Pairs(":authority", "api.example", "content-type", "application/grpc", "user-agent", "grpc-go")
		if token != "" {
			md.Set("authorization", "Bearer "+token)
		}
		ctx := metadata.NewIncomingContext(context.Background(), md)
		return func() error {
			var err error
			if intercept == nil {
				_, err = handler(ctx, nil)
			} else {
				_, err = intercept(ctx, nil, info, handler)
			}
			return err
		}
	}
}

func bareGRPC(*workload.World) (Handler, error) { return overGRPC(nil), nil }

func guardGRPC(g *middleware.Guard) Handler { return overGRPC(grpcauth.Unary(g, table(method))) }

type grpcClaims struct{}

// grpcGolangJWT is the authentication of go-grpc-middleware, with golang-jwt as the
// verifier. The package has no verifier of its own, and most of its users take golang-jwt.
func grpcGolangJWT(w *workload.World) (Handler, error) {
	verify, err := newGolangJWT(w)
	if err != nil {
		return nil, err
	}
	return overGRPC(auth.UnaryServerInterceptor(func(ctx context.Context) (context.Context, error) {
		token, err := auth.AuthFromMD(ctx, "bearer")
		if err != nil {
			return nil, err
		}
		subject, err := verify(token)
		if err != nil {
			return nil, status.Error(codes.Unauthenticated, "invalid token")
		}
		return context.WithValue(ctx, grpcClaims{}, subject), nil
	})), nil
}
