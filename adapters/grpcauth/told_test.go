package grpcauth_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/middleware"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/emptypb"
)

// If the token of a call expires, its handler gets a stream with a fence. Until the token
// expires, calls to this stream return the same as calls to a stream without a fence.
func TestAHandlerIsToldWhatGRPCAnswers(t *testing.T) {
	md := metadata.Pairs("x-more", "more")
	const afterHeader, afterCaller = "after the header was sent", "after the caller has left"
	tests := map[string]map[string]bool{ // the calls that fail then
		afterHeader: {"SetHeader": true, "SendHeader": true, "grpc.SetHeader": true, "grpc.SendHeader": true},
		afterCaller: {
			"SetHeader": true, "SendHeader": true, "grpc.SetHeader": true, "grpc.SendHeader": true,
			"grpc.SetTrailer": true, "SendMsg": true,
		},
	}
	for when, fails := range tests {
		for name, call := range calls {
			t.Run(name+" "+when, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					told := make(map[string]error)
					for _, token := range []string{"forever", expiringIn(time.Hour)} {
						done := make(chan error, 1)
						conn := talking(t, newGuard(t, byClock{}, middleware.Options{}), func(stream grpc.ServerStream) error {
							err := stream.SendHeader(nil)
							if when == afterCaller {
								<-stream.Context().Done()
								synctest.Wait()
							}
							if err == nil {
								err = call(stream, md)
							}
							done <- err
							return nil
						})
						ctx, leave := context.WithCancel(bearing(t.Context(), token))
						stream := open(t, ctx, conn, talk)
						if _, err := stream.Header(); err != nil {
							t.Fatal(err)
						}
						if when == afterCaller {
							leave()
						}
						told[token] = <-done
						leave()
					}
					for token, err := range told {
						if (err != nil) != fails[name] || fmt.Sprint(err) != fmt.Sprint(told["forever"]) {
							t.Errorf("%s: %v, and without a fence %v", token, err, told["forever"])
						}
					}
				})
			})
		}
	}
}

// A program may call the interceptor by itself, with a stream that no server of gRPC made.
func TestAHandlerFindsNoTransportWhereThereIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bearer := metadata.Pairs("authorization", "Bearer "+expiringIn(time.Minute))
		ss := &counted{ctx: metadata.NewIncomingContext(t.Context(), bearer)}
		intercept := grpcauth.Stream(newGuard(t, byClock{}, middleware.Options{}), anybody)
		err := intercept(things{}, ss, &grpc.StreamServerInfo{FullMethod: talk}, func(_ any, stream grpc.ServerStream) error {
			if err := grpc.SetTrailer(stream.Context(), metadata.Pairs("x-more", "more")); err == nil {
				t.Error("a trailer is set that nobody sends")
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// Operators look for panics in the log.
func TestAHandlerThatReturnsLogsNoPanic(t *testing.T) {
	panics := func() int {
		logged.mu.Lock()
		defer logged.mu.Unlock()
		return strings.Count(logged.text.String(), "panic in the handler")
	}
	synctest.Test(t, func(t *testing.T) {
		before := panics()
		conn := talking(t, newGuard(t, byClock{}, middleware.Options{}), func(grpc.ServerStream) error { return nil })
		_ = open(t, bearing(t.Context(), expiringIn(time.Minute)), conn, talk).RecvMsg(new(emptypb.Empty))
		if n := panics() - before; n != 0 {
			t.Errorf("%d panics are logged", n)
		}
	})
}
