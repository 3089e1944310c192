package attack_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"
	"google.golang.org/grpc"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// request is what an attacker sends. The header is written octet by octet as it is here, so that it
// can have fields that no client would send.
type request struct {
	method, target string // "" is GET /things; not on gRPC
	header         http.Header
	body           string // of a form; not on gRPC
	trailer        string // a line after the last chunk of a body; not on gRPC
}

// answer is all that the attacker can see.
type answer struct {
	status int // of HTTP, or the code of gRPC
	header http.Header
	body   string
}

// A transport serves handler behind a guard. send may be called concurrently, until done is called.
type transport struct {
	name  string
	grpc  bool
	serve func(
		g *middleware.Guard, need scopes.Requirement, handler func(context.Context),
	) (send func(request) (answer, error), done func())
}

// transports returns the four adapters. They serve over real sockets, or in memory if the clock
// must stand still. The adapter for gRPC is tested twice, because it has separate code for streams.
func transports(inMemory bool) []transport {
	overHTTP, listen := onSocket, listenOnSocket
	if inMemory {
		overHTTP, listen = onRecorder, listenInMemory
	}
	return []transport{
		{name: "net/http", serve: overHTTP(func(g *middleware.Guard, need scopes.Requirement, next http.Handler) http.Handler {
			mux := http.NewServeMux()
			mux.Handle("/things", next)
			return httpauth.Mux(g, scopes.Policy{Routes: map[string]scopes.Requirement{"/things": need}}.MustCompile(), mux)
		})},
		{name: "Echo", serve: overHTTP(func(g *middleware.Guard, need scopes.Requirement, next http.Handler) http.Handler {
			e := echo.New()
			e.Use(echoauth.Enforce(g, things(need)))
			e.Any("/things", echo.WrapHandler(next))
			return e
		})},
		{name: "Gin", serve: overHTTP(func(g *middleware.Guard, need scopes.Requirement, next http.Handler) http.Handler {
			engine := gin.New()
			if err := ginauth.Enforce(engine, g, things(need)); err != nil {
				panic(err) // it has no routes yet
			}
			engine.Any("/things", gin.WrapH(next))
			return engine
		})},
		{name: "gRPC", grpc: true, serve: onGRPC(listen, unary)},
		{name: "gRPC, a stream", grpc: true, serve: onGRPC(listen, streamed)},
	}
}

func init() { gin.SetMode(gin.ReleaseMode) }

func things(need scopes.Requirement) *scopes.Table {
	return scopes.Policy{Routes: map[string]scopes.Requirement{"GET /things": need, "POST /things": need}}.MustCompile()
}

type (
	guarded = func(g *middleware.Guard, need scopes.Requirement, next http.Handler) http.Handler
	server  = func(
		g *middleware.Guard, need scopes.Requirement, handler func(context.Context),
	) (func(request) (answer, error), func())
)

// sockets is in front of each API on HTTP, so that no attack gets through it.
var sockets = httpauth.Subprotocol("bearer.")

func handle(handler func(context.Context)) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { handler(r.Context()) })
}

// onSocket writes requests itself, because the client of net/http refuses to send most of them.
func onSocket(guard guarded) server {
	return func(
		g *middleware.Guard, need scopes.Requirement, handler func(context.Context),
	) (func(request) (answer, error), func()) {
		s := httptest.NewServer(sockets(guard(g, need, handle(handler))))
		return func(r request) (answer, error) {
			conn, err := net.Dial("tcp", s.Listener.Addr().String())
			if err != nil {
				return answer{}, err
			}
			defer conn.Close()
			// The server may answer before it has read all of a large header.
			go func() { _, _ = io.WriteString(conn, r.text(s.Listener.Addr().String())) }()
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				return answer{}, err
			}
			return read(resp)
		}, s.Close
	}
}

// text returns the octets of r.
func (r request) text(host string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", r.methodOr(), r.targetOr(), host)
	for name, values := range r.header {
		for _, value := range values {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	if r.trailer != "" {
		name, _, _ := strings.Cut(r.trailer, ":")
		fmt.Fprintf(&b, "Trailer: %s\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n%s\r\n\r\n", name, r.trailer)
		return b.String()
	}
	if r.body != "" {
		fmt.Fprintf(&b, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n", len(r.body))
	}
	return b.String() + "\r\n" + r.body
}

func (r request) methodOr() string {
	if r.method == "" {
		return http.MethodGet
	}
	return r.method
}

func (r request) targetOr() string {
	if r.target == "" {
		return "/things"
	}
	return r.target
}

func read(resp *http.Response) (answer, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(body)}, err
}

func onRecorder(guard guarded) server {
	return func(
		g *middleware.Guard, need scopes.Requirement, handler func(context.Context),
	) (func(request) (answer, error), func()) {
		h := sockets(guard(g, need, handle(handler)))
		return func(r request) (answer, error) {
			w := httptest.NewRecorder()
			in := httptest.NewRequest(r.methodOr(), r.targetOr(), strings.NewReader(r.body))
			in.Header = r.header.Clone()
			h.ServeHTTP(w, in)
			return read(w.Result())
		}, func() {}
	}
}

type dialer = func(context.Context) (net.Conn, error)

func listenOnSocket() (net.Listener, dialer) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return l, func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
	}
}

func listenInMemory() (net.Listener, dialer) {
	l := bufconn.Listen(1 << 20)
	return l, l.DialContext
}

// The methods of a service. Each calls the handler once.
const (
	unary    = "/things.v1.Things/Get"
	streamed = "/things.v1.Things/Watch"
)

// onGRPC serves both methods and attacks one of them.
func onGRPC(listen func() (net.Listener, dialer), method string) server {
	return func(
		g *middleware.Guard, need scopes.Requirement, handler func(context.Context),
	) (func(request) (answer, error), func()) {
		listener, dial := listen()
		s := grpc.NewServer(grpcauth.ServerOptions(
			g, scopes.Policy{Routes: map[string]scopes.Requirement{unary: need, streamed: need}}.MustCompile(),
		)...)
		s.RegisterService(&grpc.ServiceDesc{
			ServiceName: "things.v1.Things",
			HandlerType: (*any)(nil),
			Methods: []grpc.MethodDesc{{MethodName: "Get", Handler: func(
				srv any, ctx context.Context, dec func(any) error, intercept grpc.UnaryServerInterceptor,
			) (any, error) {
				in := new(emptypb.Empty)
				if err := dec(in); err != nil {
					return nil, err
				}
				info := &grpc.UnaryServerInfo{Server: srv, FullMethod: unary}
				return intercept(ctx, in, info, func(ctx context.Context, _ any) (any, error) {
					handler(ctx)
					return new(emptypb.Empty), nil
				})
			}}},
			Streams: []grpc.StreamDesc{{StreamName: "Watch", ServerStreams: true, Handler: func(
				_ any, stream grpc.ServerStream,
			) error {
				handler(stream.Context())
				return stream.SendMsg(new(emptypb.Empty))
			}}},
		}, struct{}{})
		served := make(chan struct{})
		go func() { defer close(served); _ = s.Serve(listener) }()
		return func(r request) (answer, error) {
			conn, err := dial(context.Background())
			if err != nil {
				return answer{}, err
			}
			defer conn.Close()
			return call(conn, method, r)
		}, func() { s.Stop(); <-served }
	}
}
