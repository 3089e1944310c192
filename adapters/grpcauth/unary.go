package grpcauth

import (
	"context"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
)

// Unary guards the unary methods of a server by rules. Alone it leaves the streaming
// ones open, so it is for servers that chain their interceptors by hand; see
// [ServerOptions]. It panics if g is nil: an API that starts without its guard is
// worse than one that doesn't start. Nil rules deny everything.
//
// gRPC decodes the request message before it calls an interceptor, so the guard
// can't spare the server that work: [grpc.MaxRecvMsgSize] bounds it.
//
// A call is checked once, when it begins. What the handler leaves behind, such as a
// goroutine with a context from [context.WithoutCancel], finds the claims of that
// check in its context, and [middleware.Guard.Authorize] grants it nothing after the
// token's expiry.
func Unary(g *middleware.Guard, rules scopes.Rules) grpc.UnaryServerInterceptor {
	adapt.MustGuard("grpcauth", g)
	rules = adapt.Rules(rules)
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		r, need := describe(ctx, rules, info.FullMethod, info.Server)
		pass, err := g.Check(ctx, r, need)
		if err != nil {
			return nil, answer(ctx, err)
		}
		resp, err := handler(pass.Context, req)
		return resp, answer(ctx, err)
	}
}
