package grpcauth

import (
	"context"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
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

// Stream guards the streaming methods of a server by rules, as [Unary] does the
// others.
//
// A stream that goes on when its token expires is checked again at that moment. If
// it passes, the claims in the handler's context are those of the new check.
// Otherwise it ends with the refusal: at once, also while its handler waits for a
// message. The handler's context is canceled, with the refusal as its cause, and its
// calls to the stream return the refusal. A handler that heeds neither goes on by
// itself, cut off from the caller: gRPC doesn't wait for it any more, not even to
// stop. A call to the stream that waits at that moment is ended by gRPC. Under
// [grpc.Server.ServeHTTP] that isn't so for a SendMsg that waits for a caller who
// doesn't read: it waits until the caller reads or leaves.
//
// A call that was under way at that moment ends after the interceptors before this
// one have returned, and a stats handler may be told of its message after
// [google.golang.org/grpc/stats.End]. So where such an interceptor wraps the stream
// and keeps state in it, the state needs a mutex or an atomic type, and must not go
// back to a pool.
//
// For that the handler of a token that expires runs in a goroutine of its own. If it
// panics, the panic is logged with its stack through grpclog and then goes on in the
// goroutine that gRPC called the interceptor in, where an interceptor that recovers
// sees it. [grpc.SetSendCompressor] and [grpc.ClientSupportedCompressors] find no
// stream in that handler's context: call them in an interceptor before this one.
func Stream(g *middleware.Guard, rules scopes.Rules) grpc.StreamServerInterceptor {
	adapt.MustGuard("grpcauth", g)
	rules = adapt.Rules(rules)
	return func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		ctx := ss.Context()
		r, need := describe(ctx, rules, info.FullMethod, srv)
		pass, err := g.Check(ctx, r, need)
		switch {
		case err != nil:
		case pass.Until.IsZero():
			err = handler(srv, &stream{ServerStream: ss, ctx: pass.Context})
		default:
			w := watch{guard: g, pass: pass, request: r, need: need}
			err = w.run(ss, func(ss grpc.ServerStream) error { return handler(srv, ss) })
		}
		return answer(ctx, err)
	}
}
