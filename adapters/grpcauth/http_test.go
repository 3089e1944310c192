package grpcauth_test

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// handed serves gRPC through net/http, which passes each call to grpc.Server.ServeHTTP. It
// returns the log of net/http.
func handed(t testing.TB, register func(*grpc.Server), opts ...grpc.ServerOption) (*grpc.ClientConn, *logBuffer) {
	t.Helper()
	server := grpc.NewServer(opts...)
	register(server)
	logged := new(logBuffer)
	front := httptest.NewUnstartedServer(server)
	front.Config.ErrorLog = log.New(logged, "", 0)
	front.Config.Protocols = new(http.Protocols)
	front.Config.Protocols.SetUnencryptedHTTP2(true)
	front.Start()
	conn := dialed(t, front.Listener.Addr().String())
	t.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
		front.Close()
	})
	return conn, logged
}

// dialed is a connection to addr.
func dialed(t testing.TB, addr string, opts ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(addr, append(opts, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// If the status overtakes the first message of the handler, it is sent without headers, and the
// caller sees Unknown, "missing HTTP content-type".
func TestAFirstMessageAtTheEndDoesNotLoseTheStatus(t *testing.T) {
	v := &brief{life: 20 * time.Millisecond}
	var turn, spin atomic.Int64
	say := func(stream grpc.ServerStream) error {
		claims, _ := middleware.ClaimsFrom(stream.Context())
		<-v.told(claims.Subject())
		for range turn.Add(1) % 2000 { // so that some of them run while the interceptor returns
			spin.Add(1)
		}
		_ = stream.SendMsg(wrapperspb.String("first"))
		<-stream.Context().Done()
		return nil
	}
	register := func(s *grpc.Server) { things{quiet, say}.register(s) }
	conn, _ := handed(t, register, grpcauth.ServerOptions(newGuard(t, v, middleware.Options{}), anybody)...)
	var streams sync.WaitGroup
	for i := range 500 {
		streams.Go(func() {
			stream := open(t, bearing(t.Context(), fmt.Sprint("brief-", i)), conn, talk)
			var err error
			for err == nil {
				err = stream.RecvMsg(new(wrapperspb.StringValue))
			}
			if !isExpired(err) {
				t.Error(err)
			}
		})
	}
	streams.Wait()
}

func TestWhereTheFieldsOfARefusalAre(t *testing.T) {
	const challenge = `Bearer realm="api", error="invalid_token"`
	var begun signals // signaled when the stream of a token has made all calls before its end
	g := newGuard(t, &brief{life: 20 * time.Millisecond, until: begun.wait}, middleware.Options{})
	wait := func(stream grpc.ServerStream) error {
		claims, _ := middleware.ClaimsFrom(stream.Context())
		close(begun.of(claims.Subject()))
		<-stream.Context().Done()
		return nil
	}
	begin := func(stream grpc.ServerStream) error { // sends its header, and waits
		if err := stream.SendHeader(nil); err != nil {
			return err
		}
		return wait(stream)
	}
	tests := []struct {
		name, token string
		talk        func(grpc.ServerStream) error
		code        codes.Code
		field, text string
		late        bool // the header is out
	}{
		{"a challenge", "1", wait, codes.Unauthenticated, "www-authenticate", challenge, false},
		{"a time to wait", "outage", wait, codes.Unavailable, "retry-after", "5", false},
		{"nothing", "banned", wait, codes.PermissionDenied, "www-authenticate", "", false},
		{"a challenge at the end", "brief", wait, codes.Unauthenticated, "www-authenticate", challenge, false},
		{"a time to wait at the end", "brief-outage", wait, codes.Unavailable, "retry-after", "5", false},
		{"a challenge behind a header", "brief", begin, codes.Unauthenticated, "www-authenticate", challenge, true},
		{"a time to wait behind a header", "brief-outage", begin, codes.Unavailable, "retry-after", "5", true},
	}
	for n, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			register := func(s *grpc.Server) { things{quiet, tt.talk}.register(s) }
			opts := grpcauth.ServerOptions(g, anybody)
			native := listening(t, register, opts...)
			handed, logged := handed(t, register, opts...)
			judge := func(conn *grpc.ClientConn, err error, header, trailer metadata.MD) {
				t.Helper()
				want, there, elsewhere := []string{tt.text}, trailer, header
				if conn == handed && !tt.late {
					there, elsewhere = header, trailer
				}
				if tt.text == "" || conn == handed && tt.late && tt.field == "www-authenticate" {
					want = nil // since net/http would not send it
				}
				if status.Code(err) != tt.code {
					t.Errorf("%v, want %v", err, tt.code)
				}
				if diff := cmp.Diff([][]string{want, nil}, [][]string{there[tt.field], elsewhere[tt.field]}); diff != "" {
					t.Error(diff)
				}
			}
			for i, conn := range []*grpc.ClientConn{native, handed} {
				var header, trailer metadata.MD
				token := tt.token
				if strings.HasPrefix(token, "brief") {
					token += fmt.Sprintf("-%d-%d", n, i)
				} else {
					err := call(bearing(t.Context(), token), conn, get, grpc.Header(&header), grpc.Trailer(&trailer))
					judge(conn, err, header, trailer)
				}
				stream := open(t, bearing(t.Context(), token), conn, talk)
				err := stream.RecvMsg(new(wrapperspb.StringValue))
				header, _ = stream.Header()
				judge(conn, err, header, stream.Trailer())
			}
			if logged.holds("trailer") { // "ignoring invalid trailer", once a refusal
				t.Errorf("net/http has logged %q", logged.text.String())
			}
		})
	}
}

func TestAHandlersRefusalHasItsFieldsUnderServeHTTP(t *testing.T) {
	g := newGuard(t, byClock{}, middleware.Options{})
	conn, _ := handed(t, func(s *grpc.Server) {
		things{
			func(ctx context.Context) error { return g.Authorize(ctx, scopes.All("write")) },
			func(stream grpc.ServerStream) error { return g.Authorize(stream.Context(), scopes.All("write")) },
		}.register(s)
	}, grpcauth.ServerOptions(g, anybody)...)
	for _, token := range []string{"forever", expiringIn(time.Hour)} {
		var header metadata.MD
		err := call(bearing(t.Context(), token), conn, get, grpc.Header(&header))
		if status.Code(err) != codes.PermissionDenied || len(header["www-authenticate"]) != 1 {
			t.Errorf("unary: %v, header %v", err, header)
		}
		stream := open(t, bearing(t.Context(), token), conn, talk)
		err = stream.RecvMsg(new(wrapperspb.StringValue))
		header, _ = stream.Header()
		if status.Code(err) != codes.PermissionDenied || len(header["www-authenticate"]) != 1 {
			t.Errorf("stream: %v, header %v", err, header)
		}
	}
}

// A client does not retry a call that has received a header. So gRPC's own server sends none.
func TestAClientTriesAgainAfterAnOutage(t *testing.T) {
	const retry = `{"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 2, "initialBackoff": "0.001s",
		"maxBackoff": "0.001s", "backoffMultiplier": 1, "retryableStatusCodes": ["UNAVAILABLE"]}}]}`
	var asked atomic.Int32
	g := newGuard(t, middleware.VerifierFunc(func(ctx context.Context, token string) (middleware.Claims, error) {
		if asked.Add(1)%2 == 1 {
			token = "outage"
		}
		return outcomes{}.Verify(ctx, token)
	}), middleware.Options{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpcauth.ServerOptions(g, anybody)...)
	things{quiet, echo}.register(server)
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	conn := dialed(t, listener.Addr().String(), grpc.WithDefaultServiceConfig(retry))
	defer conn.Close()
	if err := call(bearing(t.Context(), "forever"), conn, get); err != nil {
		t.Errorf("unary: %v", err)
	}
	if got, err := say(open(t, bearing(t.Context(), "forever"), conn, talk), "hello"); got != "hello" {
		t.Errorf("stream: %q, %v", got, err)
	}
	if n := asked.Load(); n != 4 {
		t.Errorf("%d checks, want 4", n)
	}
}
