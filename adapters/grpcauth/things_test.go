package grpcauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// The methods of the service under test.
const (
	get  = "/things.v1.Things/Get"  // unary
	talk = "/things.v1.Things/Talk" // streaming, both ways
)

// things is a service made of two functions, without generated code.
type things struct {
	get  func(ctx context.Context) error
	talk func(stream grpc.ServerStream) error
}

func (s things) register(server grpc.ServiceRegistrar) { s.registerAs(server, "things.v1.Things") }

// registerOn is register for the servers of these tests.
func (s things) registerOn(server *grpc.Server) { s.register(server) }

// registerAs registers s under another name. As in generated code, a unary method still tells
// interceptors its first name.
func (s things) registerAs(server grpc.ServiceRegistrar, name string) {
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: name,
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{
			MethodName: "Get",
			Handler: func(
				srv any, ctx context.Context, dec func(any) error, intercept grpc.UnaryServerInterceptor,
			) (any, error) {
				in := new(emptypb.Empty)
				if err := dec(in); err != nil {
					return nil, err
				}
				handler := func(ctx context.Context, _ any) (any, error) { return new(emptypb.Empty), s.get(ctx) }
				if intercept == nil {
					return handler(ctx, in)
				}
				return intercept(ctx, in, &grpc.UnaryServerInfo{Server: srv, FullMethod: get}, handler)
			},
		}},
		Streams: []grpc.StreamDesc{{
			StreamName: "Talk", ServerStreams: true, ClientStreams: true,
			Handler: func(_ any, stream grpc.ServerStream) error { return s.talk(stream) },
		}},
	}, s)
}

// echo sends each message back until the stream ends.
func echo(stream grpc.ServerStream) error {
	for {
		m := new(wrapperspb.StringValue)
		if err := stream.RecvMsg(m); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := stream.SendMsg(m); err != nil {
			return err
		}
	}
}

// quiet does nothing and succeeds.
func quiet(context.Context) error { return nil }

// serve serves s in memory, so that it works in a bubble of testing/synctest, and
// returns a connection to it.
func serve(t testing.TB, register func(*grpc.Server), opts ...grpc.ServerOption) *grpc.ClientConn {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer(opts...)
	register(server)
	var served sync.WaitGroup
	served.Go(func() { _ = server.Serve(listener) })
	conn, err := grpc.NewClient("passthrough:///things.test",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		server.Stop()
		served.Wait()
	})
	return conn
}

// bearing returns an outgoing context with token, or without one if token is "".
func bearing(ctx context.Context, token string) context.Context {
	if token == "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}

// call calls a unary method of no arguments.
func call(ctx context.Context, conn *grpc.ClientConn, method string, opts ...grpc.CallOption) error {
	return conn.Invoke(ctx, method, new(emptypb.Empty), new(emptypb.Empty), opts...)
}

// open begins a stream of method.
func open(
	t testing.TB, ctx context.Context, conn *grpc.ClientConn, method string, opts ...grpc.CallOption,
) grpc.ClientStream {
	t.Helper()
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, method, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// say sends text and returns the answer.
func say(stream grpc.ClientStream, text string) (string, error) {
	if err := stream.SendMsg(wrapperspb.String(text)); err != nil && !errors.Is(err, io.EOF) { // io.EOF: RecvMsg says more
		return "", err
	}
	m := new(wrapperspb.StringValue)
	err := stream.RecvMsg(m)
	return m.GetValue(), err
}

// byClock is a verifier of tokens that are the time of their expiry in milliseconds; see
// [expiringIn]. The token "forever" never expires.
type byClock struct {
	behind time.Duration // of the verifier's clock
}

func (v byClock) Verify(_ context.Context, token string) (middleware.Claims, error) {
	if token == "forever" {
		return middleware.NewClaims(map[string]any{"sub": "user-1", "scope": "read"})
	}
	ms, err := strconv.ParseInt(token, 10, 64)
	if err != nil {
		return middleware.Claims{}, fmt.Errorf("%w: not a number", middleware.ErrInvalidToken)
	}
	if !time.Now().Add(-v.behind).Before(time.UnixMilli(ms)) {
		return middleware.Claims{}, fmt.Errorf("%w: SECRET cause: expired", middleware.ErrInvalidToken)
	}
	return middleware.NewClaims(map[string]any{"sub": "user-1", "scope": "read", "exp": time.UnixMilli(ms)})
}

// brief is a verifier of tokens that expire soon after their first check, for real connections.
// It handles tokens that begin with "brief" and passes others to outcomes. The second check of a
// token signals its handler and refuses the token. If the token contains "outage", the check
// fails instead.
type brief struct {
	life  time.Duration
	until func(token string) <-chan struct{} // the second check waits for it; nil: for nothing
	mu    sync.Mutex
	known map[string]chan struct{} // by token, closed by the second check
}

func (v *brief) told(token string) <-chan struct{} {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.known[token]
}

func (v *brief) Verify(ctx context.Context, token string) (middleware.Claims, error) {
	if !strings.HasPrefix(token, "brief") {
		return outcomes{}.Verify(ctx, token)
	}
	if v.until != nil && v.told(token) != nil {
		<-v.until(token)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if told, ok := v.known[token]; ok {
		close(told)
		if strings.Contains(token, "outage") {
			return middleware.Claims{}, errors.New("SECRET cause: connection refused")
		}
		return middleware.Claims{}, fmt.Errorf("%w: SECRET cause: expired", middleware.ErrInvalidToken)
	}
	if v.known == nil {
		v.known = make(map[string]chan struct{})
	}
	v.known[token] = make(chan struct{})
	exp := time.Now().Add(v.life).UnixMilli()
	return middleware.NewClaims(map[string]any{"sub": token, "scope": "read", "exp": time.UnixMilli(exp)})
}

// signals are named events, each of which happens once. The zero value is ready to use.
type signals struct {
	mu    sync.Mutex
	known map[string]chan struct{}
}

func (s *signals) of(name string) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = make(map[string]chan struct{})
	}
	if s.known[name] == nil {
		s.known[name] = make(chan struct{})
	}
	return s.known[name]
}

func (s *signals) wait(name string) <-chan struct{} { return s.of(name) }

func expiringIn(d time.Duration) string {
	return strconv.FormatInt(time.Now().Add(d).UnixMilli(), 10)
}

// recorder is an observer that records events.
type recorder struct {
	mu     sync.Mutex
	events []middleware.Event
}

func (r *recorder) observe(_ context.Context, e middleware.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func (r *recorder) all() []middleware.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]middleware.Event(nil), r.events...)
}

// incoming returns the context of a call with token, as a server makes it.
func incoming(ctx context.Context, token string) context.Context {
	return metadata.NewIncomingContext(ctx, metadata.Pairs("authorization", "Bearer "+token))
}

func newGuard(t testing.TB, v middleware.Verifier, opts middleware.Options) *middleware.Guard {
	t.Helper()
	g, err := middleware.NewWithVerifier(v, opts)
	if err != nil {
		t.Fatal(err)
	}
	return g
}
