package providers_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// A transport sends a token to a handler behind a guard, and returns the status of HTTP that was
// the answer.
type transport struct {
	name string
	send func(token string) int
}

// transports serves behind guard on each transport, until the test ends. A caller must meet need. The
// token is sent in header, and if that is empty, in Authorization.
func transports(t *testing.T, guard *middleware.Guard, need scopes.Requirement, header string) []transport {
	t.Helper()
	ok := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{"GET /things": need}}.MustCompile()

	e := echo.New()
	e.Use(echoauth.Enforce(guard, policy))
	e.GET("/things", echo.WrapHandler(ok))

	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	if err := ginauth.Enforce(engine, guard, policy); err != nil {
		t.Fatal(err)
	}
	engine.GET("/things", gin.WrapH(ok))

	return []transport{
		{"net/http", overHTTP(httpauth.Require(guard, need)(ok), header)},
		{"Echo", overHTTP(e, header)},
		{"Gin", overHTTP(engine, header)},
		{"gRPC", overGRPC(t, guard, need, header)},
	}
}

// credentials returns the field of a request that holds token.
func credentials(header, token string) (name, value string) {
	if header == "" {
		return "Authorization", "Bearer " + token
	}
	return header, token
}

func overHTTP(h http.Handler, header string) func(string) int {
	return func(token string) int {
		r := httptest.NewRequest(http.MethodGet, "/things", nil)
		r.Header.Set(credentials(header, token))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
}

const method = "/things.v1.Things/Get"

func overGRPC(t *testing.T, guard *middleware.Guard, need scopes.Requirement, header string) func(string) int {
	t.Helper()
	server := grpc.NewServer(grpcauth.ServerOptions(
		guard, scopes.Policy{Routes: map[string]scopes.Requirement{method: need}}.MustCompile())...)
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "things.v1.Things",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Get", Handler: func(
			srv any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor,
		) (any, error) {
			in := new(emptypb.Empty)
			if err := decode(in); err != nil {
				return nil, err
			}
			info := &grpc.UnaryServerInfo{Server: srv, FullMethod: method}
			return intercept(ctx, in, info, func(context.Context, any) (any, error) { return in, nil })
		}}},
	}, struct{}{})
	listener := bufconn.Listen(1 << 16)
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Stop(); <-served })

	conn, err := grpc.NewClient("passthrough:///things",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return func(token string) int {
		name, value := credentials(header, token)
		ctx := metadata.AppendToOutgoingContext(context.Background(), name, value)
		switch code := status.Code(conn.Invoke(ctx, method, new(emptypb.Empty), new(emptypb.Empty))); code {
		case codes.OK:
			return http.StatusOK
		case codes.Unauthenticated:
			return http.StatusUnauthorized
		case codes.PermissionDenied:
			return http.StatusForbidden
		default:
			t.Errorf("gRPC answers %v", code)
			return 0
		}
	}
}
