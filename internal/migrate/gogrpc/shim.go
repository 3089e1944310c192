package gogrpc

import (
	"context"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// BareToken lets callers send the token alone in "authorization". It stands before the guard. A
// stream needs the same, with a grpc.ServerStream whose Context returns the changed context.
func BareToken(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	md, _ := metadata.FromIncomingContext(ctx) // a copy
	for i, value := range md["authorization"] {
		if strings.Count(value, ".") == 2 && !strings.ContainsAny(value, " \t,") {
			md["authorization"][i] = "Bearer " + value
		}
	}
	return next(metadata.NewIncomingContext(ctx, md), req)
}
