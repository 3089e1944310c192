package grpcauth

import (
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
)

// ServerOptions guards every method of a server by rules. The result chains the interceptors of
// [Unary] and [Stream]. Interceptors that must see refusals, for logs, metrics or recovery,
// come before them in the list of options. If such an interceptor wraps streams, see [Stream].
func ServerOptions(g *middleware.Guard, rules scopes.Rules) []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(Unary(g, rules)),
		grpc.ChainStreamInterceptor(Stream(g, rules)),
	}
}
