package grpcauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"

	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// A whole server. The keys of the issuer are found by discovery, in the background.
func Example_quickstart() {
	guard, err := middleware.New(middleware.JWTConfig{
		Issuer: "https://issuer.example", Audience: []string{"https://api.example"},
	}, middleware.Options{Logger: slog.Default()})
	if err != nil {
		log.Fatal(err)
	}
	defer guard.Close()
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
		"/grpc.health.v1.Health/*": scopes.Public(),
	}}.MustCompile()
	server := grpc.NewServer(grpcauth.ServerOptions(guard, policy)...)
	healthpb.RegisterHealthServer(server, health.NewServer())
	fmt.Println(grpcauth.Audit(server, policy))
	// Output: <nil>
}

// newTrust returns an issuer in memory and a guard that trusts it.
func newTrust() (*authtest.Issuer, *middleware.Guard) {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	guard, err := middleware.New(issuer.Config(), middleware.Options{})
	if err != nil {
		log.Fatal(err)
	}
	return issuer, guard
}

// dial serves server on loopback and connects to it.
func dial(server *grpc.Server) *grpc.ClientConn {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	return conn
}

func ExampleServerOptions() {
	issuer, guard := newTrust()
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
		"/grpc.health.v1.Health/Check": scopes.All("health:read"),
		"/grpc.health.v1.Health/*":     scopes.Authenticated(),
	}}.MustCompile()
	server := grpc.NewServer(grpcauth.ServerOptions(guard, policy)...)
	defer server.Stop()
	healthpb.RegisterHealthServer(server, health.NewServer())
	conn := dial(server)
	defer conn.Close()

	// A caller finds out why it was refused, and what would have been enough.
	ctx := metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+issuer.Mint(authtest.Token{}))
	var trailer metadata.MD
	_, err := healthpb.NewHealthClient(conn).Check(ctx, new(healthpb.HealthCheckRequest), grpc.Trailer(&trailer))
	st := status.Convert(err)
	fmt.Println(st.Code(), st.Message())
	for _, detail := range st.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			fmt.Println(info.GetDomain(), info.GetReason(), info.GetMetadata()["scope"])
		}
	}
	fmt.Println(trailer["www-authenticate"])

	// The other methods of the service take any token.
	watch, err := healthpb.NewHealthClient(conn).Watch(ctx, new(healthpb.HealthCheckRequest))
	if err != nil {
		log.Fatal(err)
	}
	health, err := watch.Recv()
	fmt.Println(health.GetStatus(), err)
	// Output:
	// PermissionDenied insufficient scope
	// bearerguard INSUFFICIENT_SCOPE health:read
	// [Bearer realm="api", error="insufficient_scope", scope="health:read"]
	// SERVING <nil>
}

// A server takes one grpc.UnaryInterceptor. The second one panics. An interceptor that is not
// chained runs before all chained ones.
func ExampleServerOptions_incorrect() {
	_, guard := newTrust()
	var policy *scopes.Table
	logging := func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		return handler(ctx, req)
	}
	func() {
		defer func() { fmt.Println(recover()) }()
		grpc.NewServer(grpc.UnaryInterceptor(logging), grpc.UnaryInterceptor(grpcauth.Unary(guard, policy)))
	}()

	// Correct: interceptors that must see refusals come first, and all are chained.
	grpc.NewServer(append([]grpc.ServerOption{grpc.ChainUnaryInterceptor(logging)},
		grpcauth.ServerOptions(guard, policy)...)...)
	// Output: The unary server interceptor was already set and may not be reset.
}

// Unary and Stream are for servers that chain their interceptors by hand. Use both, otherwise
// the streams stay open.
func ExampleUnary() {
	_, guard := newTrust()
	var policy *scopes.Table // denies everything
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(grpcauth.Unary(guard, policy)),
		grpc.ChainStreamInterceptor(grpcauth.Stream(guard, policy)),
	)
	defer server.Stop()
	healthpb.RegisterHealthServer(server, health.NewServer())
	conn := dial(server)
	defer conn.Close()
	_, err := healthpb.NewHealthClient(conn).Check(context.Background(), new(healthpb.HealthCheckRequest))
	fmt.Println(err)
	// Output: rpc error: code = PermissionDenied desc = access denied
}

// A handler learns from its context that the token has expired.
func ExampleStream() {
	watch := func(_ any, stream grpc.ServerStream) error {
		claims, _ := middleware.ClaimsFrom(stream.Context())
		fmt.Println("watched by", claims.Subject())
		<-stream.Context().Done()
		return context.Cause(stream.Context())
	}
	_, guard := newTrust()
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
		"/things.v1.Things/*": scopes.All("things:read"),
	}}.MustCompile()
	server := grpc.NewServer(grpc.ChainStreamInterceptor(grpcauth.Stream(guard, policy)))
	defer server.Stop()
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "things.v1.Things", HandlerType: (*any)(nil),
		Streams: []grpc.StreamDesc{{StreamName: "Watch", ServerStreams: true, Handler: watch}},
	}, struct{}{})
	fmt.Println(grpcauth.Audit(server, policy))
	// Output: <nil>
}

// After all services are registered, Audit finds misspelled rules before any call comes.
func ExampleAudit() {
	server := grpc.NewServer()
	healthpb.RegisterHealthServer(server, health.NewServer())
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
		"/grpc.health.v1.Health/Chekc": scopes.Public(),
		"/grpc.health.v1.Health/List":  scopes.Public(),
		"/grpc.health.v1.Health/Watch": scopes.Public(),
	}}.MustCompile()
	fmt.Println(grpcauth.Audit(server, policy))
	// Output:
	// scopes: route "/grpc.health.v1.Health/Check" has no rule
	// scopes: rule "/grpc.health.v1.Health/Chekc" has no route
}

// The handler decides what does not depend on the route alone, and returns the refusal as it is.
func Example_authorize() {
	_, guard := newTrust()
	remove := func(ctx context.Context, owner string) error {
		claims, ok := middleware.ClaimsFrom(ctx)
		if ok && claims.Subject() == owner {
			return nil
		}
		return guard.Authorize(ctx, scopes.All("things:admin"))
	}
	intercept := grpcauth.Unary(guard, scopes.Policy{Default: scopes.Optional()}.MustCompile())
	_, err := intercept(context.Background(), nil, &grpc.UnaryServerInfo{FullMethod: "/things.v1.Things/Remove"},
		func(ctx context.Context, _ any) (any, error) { return nil, remove(ctx, "alice") })
	fmt.Println(err)
	// Output: rpc error: code = Unauthenticated desc = authentication required
}

// These messages stand for generated ones.
type (
	listOrdersRequest  struct{ tenant string }
	listOrdersResponse struct{ orders string }
)

func (r *listOrdersRequest) GetTenant() string { return r.tenant }

// orderServer is a service. It returns the refusal as it is, and the guard makes it a status.
type orderServer struct{ guard *middleware.Guard }

func (s *orderServer) ListOrders(ctx context.Context, r *listOrdersRequest) (*listOrdersResponse, error) {
	claims, _ := middleware.ClaimsFrom(ctx)
	tenant, err := middleware.Claim[string](claims, "tenant")
	if err == nil && tenant != r.GetTenant() {
		err = errors.New("the request names another tenant")
	}
	if err != nil {
		return nil, s.guard.Forbid(ctx, err)
	}
	return &listOrdersResponse{orders: "orders of " + tenant}, nil
}

// The claim tenant must equal the tenant in the request. A token without the claim is refused,
// too. The log gets the reason, and the caller does not.
func Example_tenant() {
	issuer, guard := newTrust()
	server := &orderServer{guard}
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
		"/orders.v1.Orders/List": scopes.All("orders:read"),
	}}.MustCompile()
	intercept := grpcauth.Unary(guard, policy)
	list := func(tenant, token string) {
		// A gRPC server calls the interceptor in this way.
		resp, err := intercept(
			metadata.NewIncomingContext(context.Background(), metadata.Pairs("authorization", "Bearer "+token)),
			&listOrdersRequest{tenant}, &grpc.UnaryServerInfo{Server: server, FullMethod: "/orders.v1.Orders/List"},
			func(ctx context.Context, r any) (any, error) { return server.ListOrders(ctx, r.(*listOrdersRequest)) },
		)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(resp.(*listOrdersResponse).orders)
	}
	acme := issuer.Mint(authtest.Token{Scope: "orders:read", Claims: map[string]any{"tenant": "acme"}})
	list("acme", acme)
	list("other", acme)
	list("acme", issuer.Mint(authtest.Token{Scope: "orders:read"}))
	// Output:
	// orders of acme
	// rpc error: code = PermissionDenied desc = access denied
	// rpc error: code = PermissionDenied desc = access denied
}

// A stream carries many messages, and some ask for more than the stream itself. The
// handler judges each of them.
func Example_messages() {
	issuer, guard := newTrust()
	needs := map[string]scopes.Requirement{"list": scopes.All("things:read"), "remove": scopes.All("things:admin")}
	command := func(_ any, stream grpc.ServerStream) error {
		for {
			m := new(wrapperspb.StringValue)
			if err := stream.RecvMsg(m); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
			// A command that isn't listed needs the zero Requirement, which denies.
			if err := guard.Authorize(stream.Context(), needs[m.GetValue()]); err != nil {
				return err // ends the stream, which a protocol answer would not do
			}
			if err := stream.SendMsg(wrapperspb.String(m.GetValue() + ": done")); err != nil {
				return err
			}
		}
	}
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
		"/things.v1.Things/*": scopes.All("things:read"),
	}}.MustCompile()
	server := grpc.NewServer(grpcauth.ServerOptions(guard, policy)...)
	defer server.Stop()
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "things.v1.Things", HandlerType: (*any)(nil),
		Streams: []grpc.StreamDesc{{StreamName: "Command", ServerStreams: true, ClientStreams: true, Handler: command}},
	}, struct{}{})
	conn := dial(server)
	defer conn.Close()

	token := issuer.Mint(authtest.Token{Scope: "things:read"})
	ctx := metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+token)
	desc := &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	stream, err := conn.NewStream(ctx, desc, "/things.v1.Things/Command")
	if err != nil {
		log.Fatal(err)
	}
	for _, text := range []string{"list", "remove"} {
		if err := stream.SendMsg(wrapperspb.String(text)); err != nil {
			log.Fatal(err)
		}
		answer := new(wrapperspb.StringValue)
		if err := stream.RecvMsg(answer); err != nil {
			fmt.Println(err)
			fmt.Println(stream.Trailer()["www-authenticate"])
			return
		}
		fmt.Println(answer.GetValue())
	}
	// Output:
	// list: done
	// rpc error: code = PermissionDenied desc = insufficient scope
	// [Bearer realm="api", error="insufficient_scope", scope="things:admin"]
}
