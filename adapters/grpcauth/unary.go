package grpcauth

import (
	"context"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
)

// Unary guards the unary methods of a server by rules. It is for servers that chain their
// interceptors by hand; see [ServerOptions]. Alone it leaves the streaming methods open. Nil
// rules deny everything. Unary panics if g is nil, because an API that starts without its guard
// is worse than one that does not start.
//
// gRPC decodes the request message before it calls an interceptor, so the guard cannot save the
// server that work. [grpc.MaxRecvMsgSize] limits it.
//
// A call is checked once, when it begins. A goroutine that runs longer than the handler finds
// the claims of that check in its context, even in one from [context.WithoutCancel].
// [middleware.Guard.Authorize] grants it nothing after the token has expired.
func Unary(g *middleware.Guard, rules scopes.Rules) grpc.UnaryServerInterceptor {
	adapt.MustGuard("grpcauth", g)
	rules = adapt.Rules(rules)
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		r, need := describe(ctx, rules, info.FullMethod, info.Server)
		pass, err := g.Check(ctx, r, need)
		if err != nil {
			return nil, refuse(ctx, err)
		}
		resp, err := handler(pass.Context, req)
		return resp, refuse(ctx, err)
	}
}
