package grpcauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// twice is a verifier. In the first check it returns claims that expire after a minute.
func twice(second func(context.Context) (middleware.Claims, error)) middleware.VerifierFunc {
	var asked atomic.Int32
	return func(ctx context.Context, _ string) (middleware.Claims, error) {
		if asked.Add(1) == 1 {
			return lasting(time.Minute, "first read")
		}
		return second(ctx)
	}
}

func lasting(d time.Duration, scope string) (middleware.Claims, error) {
	exp := time.Now().Add(d).Unix()
	return middleware.NewClaims(map[string]any{"sub": "user-1", "scope": scope, "exp": exp})
}

func TestTheClaimsOfAStreamAreThoseOfItsLastCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(t, twice(func(context.Context) (middleware.Claims, error) {
			return lasting(time.Hour, "second")
		}), middleware.Options{})
		conn := talking(t, g, func(stream grpc.ServerStream) error {
			for i, want := range []string{"first", "second"} {
				ctx := stream.Context()
				if claims, ok := middleware.ClaimsFrom(ctx); !ok || !claims.HasScope(want) {
					t.Errorf("scopes %v, want %q", claims.Scopes(), want)
				}
				for _, scope := range []string{"first", "second"} {
					if err := g.Authorize(ctx, scopes.All(scope)); (err == nil) != (scope == want) {
						t.Errorf("%q is granted by check %d: %v", scope, i+1, err == nil)
					}
				}
				time.Sleep(2 * time.Minute)
			}
			return nil
		})
		if err := open(t, bearing(t.Context(), "any"), conn, talk).RecvMsg(new(emptypb.Empty)); !errors.Is(err, io.EOF) {
			t.Error(err)
		}
	})
}

func TestTheResultOfAHandlerDuringTheSecondCheckIsKept(t *testing.T) {
	bug := errors.New("a bug")
	tests := []struct {
		name   string
		handle func() error
		code   codes.Code
	}{
		{"it returns", func() error { return nil }, codes.OK},
		{"it fails", func() error { return status.Error(codes.NotFound, "") }, codes.NotFound},
		{"it panics", func() error { panic(bug) }, codes.DataLoss},
	}
	verdicts := []struct {
		name   string
		second func(context.Context) (middleware.Claims, error)
	}{
		{"that obeys its context", func(ctx context.Context) (middleware.Claims, error) {
			<-ctx.Done()
			return middleware.Claims{}, ctx.Err()
		}},
		{"that would refuse", func(ctx context.Context) (middleware.Claims, error) {
			<-ctx.Done()
			return middleware.Claims{}, middleware.ErrInvalidToken
		}},
		{"that would pass", func(ctx context.Context) (middleware.Claims, error) {
			<-ctx.Done()
			return lasting(time.Hour, "read")
		}},
	}
	for _, tt := range tests {
		for _, verdict := range verdicts {
			t.Run(tt.name+" during a check "+verdict.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var seen recorder
					var recovered any
					g := newGuard(t, twice(verdict.second), middleware.Options{Observe: seen.observe})
					conn := talking(t, g, func(grpc.ServerStream) error {
						time.Sleep(2 * time.Minute)
						return tt.handle()
					}, grpc.ChainStreamInterceptor(recovering(&recovered)))
					start := time.Now()
					err := open(t, bearing(t.Context(), "any"), conn, talk).RecvMsg(new(emptypb.Empty))
					if errors.Is(err, io.EOF) {
						err = nil
					}
					if status.Code(err) != tt.code || time.Since(start) != 2*time.Minute {
						t.Errorf("%v after %v", err, time.Since(start))
					}
					if (recovered == bug) != (tt.code == codes.DataLoss) {
						t.Errorf("recovered %v", recovered)
					}
					if events := seen.all(); len(events) != 1 {
						t.Errorf("%d decisions, one of them for nobody", len(events))
					}
				})
			})
		}
	}
}

// recovering is an interceptor that answers a panic with DataLoss.
func recovering(recovered *any) grpc.StreamServerInterceptor {
	return func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
		defer func() {
			if *recovered = recover(); *recovered != nil {
				err = status.Error(codes.DataLoss, "recovered")
			}
		}()
		return handler(srv, ss)
	}
}

func TestAPanicOfTheSecondCheckReachesARecoveringInterceptor(t *testing.T) {
	panicking := map[string]struct {
		verifier middleware.Verifier
		options  func(checks *atomic.Int32) middleware.Options
	}{
		"of the verifier": {
			twice(func(context.Context) (middleware.Claims, error) { panic("a bug") }),
			func(*atomic.Int32) middleware.Options { return middleware.Options{} },
		},
		"of the observer": {byClock{}, func(checks *atomic.Int32) middleware.Options {
			return middleware.Options{Observe: func(context.Context, middleware.Event) {
				if checks.Add(1) == 2 {
					panic("a bug")
				}
			}}
		}},
	}
	for name, p := range panicking {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var recovered any
				var checks atomic.Int32
				told := make(chan error, 3)
				conn := talking(t, newGuard(t, p.verifier, p.options(&checks)), func(stream grpc.ServerStream) error {
					<-stream.Context().Done()
					told <- context.Cause(stream.Context())
					told <- stream.SendMsg(wrapperspb.String("late"))
					told <- stream.RecvMsg(new(wrapperspb.StringValue))
					return nil
				}, grpc.ChainStreamInterceptor(recovering(&recovered)))
				err := open(t, bearing(t.Context(), expiringIn(time.Minute)), conn, talk).RecvMsg(new(wrapperspb.StringValue))
				if status.Code(err) != codes.DataLoss || recovered != "a bug" {
					t.Errorf("%v, recovered %v", err, recovered)
				}
				for range cap(told) {
					if err := <-told; status.Code(err) != codes.Unavailable {
						t.Errorf("the handler was told %v", err)
					}
				}
			})
		})
	}
}

func TestACallerWhoLeavesDuringTheSecondCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen recorder
		ended := make(chan error, 1)
		asked := make(chan struct{})
		g := newGuard(t, twice(func(ctx context.Context) (middleware.Claims, error) {
			close(asked)
			<-ctx.Done()
			return middleware.Claims{}, ctx.Err()
		}), middleware.Options{Observe: seen.observe})
		conn := talking(t, g, func(stream grpc.ServerStream) error {
			<-stream.Context().Done()
			ended <- context.Cause(stream.Context())
			return nil
		})
		ctx, cancel := context.WithCancel(bearing(t.Context(), "any"))
		open(t, ctx, conn, talk)
		<-asked
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		synctest.Wait()
		if events := seen.all(); len(events) != 1 {
			t.Errorf("%d decisions, one of them for nobody", len(events))
		}
	})
}

// Each guard of a chain can end a stream.
func TestASecondGuardBeside(t *testing.T) {
	const outer, inner = 0, 1
	for ends, name := range []string{"the outer guard ends the stream", "the inner guard ends it"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var guards [2]*middleware.Guard
				for i := range guards {
					first := true
					guards[i] = newGuard(t, middleware.VerifierFunc(func(ctx context.Context, _ string) (middleware.Claims, error) {
						if !first && i == ends {
							return middleware.Claims{}, fmt.Errorf("%w: SECRET cause", middleware.ErrInvalidToken)
						}
						first = false
						return lasting(time.Minute, fmt.Sprint("guard-", i))
					}), middleware.Options{Realm: fmt.Sprint(i)})
				}
				told := make(chan error, 1)
				conn := serve(t, func(s *grpc.Server) {
					things{quiet, func(stream grpc.ServerStream) error {
						if claims, _ := middleware.ClaimsFrom(stream.Context()); !claims.HasScope("guard-1") {
							t.Errorf("claims of %v", claims.Scopes())
						}
						<-stream.Context().Done()
						time.Sleep(time.Hour) // ignores its context and its stream
						told <- stream.SendMsg(wrapperspb.String("late"))
						return nil
					}}.register(s)
				}, append(grpcauth.ServerOptions(guards[outer], anybody), grpcauth.ServerOptions(guards[inner], anybody)...)...)
				stream := open(t, bearing(t.Context(), "any"), conn, talk)
				start := time.Now()
				if err := stream.RecvMsg(new(emptypb.Empty)); !isExpired(err) || time.Since(start) > time.Minute+time.Second {
					t.Errorf("%v after %v", err, time.Since(start))
				}
				got, want := stream.Trailer()["www-authenticate"], fmt.Sprintf(`Bearer realm="%d", error="invalid_token"`, ends)
				if len(got) != 1 || got[0] != want {
					t.Errorf("challenge %q, want %q", got, want)
				}
				if err := <-told; !isExpired(err) {
					t.Errorf("the handler was told %v", err)
				}
			})
		})
	}
}
