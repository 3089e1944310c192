package grpcauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/middleware"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// over lists the ways to serve gRPC on a real socket.
var over = map[string]func(testing.TB, func(*grpc.Server), ...grpc.ServerOption) *grpc.ClientConn{
	"gRPC's own server": listening,
	"net/http": func(t testing.TB, register func(*grpc.Server), opts ...grpc.ServerOption) *grpc.ClientConn {
		conn, _ := handed(t, register, opts...)
		return conn
	},
}

// listening serves gRPC by its own server.
func listening(t testing.TB, register func(*grpc.Server), opts ...grpc.ServerOption) *grpc.ClientConn {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(opts...)
	register(server)
	var served sync.WaitGroup
	served.Go(func() { _ = server.Serve(listener) })
	conn := dialed(t, listener.Addr().String())
	t.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
		served.Wait()
	})
	return conn
}

// A caller who does not read fills the window, so SendMsg waits. The message that waits when the
// stream is refused is still sent. No later one is.
func TestAMessageThatWaitsForTheCallerHoldsNothing(t *testing.T) {
	for name, serve := range over {
		t.Run(name, func(t *testing.T) {
			var sent signals // signaled when the first message of a token has been sent
			v := &brief{life: 100 * time.Millisecond, until: sent.wait}
			flood := func(stream grpc.ServerStream) error {
				padding := strings.Repeat("x", 16<<10)
				claims, _ := middleware.ClaimsFrom(stream.Context())
				for i := 0; ; i++ {
					err := stream.SendMsg(wrapperspb.String(strconv.Itoa(i) + " " + padding))
					if err == nil {
						if i == 0 {
							close(sent.of(claims.Subject()))
						}
						continue
					}
					if !isExpired(err) {
						t.Errorf("the message that waited: %v", err)
					}
					for range 10 {
						if err := stream.SendMsg(wrapperspb.String("late " + padding)); !isExpired(err) {
							t.Errorf("a later message: %v", err)
						}
					}
					return nil
				}
			}
			conn := serve(t, func(s *grpc.Server) { things{quiet, flood}.register(s) },
				grpcauth.ServerOptions(newGuard(t, v, middleware.Options{}), anybody)...)
			var runs sync.WaitGroup
			for i := range 20 {
				runs.Go(func() {
					token := fmt.Sprint("brief-", i)
					stream := open(t, bearing(t.Context(), token), conn, talk)
					if _, err := stream.Header(); err != nil {
						t.Error(err)
					}
					<-v.told(token) // the caller has read nothing so far
					n := 0
					for {
						m := new(wrapperspb.StringValue)
						err := stream.RecvMsg(m)
						if err != nil {
							if !isExpired(err) {
								t.Errorf("the stream ended with %v", err)
							}
							break
						}
						number, _, _ := strings.Cut(m.GetValue(), " ")
						if number != strconv.Itoa(n) {
							t.Errorf("message %s, want %d", number, n)
						}
						n++
					}
					if n == 0 {
						t.Error("no message came through")
					}
				})
			}
			runs.Wait()
		})
	}
}

// inContext is a stream with another context.
type inContext struct {
	grpc.ServerStream
	ctx context.Context
}

func (s inContext) Context() context.Context { return s.ctx }

// calls are all calls to a stream except RecvMsg. The last ones find it in the context.
var calls = map[string]func(grpc.ServerStream, metadata.MD) error{
	"SendMsg":         func(s grpc.ServerStream, _ metadata.MD) error { return s.SendMsg(wrapperspb.String("late")) },
	"SetHeader":       func(s grpc.ServerStream, md metadata.MD) error { return s.SetHeader(md) },
	"SendHeader":      func(s grpc.ServerStream, md metadata.MD) error { return s.SendHeader(md) },
	"grpc.SetHeader":  func(s grpc.ServerStream, md metadata.MD) error { return grpc.SetHeader(s.Context(), md) },
	"grpc.SendHeader": func(s grpc.ServerStream, md metadata.MD) error { return grpc.SendHeader(s.Context(), md) },
	"grpc.SetTrailer": func(s grpc.ServerStream, md metadata.MD) error { return grpc.SetTrailer(s.Context(), md) },
}

func TestNothingOfARefusedHandlerReachesTheCaller(t *testing.T) {
	late := metadata.Pairs("late", "late")
	for name, serve := range over {
		t.Run(name, func(t *testing.T) {
			var handlers sync.WaitGroup
			handlers.Add(20)
			stubborn := func(stream grpc.ServerStream) error {
				defer handlers.Done()
				<-stream.Context().Done()
				for range 300 { // while the interceptor returns, and after that
					stream.SetTrailer(late)
					for name, call := range calls {
						if err := call(stream, late); !isExpired(err) {
							t.Errorf("%s: %v", name, err)
						}
					}
					if err := stream.RecvMsg(new(emptypb.Empty)); !isExpired(err) {
						t.Errorf("RecvMsg: %v", err)
					}
				}
				return nil
			}
			conn := serve(t, func(s *grpc.Server) { things{quiet, stubborn}.register(s) },
				grpcauth.ServerOptions(newGuard(t, &brief{life: 20 * time.Millisecond}, middleware.Options{}), anybody)...)
			var runs sync.WaitGroup
			for i := range 20 {
				runs.Go(func() {
					stream := open(t, bearing(t.Context(), fmt.Sprint("brief-", i)), conn, talk)
					if err := stream.RecvMsg(new(wrapperspb.StringValue)); !isExpired(err) {
						t.Errorf("ended with %v", err)
					}
					header, _ := stream.Header()
					if md := metadata.Join(header, stream.Trailer()); len(md["late"]) > 0 || len(md["www-authenticate"]) != 1 {
						t.Errorf("header and trailer %v", md)
					}
				})
			}
			runs.Wait()
			handlers.Wait()
		})
	}
}

// Whatever a handler does with its stream during the refusal, there is no data race, and the
// caller sees the refusal.
func TestARefusalInTheMidstOfAllCalls(t *testing.T) {
	for name, serve := range over {
		t.Run(name, func(t *testing.T) {
			var handlers sync.WaitGroup
			handlers.Add(20)
			busy := func(stream grpc.ServerStream) error {
				defer handlers.Done()
				var others sync.WaitGroup
				ended := make(chan struct{})
				others.Go(func() {
					defer close(ended)
					for stream.RecvMsg(new(wrapperspb.StringValue)) == nil {
					}
				})
				others.Go(func() {
					for {
						select {
						case <-ended:
							return
						default:
						}
						md := metadata.MD{"x-nothing": nil}
						stream.SetTrailer(md)
						_ = grpc.SetTrailer(stream.Context(), md)
						_ = grpc.SetHeader(stream.Context(), md)
					}
				})
				for stream.SendMsg(wrapperspb.String("tick")) == nil {
				}
				others.Wait()
				return nil
			}
			conn := serve(t, func(s *grpc.Server) { things{quiet, busy}.register(s) },
				grpcauth.ServerOptions(newGuard(t, &brief{life: 20 * time.Millisecond}, middleware.Options{}), anybody)...)
			for i := range 20 {
				stream := open(t, bearing(t.Context(), fmt.Sprint("brief-", i)), conn, talk)
				var err error
				for err == nil {
					err = stream.RecvMsg(new(wrapperspb.StringValue))
				}
				if !isExpired(err) {
					t.Errorf("ended with %v", err)
				}
			}
			handlers.Wait()
		})
	}
}

// sending is a ServerStream without a server.
type sending struct {
	grpc.ServerStream
	ctx  context.Context
	send func() error
}

func (s *sending) Context() context.Context { return s.ctx }
func (s *sending) SendMsg(any) error        { return s.send() }

// The first message sends the headers. If the status overtook it, net/http would send the status
// without headers.
func TestAStreamDoesNotEndDuringItsFirstMessage(t *testing.T) {
	tests := []struct {
		name   string
		before []error // the messages before the one that is being sent at the end
		held   bool
	}{
		{"the first one", nil, true},
		{"the second one", []error{nil}, false},
		{"one after the first one has failed", []error{errors.New("no such message")}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // the token lives until the stream has begun, however long that takes
				byHTTP := context.WithValue(t.Context(), http.ServerContextKey, new(http.Server))
				ss := &sending{ctx: incoming(byHTTP, expiringIn(20*time.Millisecond))}
				intercept := grpcauth.Stream(newGuard(t, byClock{}, middleware.Options{}), anybody)
				info := &grpc.StreamServerInfo{FullMethod: talk}
				returned, ended := make(chan struct{}), make(chan error, 1)
				var sent atomic.Bool
				err := intercept(things{}, ss, info, func(_ any, stream grpc.ServerStream) error {
					for _, err := range tt.before {
						ss.send = func() error { return err }
						if got := stream.SendMsg(new(emptypb.Empty)); got != err {
							t.Errorf("%v, want %v", got, err)
						}
					}
					ss.send = func() error {
						<-stream.Context().Done() // the stream is refused
						if !tt.held {
							<-returned
						}
						for range 100_000 {
							runtime.Gosched()
						}
						sent.Store(true)
						return nil
					}
					ended <- stream.SendMsg(new(emptypb.Empty))
					return nil
				})
				if !isExpired(err) {
					t.Errorf("the stream ended with %v", err)
				}
				if sent.Load() != tt.held {
					t.Errorf("the message was sent before the end: %v, want %v", !tt.held, tt.held)
				}
				close(returned)
				if err := <-ended; (err == nil) != tt.held || err != nil && !isExpired(err) {
					t.Errorf("the message: %v", err)
				}
			})
		})
	}
}

// waiting is the stream of an interceptor that delays messages, as a rate limiter does.
type waiting struct{ grpc.ServerStream }

func (s waiting) SendMsg(any) error {
	<-s.Context().Done()
	return s.Context().Err()
}

func TestAMessageThatWaitsInAnInterceptorHoldsNothing(t *testing.T) {
	wait := func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		return handler(srv, waiting{ss})
	}
	conn := listening(t, func(s *grpc.Server) {
		things{quiet, func(stream grpc.ServerStream) error { return stream.SendMsg(new(emptypb.Empty)) }}.register(s)
	}, append([]grpc.ServerOption{grpc.ChainStreamInterceptor(wait)},
		grpcauth.ServerOptions(newGuard(t, &brief{life: 20 * time.Millisecond}, middleware.Options{}), anybody)...)...)
	ctx, cancel := context.WithTimeout(bearing(t.Context(), "brief"), time.Minute)
	defer cancel()
	if err := open(t, ctx, conn, talk).RecvMsg(new(emptypb.Empty)); !isExpired(err) {
		t.Errorf("ended with %v", err)
	}
}

func TestAnInterceptorBeforeTheGuardChoosesTheCompressor(t *testing.T) {
	compress := func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		if err := grpc.SetSendCompressor(ss.Context(), "identity"); err != nil {
			return err
		}
		return handler(srv, ss)
	}
	conn := listening(t, func(s *grpc.Server) {
		things{quiet, func(stream grpc.ServerStream) error {
			// The handler's own call fails. A change of the compressor while the interceptor
			// returns would be a data race.
			if err := grpc.SetSendCompressor(stream.Context(), "identity"); err == nil {
				t.Error("the handler reached the stream beside its fence")
			}
			if method, ok := grpc.MethodFromServerStream(stream); method != talk || !ok {
				t.Errorf("method %q", method)
			}
			return echo(stream)
		}}.register(s)
	}, append([]grpc.ServerOption{grpc.ChainStreamInterceptor(compress)},
		grpcauth.ServerOptions(newGuard(t, byClock{}, middleware.Options{}), anybody)...)...)
	if got, err := say(open(t, bearing(t.Context(), expiringIn(time.Hour)), conn, talk), "hello"); got != "hello" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestAHandlersMetadataReachesTheCaller(t *testing.T) {
	for name, serve := range over {
		t.Run(name, func(t *testing.T) {
			conn := serve(t, func(s *grpc.Server) {
				things{quiet, func(stream grpc.ServerStream) error {
					for name, set := range map[string]func(metadata.MD) error{
						"header":       stream.SetHeader,
						"grpc-header":  func(md metadata.MD) error { return grpc.SetHeader(stream.Context(), md) },
						"trailer":      func(md metadata.MD) error { stream.SetTrailer(md); return nil },
						"grpc-trailer": func(md metadata.MD) error { return grpc.SetTrailer(stream.Context(), md) },
					} {
						if err := set(metadata.Pairs("x-"+name, "yes")); err != nil {
							t.Errorf("%s: %v", name, err)
						}
					}
					if err := grpc.SendHeader(stream.Context(), metadata.Pairs("x-sent", "yes")); err != nil {
						t.Errorf("SendHeader: %v", err)
					}
					if err := stream.SendHeader(metadata.Pairs("x-again", "yes")); err == nil {
						t.Error("the headers are sent twice")
					}
					return echo(stream)
				}}.register(s)
			}, grpcauth.ServerOptions(newGuard(t, byClock{}, middleware.Options{}), anybody)...)
			stream := open(t, bearing(t.Context(), expiringIn(time.Hour)), conn, talk)
			if got, err := say(stream, "hello"); got != "hello" {
				t.Fatalf("%q, %v", got, err)
			}
			if err := stream.CloseSend(); err != nil {
				t.Error(err)
			}
			if err := stream.RecvMsg(new(emptypb.Empty)); !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			header, _ := stream.Header()
			for _, name := range []string{"x-header", "x-grpc-header", "x-sent"} {
				if len(header[name]) != 1 {
					t.Errorf("header %v", header)
				}
			}
			for _, name := range []string{"x-trailer", "x-grpc-trailer"} {
				if len(stream.Trailer()[name]) != 1 {
					t.Errorf("trailer %v", stream.Trailer())
				}
			}
		})
	}
}

// A goroutine that runs longer than the handler cannot reach the stream either.
func TestAfterTheHandlerItsStreamHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ss := &counted{recv: func() error { return nil }, ctx: incoming(t.Context(), expiringIn(time.Minute))}
		intercept := grpcauth.Stream(newGuard(t, byClock{}, middleware.Options{}), anybody)
		var kept grpc.ServerStream
		info := &grpc.StreamServerInfo{FullMethod: talk}
		if err := intercept(things{}, ss, info, func(_ any, stream grpc.ServerStream) error {
			kept = stream
			return nil
		}); err != nil {
			t.Error(err)
		}
		if err := kept.SendMsg(new(emptypb.Empty)); status.Code(err) != codes.Canceled {
			t.Errorf("SendMsg: %v", err)
		}
		if err := kept.RecvMsg(new(emptypb.Empty)); status.Code(err) != codes.Canceled {
			t.Errorf("RecvMsg: %v", err)
		}
		if n := ss.calls.Load(); n != 0 {
			t.Errorf("%d calls got through", n)
		}
	})
}
