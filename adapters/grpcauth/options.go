package grpcauth

import (
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
)

// ServerOptions guards every method of a server by rules, unary and streaming ones:
// the two interceptors of [Unary] and [Stream], chained. Interceptors that are to
// see refusals, for logs and metrics or to recover from panics, come before them
// in the list of options. If they wrap streams, see [Stream].
func ServerOptions(g *middleware.Guard, rules scopes.Rules) []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(Unary(g, rules)),
		grpc.ChainStreamInterceptor(Stream(g, rules)),
	}
}
