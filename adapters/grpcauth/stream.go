package grpcauth

import (
	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
)

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
