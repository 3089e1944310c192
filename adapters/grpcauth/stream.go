package grpcauth

import (
	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
)

// Stream guards the streaming methods of a server by rules, as [Unary] guards the unary ones.
//
// If a token expires during its stream, the stream is checked again at that moment. If it
// passes, the context of the handler has the claims of the new check. Otherwise the stream ends
// with the refusal at once, even if its handler waits for a message:
//
//   - The context of the handler is canceled, with the refusal as its cause.
//   - Calls of the handler to the stream return the refusal.
//   - A handler that ignores both runs on without a connection to the caller. gRPC does not
//     wait for it, not even when the server stops.
//   - gRPC ends a call to the stream that waits at that moment. There is one exception: a
//     SendMsg under [grpc.Server.ServeHTTP] that waits for a caller who does not read. It
//     waits until the caller reads or leaves.
//
// A call to the stream that is running at that moment ends after the interceptors before this
// one have returned. A stats handler may be told of its message after
// [google.golang.org/grpc/stats.End]. So if such an interceptor wraps the stream and keeps
// state in it, the state needs a mutex or an atomic type, and must not be returned to a pool.
//
// To make this possible, the handler runs in a goroutine of its own if its token expires:
//
//   - If the handler panics, the panic is logged with its stack through grpclog. It then
//     continues in the goroutine in which gRPC called the interceptor, so that a recovering
//     interceptor sees it.
//   - [grpc.SetSendCompressor] and [grpc.ClientSupportedCompressors] find no stream in the
//     context of such a handler. Call them in an interceptor before this one.
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
		return refuse(ctx, err)
	}
}
