package grpcauth_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// A goroutine that runs longer than its call keeps the claims of the last check for ever.
// Authorize grants it something only until the token expires. The same holds for a context that
// was not detached, although it has ended.
func TestAGoroutineAfterItsCall(t *testing.T) {
	const life = time.Minute
	detached := func(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
	kept := func(ctx context.Context) context.Context { return ctx }
	calls := map[string]func(*testing.T, *middleware.Guard, func(context.Context)){
		"a unary one": func(t *testing.T, g *middleware.Guard, keep func(context.Context)) {
			conn := serve(t, func(s *grpc.Server) {
				things{func(ctx context.Context) error { keep(ctx); return nil }, echo}.register(s)
			}, grpcauth.ServerOptions(g, anybody)...)
			if err := call(bearing(t.Context(), expiringIn(life)), conn, get); err != nil {
				t.Error(err)
			}
		},
		"a stream that has ended": func(t *testing.T, g *middleware.Guard, keep func(context.Context)) {
			conn := talking(t, g, func(stream grpc.ServerStream) error { keep(stream.Context()); return nil })
			_ = open(t, bearing(t.Context(), expiringIn(life)), conn, talk).RecvMsg(new(emptypb.Empty))
		},
		"a stream that goes on": func(t *testing.T, g *middleware.Guard, keep func(context.Context)) {
			conn := talking(t, g, func(stream grpc.ServerStream) error { keep(stream.Context()); return echo(stream) })
			if _, err := say(open(t, bearing(t.Context(), expiringIn(life)), conn, talk), "hello"); err != nil {
				t.Error(err)
			}
		},
	}
	for name, begin := range calls {
		for how, keep := range map[string]func(context.Context) context.Context{"detached": detached, "as it is": kept} {
			t.Run(fmt.Sprintf("after %s, with its context %s", name, how), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					g := newGuard(t, byClock{}, middleware.Options{})
					var ctx context.Context
					begin(t, g, func(c context.Context) { ctx = keep(c) })
					for _, after := range []struct {
						pause   time.Duration
						granted bool
					}{{life / 2, true}, {life, false}, {24 * time.Hour, false}} {
						if claims, ok := middleware.ClaimsFrom(ctx); !ok || claims.Subject() != "user-1" {
							t.Errorf("claims of %q", claims.Subject())
						}
						time.Sleep(after.pause)
						synctest.Wait()
						err := g.Authorize(ctx, scopes.All("read"))
						if (err == nil) != after.granted || err != nil && !isExpired(err) {
							t.Errorf("%v later: %v", after.pause, err)
						}
						if claims, ok := middleware.ClaimsFrom(ctx); !ok || claims.Subject() != "user-1" {
							t.Errorf("%v later: claims of %q", after.pause, claims.Subject())
						}
					}
				})
			})
		}
	}
}
