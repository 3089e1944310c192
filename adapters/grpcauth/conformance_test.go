package grpcauth_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/adaptertest"
	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Three policies. Each has the same requirements for the methods as the policy of the case
// has for "GET /things".
var (
	byMethod  = policyFor(get, talk)
	byService = policyFor("/things.v1.Things/*")
	byDefault = func(p scopes.Policy) scopes.Policy { return scopes.Policy{Default: p.Routes["GET /things"]} }
)

func policyFor(routes ...string) func(scopes.Policy) scopes.Policy {
	return func(p scopes.Policy) scopes.Policy {
		rules := map[string]scopes.Requirement{}
		for _, route := range routes {
			if need, found := p.Routes["GET /things"]; found {
				rules[route] = need
			}
		}
		return scopes.Policy{Routes: rules, Default: p.Default, Unrouted: p.Unrouted}
	}
}

func TestConformance(t *testing.T) {
	// gRPC itself answers calls that no method serves, and the HTTP method is always POST.
	lacks := []adaptertest.Feature{
		adaptertest.HTTPOnly, adaptertest.JudgesUnrouted, adaptertest.JudgesHEAD, adaptertest.HEADRules,
	}
	unary := append(lacks[:len(lacks):len(lacks)], adaptertest.Streams)
	streaming := append(lacks[:len(lacks):len(lacks)], adaptertest.Requests)
	for _, tt := range []struct {
		name   string
		policy func(scopes.Policy) scopes.Policy
		invoke invoke
		lacks  []adaptertest.Feature
	}{
		{"unary", byMethod, callOnce, unary},
		{"unary, by the service", byService, callOnce, unary},
		{"unary, by the policy", byDefault, callOnce, append(unary, adaptertest.WholePolicy)},
		{"stream", byMethod, readAll, streaming},
		{"stream, by the service", byService, readAll, streaming},
		{"stream, by the policy", byDefault, readAll, append(streaming, adaptertest.WholePolicy)},
	} {
		t.Run(tt.name, func(t *testing.T) { adaptertest.Run(t, adapter(tt.policy, tt.invoke), tt.lacks...) })
	}
}

// invoke makes a call and returns the messages that came back.
type invoke func(ctx context.Context, conn *grpc.ClientConn, opts ...grpc.CallOption) (string, error)

func callOnce(ctx context.Context, conn *grpc.ClientConn, opts ...grpc.CallOption) (string, error) {
	return "", call(ctx, conn, get, opts...)
}

func readAll(ctx context.Context, conn *grpc.ClientConn, opts ...grpc.CallOption) (messages string, err error) {
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, talk, opts...)
	if err != nil {
		return "", err
	}
	for {
		m := new(wrapperspb.StringValue)
		if err := stream.RecvMsg(m); errors.Is(err, io.EOF) {
			return messages, nil
		} else if err != nil {
			return messages, err
		}
		messages += m.GetValue()
	}
}

// adapter serves a service over a real socket.
func adapter(policy func(scopes.Policy) scopes.Policy, invoke invoke) adaptertest.Adapter {
	return func(s adaptertest.Setup) (*adaptertest.Server, error) {
		table, err := policy(s.Rules()).Compile()
		if err != nil {
			return nil, err
		}
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		ofServer, ofClient, err := transport(s)
		if err != nil {
			return nil, err
		}
		conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(ofClient))
		if err != nil {
			return nil, err
		}
		options := append(outerRecovery(s), grpc.Creds(ofServer))
		server := grpc.NewServer(append(options, grpcauth.ServerOptions(s.Guard, table)...)...)
		things{get: s.Handler, talk: native(s)}.register(server)
		served := make(chan struct{})
		go func() { defer close(served); _ = server.Serve(listener) }()

		send := func(call adaptertest.Call) (adaptertest.Answer, error) {
			md := metadata.MD{}
			for name, values := range call.Header {
				md.Append(name, values...)
			}
			var header, trailer metadata.MD
			ctx := metadata.NewOutgoingContext(context.Background(), md)
			messages, err := invoke(ctx, conn, grpc.Header(&header), grpc.Trailer(&trailer))
			st := status.Convert(err)
			body := fmt.Sprint(messages, st.Message(), st.Details())
			answer := adaptertest.Answer{GRPC: uint32(st.Code()), Header: http.Header{}, Body: body}
			for name, values := range metadata.Join(header, trailer) {
				for _, value := range values {
					answer.Header.Add(name, value)
				}
			}
			return answer, nil
		}
		return &adaptertest.Server{Send: send, Close: func() { _ = conn.Close(); server.Stop(); <-served }}, nil
	}
}

// native serves s by a handler of a stream that a user would write.
func native(s adaptertest.Setup) func(grpc.ServerStream) error {
	return func(stream grpc.ServerStream) error {
		if s.Stream == nil {
			return s.Handler(stream.Context())
		}
		return s.Stream(stream.Context(), func(message string) error { return stream.SendMsg(wrapperspb.String(message)) })
	}
}

// outerRecovery recovers from a panic and does nothing else.
func outerRecovery(s adaptertest.Setup) []grpc.ServerOption {
	if s.Recover == nil {
		return nil
	}
	caught := func() {
		if p := recover(); p != nil {
			s.Recover(p)
		}
	}
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(func(
			ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler,
		) (resp any, err error) {
			resp = new(emptypb.Empty)
			defer caught()
			return handler(ctx, req)
		}),
		grpc.ChainStreamInterceptor(func(
			srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler,
		) error {
			defer caught()
			return handler(srv, ss)
		}),
	}
}

// transport returns the credentials of the server, and those of its client.
func transport(s adaptertest.Setup) (ofServer, ofClient credentials.TransportCredentials, err error) {
	if s.TLS == nil {
		return insecure.NewCredentials(), insecure.NewCredentials(), nil
	}
	certificate, err := x509.ParseCertificate(s.TLS.Certificates[0].Certificate[0])
	if err != nil {
		return nil, nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	return credentials.NewTLS(s.TLS), credentials.NewTLS(&tls.Config{RootCAs: roots}), nil
}
