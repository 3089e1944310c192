package grpcauth

import (
	"context"
	"strings"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
)

// ServerOptions guards every method of a server by t, unary and streaming ones:
// the two interceptors of [Unary] and [Stream], chained. Interceptors that are to
// see refusals, for logs and metrics or to recover from panics, come before them
// in the list of options.
func ServerOptions(g *middleware.Guard, t *scopes.Table) []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(Unary(g, t)),
		grpc.ChainStreamInterceptor(Stream(g, t)),
	}
}

// Unary guards the unary methods of a server by t. Alone it leaves the streaming
// ones open, so it is for servers that chain their interceptors by hand; see
// [ServerOptions]. It panics if g is nil: an API that starts without its guard is
// worse than one that doesn't start. A nil t denies everything.
//
// gRPC decodes the request message before it calls an interceptor, so the guard
// can't spare the server that work: [grpc.MaxRecvMsgSize] bounds it.
func Unary(g *middleware.Guard, t *scopes.Table) grpc.UnaryServerInterceptor {
	mustGuard(g)
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		r, need := describe(ctx, t, info.FullMethod, info.Server)
		pass, err := g.Check(ctx, r, need)
		if err != nil {
			return nil, answer(ctx, err)
		}
		resp, err := handler(pass.Context, req)
		return resp, answer(ctx, err)
	}
}

// Stream guards the streaming methods of a server by t, as [Unary] does the
// others.
//
// A stream that goes on when its token expires is checked again at that moment,
// and ends with the refusal: at once, also while its handler waits for a message.
// The handler's context is canceled, with the refusal as its cause, and its calls
// to the stream return the refusal. A handler that heeds neither goes on by itself,
// cut off from the caller: gRPC doesn't wait for it any more, not even to stop.
//
// For that the handler runs in a goroutine of its own. If it panics, the panic is
// logged with its stack through grpclog and then goes on in the goroutine that gRPC
// called the interceptor in, where an interceptor that recovers sees it.
func Stream(g *middleware.Guard, t *scopes.Table) grpc.StreamServerInterceptor {
	mustGuard(g)
	return func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		r, need := describe(ss.Context(), t, info.FullMethod, srv)
		return answer(ss.Context(), g.While(ss.Context(), r, need, func(ctx context.Context) error {
			defer logPanic()
			return handler(srv, &stream{ss, ctx})
		}))
	}
}

// Audit compares t with the methods of server, once all services are registered:
// for a test or at start. The error joins a fault for each method without a rule of
// its own or its service's, and one for each rule that fits no method or service.
// Reflection and health services count like any others.
func Audit(server *grpc.Server, t *scopes.Table) error {
	var routes []string
	for service, info := range server.GetServiceInfo() {
		all := "/" + service + "/*"
		if t.Has(all) {
			routes = append(routes, all)
		}
		for _, method := range info.Methods {
			if full := "/" + service + "/" + method.Name; t.Has(full) || !t.Has(all) {
				routes = append(routes, full)
			}
		}
	}
	return t.Audit(routes)
}

// rule finds what method asks for, and the route's name for the observer. Without
// srv the method isn't registered, and grpc.UnknownServiceHandler serves it: unless
// listed, its name is text of the caller's, which has no place in a log.
func rule(t *scopes.Table, method string, srv any) (route string, need scopes.Requirement) {
	key := method
	if !t.Has(method) {
		// gRPC, too, takes all up to the last slash for the service.
		key = method[:strings.LastIndexByte(method, '/')+1] + "*"
	}
	switch need = t.Lookup(key); {
	case srv != nil:
		return method, need
	case t.Has(key):
		return key, need
	}
	return "", need
}

func mustGuard(g *middleware.Guard) {
	if g == nil {
		panic("grpcauth: nil *middleware.Guard")
	}
}
