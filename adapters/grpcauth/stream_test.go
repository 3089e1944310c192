package grpcauth_test

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/grpclog"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

var anybody = scopes.Policy{Default: scopes.Authenticated()}.MustCompile()

// talking serves talk behind a guard that needs any valid token.
func talking(
	t *testing.T, g *middleware.Guard, talk func(grpc.ServerStream) error, outer ...grpc.ServerOption,
) *grpc.ClientConn {
	t.Helper()
	return serve(t, func(s *grpc.Server) {
		things{quiet, talk}.register(s)
	}, append(outer, grpcauth.ServerOptions(g, anybody)...)...)
}

func TestAStreamEndsWithItsToken(t *testing.T) {
	const life = 10 * time.Minute
	tests := []struct {
		name string
		talk func(ended chan<- error) func(grpc.ServerStream) error
		told func(error) bool // the result of the handler's calls
	}{
		{"while it waits for a message", func(ended chan<- error) func(grpc.ServerStream) error {
			return func(stream grpc.ServerStream) error {
				err := echo(stream)
				ended <- err
				return err
			}
		}, isExpired},
		{"while it waits for its context", func(ended chan<- error) func(grpc.ServerStream) error {
			return func(stream grpc.ServerStream) error {
				<-stream.Context().Done()
				ended <- context.Cause(stream.Context())
				return nil
			}
		}, isExpired},
		{"while it sends from time to time", func(ended chan<- error) func(grpc.ServerStream) error {
			return func(stream grpc.ServerStream) error {
				for {
					if err := stream.SendMsg(wrapperspb.String("tick")); err != nil {
						ended <- err
						return err
					}
					time.Sleep(time.Minute + time.Second)
				}
			}
		}, isExpired},
		{"while it sends more than the caller reads", func(ended chan<- error) func(grpc.ServerStream) error {
			return func(stream grpc.ServerStream) error {
				for {
					if err := stream.SendMsg(wrapperspb.String(strings.Repeat("x", 64<<10))); err != nil {
						ended <- err
						return err
					}
				}
			}
		}, isExpired},
		{"whatever its handler returns", func(ended chan<- error) func(grpc.ServerStream) error {
			return func(stream grpc.ServerStream) error {
				<-stream.Context().Done()
				ended <- nil
				return status.Error(codes.NotFound, "never mind")
			}
		}, func(err error) bool { return err == nil }},
		{"also if its handler ignores its context and stream", func(ended chan<- error) func(grpc.ServerStream) error {
			return func(grpc.ServerStream) error {
				time.Sleep(2 * life)
				ended <- nil
				return nil
			}
		}, func(err error) bool { return err == nil }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var seen recorder
				g := newGuard(t, byClock{}, middleware.Options{Realm: "things", Observe: seen.observe})
				ended := make(chan error, 1)
				conn := talking(t, g, tt.talk(ended))
				start := time.Now()
				stream := open(t, bearing(t.Context(), expiringIn(life)), conn, talk)

				time.Sleep(life - time.Millisecond)
				synctest.Wait()
				if n := len(seen.all()); n != 1 {
					t.Fatalf("%d decisions before the end", n)
				}
				time.Sleep(time.Millisecond)
				synctest.Wait()
				var err error
				for err == nil {
					err = stream.RecvMsg(new(wrapperspb.StringValue))
				}
				if took := time.Since(start); took != life {
					t.Errorf("ended after %v", took)
				}
				if !isExpired(err) {
					t.Errorf("ended with %v", err)
				}
				if c := stream.Trailer()["www-authenticate"]; len(c) != 1 ||
					c[0] != `Bearer realm="things", error="invalid_token"` {
					t.Errorf("challenge %q", c)
				}
				events := seen.all()
				if len(events) != 2 || events[1].Err == nil || events[1].Err.Code() != middleware.CodeInvalid ||
					events[1].Route != talk || events[1].Cause == nil {
					t.Errorf("observed %+v", events)
				}
				if told := <-ended; !tt.told(told) {
					t.Errorf("the handler was told %v", told)
				}
			}) // it panics if a goroutine still runs
		})
	}
}

// isExpired reports whether err is the refusal of an expired token.
func isExpired(err error) bool {
	var refusal *middleware.Error
	if errors.As(err, &refusal) { // as the cause of a context
		return refusal.Code() == middleware.CodeInvalid
	}
	st := status.Convert(err)
	for _, detail := range st.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok && info.GetReason() == "INVALID" {
			return st.Code() == codes.Unauthenticated && st.Message() == "invalid token"
		}
	}
	return false
}

func TestAStreamEndsOverARealConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	greeted := make(chan struct{})
	v := &brief{life: 300 * time.Millisecond, until: func(string) <-chan struct{} { return greeted }}
	server := grpc.NewServer(grpcauth.ServerOptions(newGuard(t, v, middleware.Options{}), anybody)...)
	things{quiet, echo}.register(server)
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	stream := open(t, bearing(t.Context(), "brief"), conn, talk)
	got, err := say(stream, "hello")
	close(greeted)
	if got != "hello" {
		t.Fatalf("%q, %v", got, err)
	}
	if err := stream.RecvMsg(new(wrapperspb.StringValue)); !isExpired(err) {
		t.Error(err)
	}
}

func TestAStreamThatEndsInTime(t *testing.T) {
	tests := []struct {
		name, token string
		talk        func(grpc.ServerStream) error
		code        codes.Code
	}{
		{"by its handler", "", func(grpc.ServerStream) error { return nil }, codes.OK},
		{"by its handler's error", "", func(grpc.ServerStream) error { return status.Error(codes.NotFound, "") }, codes.NotFound},
		{"by its caller's last message", "", echo, codes.OK},
		{"without an expiry, by its handler", "forever", func(grpc.ServerStream) error { return nil }, codes.OK},
		{"without an expiry, by its handler's error", "forever", func(grpc.ServerStream) error { return status.Error(codes.NotFound, "") }, codes.NotFound},
		{"without an expiry, by its caller's last message", "forever", echo, codes.OK},
		{"by a handler that ends its goroutine", "", func(grpc.ServerStream) error { runtime.Goexit(); return nil }, codes.Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var seen recorder
				g := newGuard(t, byClock{}, middleware.Options{Observe: seen.observe})
				if tt.token == "" {
					tt.token = expiringIn(time.Hour)
				}
				stream := open(t, bearing(t.Context(), tt.token), talking(t, g, tt.talk), talk)
				if err := stream.CloseSend(); err != nil {
					t.Error(err)
				}
				err := stream.RecvMsg(new(emptypb.Empty))
				if errors.Is(err, io.EOF) {
					err = nil
				}
				if status.Code(err) != tt.code {
					t.Errorf("%v, want %v", err, tt.code)
				}
				time.Sleep(2 * time.Hour)
				if n := len(seen.all()); n != 1 {
					t.Errorf("%d decisions, the later ones for nobody", n)
				}
			})
		})
	}
}

func TestACallerWhoLeavesEndsTheHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		conn := talking(t, newGuard(t, byClock{}, middleware.Options{}), func(stream grpc.ServerStream) error {
			<-stream.Context().Done()
			ended <- context.Cause(stream.Context())
			return nil
		})
		ctx, cancel := context.WithCancel(bearing(t.Context(), expiringIn(time.Hour)))
		open(t, ctx, conn, talk)
		synctest.Wait()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestAStreamGoesOnAsLongAsChecksPass(t *testing.T) {
	// The verifier's clock is half a minute behind ours. A leeway has the same effect.
	t.Run("by the verifier's clock, asked once a second", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var seen recorder
			g := newGuard(t, byClock{behind: 30*time.Second + time.Millisecond}, middleware.Options{Observe: seen.observe})
			stream := open(t, bearing(t.Context(), expiringIn(time.Minute)), talking(t, g, echo), talk)
			start := time.Now()
			if err := stream.RecvMsg(new(emptypb.Empty)); !isExpired(err) {
				t.Error(err)
			}
			if took := time.Since(start); took != 91*time.Second {
				t.Errorf("ended after %v", took)
			}
			if n := len(seen.all()); n != 1+32 {
				t.Errorf("%d decisions", n)
			}
		})
	})
	t.Run("to a later end that the verifier has learnt of", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var asked atomic.Int32
			start := time.Now()
			g := newGuard(t, middleware.VerifierFunc(func(ctx context.Context, _ string) (middleware.Claims, error) {
				lives := []time.Duration{time.Minute, time.Hour, time.Hour}
				return byClock{}.Verify(ctx, expiringIn(lives[asked.Add(1)-1]-time.Since(start)))
			}), middleware.Options{})
			stream := open(t, bearing(t.Context(), "any"), talking(t, g, echo), talk)
			if err := stream.RecvMsg(new(emptypb.Empty)); !isExpired(err) || time.Since(start) != time.Hour {
				t.Errorf("%v after %v", err, time.Since(start))
			}
		})
	})
	t.Run("for good, where refusals are reported only", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var seen recorder
			g := newGuard(t, byClock{}, middleware.Options{
				Observe:            seen.observe,
				InsecureReportOnly: func(context.Context, middleware.Request) bool { return true },
			})
			stream := open(t, bearing(t.Context(), expiringIn(time.Minute)), talking(t, g, echo), talk)
			time.Sleep(24 * time.Hour)
			if got, err := say(stream, "hello"); got != "hello" {
				t.Errorf("%q, %v", got, err)
			}
			if events := seen.all(); len(events) != 2 || events[1].Outcome != middleware.OutcomeReported {
				t.Errorf("observed %+v", events)
			}
		})
	})
}

func TestAnOutageAtTheEndIsAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		g := newGuard(t, middleware.VerifierFunc(func(ctx context.Context, token string) (middleware.Claims, error) {
			if asked.Add(1) > 1 {
				return middleware.Claims{}, errors.New("SECRET cause: connection refused")
			}
			return byClock{}.Verify(ctx, token)
		}), middleware.Options{})
		stream := open(t, bearing(t.Context(), expiringIn(time.Minute)), talking(t, g, echo), talk)
		err := stream.RecvMsg(new(emptypb.Empty))
		if status.Code(err) != codes.Unavailable || strings.Contains(err.Error(), "SECRET") {
			t.Error(err)
		}
		if after := stream.Trailer()["retry-after"]; len(after) != 1 || after[0] != "5" {
			t.Errorf("retry-after %q", after)
		}
	})
}

func TestAPanicReachesARecoveringInterceptor(t *testing.T) {
	bug := errors.New("a bug")
	for name, token := range map[string]func() string{
		"of a token that expires": func() string { return expiringIn(time.Hour) },
		"of one that doesn't":     func() string { return "forever" },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var recovered any
				recovery := func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
					defer func() {
						if recovered = recover(); recovered != nil {
							err = status.Error(codes.DataLoss, "recovered")
						}
					}()
					return handler(srv, ss)
				}
				conn := talking(t, newGuard(t, byClock{}, middleware.Options{}), func(grpc.ServerStream) error {
					panic(bug)
				}, grpc.ChainStreamInterceptor(recovery))
				stream := open(t, bearing(t.Context(), token()), conn, talk)
				if err := stream.RecvMsg(new(emptypb.Empty)); status.Code(err) != codes.DataLoss {
					t.Error(err)
				}
				if recovered != bug {
					t.Errorf("recovered %v", recovered)
				}
			})
		})
	}
}

// logged collects gRPC's log during the tests.
var logged logBuffer

func init() { grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, &logged)) }

type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) holds(part string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), part)
}

// A handler that ignores errors may panic after its stream has ended, for example because a
// message is empty. No outer interceptor can recover from that.
func TestAPanicAfterTheEndOfTheStreamIsOnlyLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := talking(t, newGuard(t, byClock{}, middleware.Options{}), func(stream grpc.ServerStream) error {
			_ = stream.RecvMsg(new(emptypb.Empty))
			panic("nobody recovers from this")
		})
		stream := open(t, bearing(t.Context(), expiringIn(time.Minute)), conn, talk)
		if err := stream.RecvMsg(new(emptypb.Empty)); !isExpired(err) {
			t.Error(err)
		}
		synctest.Wait()
		for _, part := range []string{"nobody recovers from this", "stream_test.go:"} { // the panic and its stack
			if !logged.holds(part) {
				t.Errorf("%q is not logged", part)
			}
		}
	})
}

// counted is a ServerStream without a server. It counts its calls.
type counted struct {
	grpc.ServerStream
	ctx   context.Context
	calls atomic.Int32
	recv  func() error
}

func (s *counted) Context() context.Context { return s.ctx }
func (s *counted) SendMsg(any) error        { s.calls.Add(1); return nil }
func (s *counted) RecvMsg(any) error        { s.calls.Add(1); return s.recv() }

func TestAfterTheEndNothingReachesTheServerStream(t *testing.T) {
	use := func(stream grpc.ServerStream) []error {
		return []error{
			stream.SendMsg(new(emptypb.Empty)),
			stream.RecvMsg(new(emptypb.Empty)),
		}
	}
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		ss := &counted{recv: func() error { return nil }}
		ss.ctx = metadata.NewIncomingContext(t.Context(), metadata.Pairs("authorization", "Bearer "+expiringIn(time.Minute)))
		intercept := grpcauth.Stream(newGuard(t, byClock{}, middleware.Options{}), anybody)
		done := make(chan struct{})
		err := intercept(things{}, ss, &grpc.StreamServerInfo{FullMethod: talk}, func(_ any, stream grpc.ServerStream) error {
			defer close(done)
			for _, err := range use(stream) {
				if err != nil {
					t.Errorf("before the end: %v", err)
				}
			}
			if n := ss.calls.Load(); n != 2 {
				t.Errorf("%d calls got through before the end", n)
			}

			ss.recv = func() error { <-release; return nil }
			if err := stream.RecvMsg(new(emptypb.Empty)); !isExpired(err) {
				t.Errorf("a message that came after the end: %v", err)
			}
			for _, err := range use(stream) {
				if !isExpired(err) {
					t.Errorf("after the end: %v", err)
				}
			}
			if n := ss.calls.Load(); n != 3 {
				t.Errorf("%d calls got through, want 3", n)
			}
			return nil
		})
		if !isExpired(err) {
			t.Error(err)
		}
		close(release)
		<-done
	})
}

func TestManyStreamsEndAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := talking(t, newGuard(t, byClock{}, middleware.Options{}), echo)
		token := expiringIn(time.Minute)
		results := make(chan error, 100)
		for range cap(results) {
			stream := open(t, bearing(t.Context(), token), conn, talk)
			go func() {
				for {
					if _, err := say(stream, "hello"); err != nil {
						results <- err
						return
					}
					time.Sleep(time.Second)
				}
			}()
		}
		for range cap(results) {
			if err := <-results; !isExpired(err) {
				t.Error(err)
			}
		}
	})
}
