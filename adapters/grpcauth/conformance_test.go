package grpcauth_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/adaptertest"
	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

func TestConformance(t *testing.T) {
	unary := func(ctx context.Context, conn *grpc.ClientConn, opts ...grpc.CallOption) error {
		return call(ctx, conn, get, opts...)
	}
	streaming := func(ctx context.Context, conn *grpc.ClientConn, opts ...grpc.CallOption) error {
		stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, talk, opts...)
		if err != nil {
			return err
		}
		return stream.RecvMsg(new(emptypb.Empty))
	}
	exact := func(need scopes.Requirement) scopes.Policy {
		return scopes.Policy{Routes: map[string]scopes.Requirement{get: need, talk: need}}
	}
	wildcard := func(need scopes.Requirement) scopes.Policy {
		return scopes.Policy{Routes: map[string]scopes.Requirement{"/things.v1.Things/*": need}}
	}
	fallback := func(need scopes.Requirement) scopes.Policy { return scopes.Policy{Default: need} }

	adapters := map[string]adaptertest.Adapter{
		"unary":                  adapter(exact, unary),
		"unary, by the service":  adapter(wildcard, unary),
		"stream":                 adapter(exact, streaming),
		"stream, by the service": adapter(wildcard, streaming),
		"stream, by the policy":  adapter(fallback, streaming),
		"unary, by the policy":   adapter(fallback, unary),
	}
	for name, a := range adapters {
		t.Run(name, func(t *testing.T) {
			adaptertest.Run(t, a, adaptertest.HTTPOnly, adaptertest.WholePolicy, adaptertest.OverTLS)
		})
	}
}

// adapter serves a service over a real socket, under a policy that asks for need.
func adapter(policy func(need scopes.Requirement) scopes.Policy, invoke func(context.Context, *grpc.ClientConn, ...grpc.CallOption) error) adaptertest.Adapter {
	return func(s adaptertest.Setup) (*adaptertest.Server, error) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		server := grpc.NewServer(grpcauth.ServerOptions(s.Guard, policy(s.Need).MustCompile())...)
		things{
			get: s.Handler,
			talk: func(stream grpc.ServerStream) error {
				if err := s.Handler(stream.Context()); err != nil {
					return err
				}
				return stream.SendMsg(new(emptypb.Empty))
			},
		}.register(server)
		served := make(chan struct{})
		go func() { defer close(served); _ = server.Serve(listener) }()
		conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			server.Stop()
			return nil, err
		}
		done := func() { _ = conn.Close(); server.Stop(); <-served }

		send := func(call adaptertest.Call) (adaptertest.Answer, error) {
			md := metadata.MD{}
			for name, values := range call.Header {
				md.Append(name, values...)
			}
			var header, trailer metadata.MD
			err := invoke(metadata.NewOutgoingContext(context.Background(), md), conn, grpc.Header(&header), grpc.Trailer(&trailer))
			st := status.Convert(err)
			answer := adaptertest.Answer{GRPC: uint32(st.Code()), Header: http.Header{}, Body: fmt.Sprint(st.Message(), st.Details())}
			for name, values := range metadata.Join(header, trailer) {
				for _, value := range values {
					answer.Header.Add(name, value)
				}
			}
			return answer, nil
		}
		return &adaptertest.Server{Send: send, Close: done}, nil
	}
}
