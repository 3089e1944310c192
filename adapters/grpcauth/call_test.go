package grpcauth_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

func TestTheRemoteAddressIsThePeers(t *testing.T) {
	for name, serve := range over {
		t.Run(name, func(t *testing.T) {
			var seen recorder
			conn := serve(t, things{quiet, echo}.registerOn,
				grpcauth.ServerOptions(newGuard(t, byClock{}, middleware.Options{Observe: seen.observe}), anybody)...)
			ctx := metadata.AppendToOutgoingContext(bearing(t.Context(), "forever"), "forwarded", "for=203.0.113.7")
			for _, name := range []string{"x-forwarded-for", "x-real-ip", "true-client-ip", "x-envoy-external-address"} {
				ctx = metadata.AppendToOutgoingContext(ctx, name, "203.0.113.7")
			}
			if err := call(ctx, conn, get); err != nil {
				t.Error(err)
			}
			if _, err := say(open(t, ctx, conn, talk), "hello"); err != nil {
				t.Error(err)
			}
			for _, e := range seen.all() {
				if host, _, err := net.SplitHostPort(e.RemoteAddr); err != nil || host != "127.0.0.1" {
					t.Errorf("%s: remote address %q", e.Route, e.RemoteAddr)
				}
			}
			if n := len(seen.all()); n != 2 {
				t.Errorf("%d decisions", n)
			}
		})
	}
}

// The context of a verifier may end although the caller has not left.
func TestACallIsCanceledByItsCallerAlone(t *testing.T) {
	const outage, canceled = middleware.CodeUnavailable, middleware.CodeCanceled
	tests := []struct {
		name  string
		err   error
		leave bool
		code  middleware.Code
	}{
		{"the verifier gave up", fmt.Errorf("fetching keys: %w", context.Canceled), false, outage},
		{"the verifier ran out of time", fmt.Errorf("fetching keys: %w", context.DeadlineExceeded), false, outage},
		{"the verifier's own call was canceled", status.Error(codes.Canceled, "SECRET cause"), false, outage},
		{"the caller has left", fmt.Errorf("fetching keys: %w", context.Canceled), true, canceled},
		{"the caller has left, whatever the verifier says", errors.New("connection refused"), true, canceled},
	}
	methods := map[string]func(context.Context, *testing.T, *grpc.ClientConn) error{
		"unary": func(ctx context.Context, _ *testing.T, conn *grpc.ClientConn) error { return call(ctx, conn, get) },
		"stream": func(ctx context.Context, t *testing.T, conn *grpc.ClientConn) error {
			_, err := say(open(t, ctx, conn, talk), "hello")
			return err
		},
	}
	for _, tt := range tests {
		for name, method := range methods {
			t.Run(name+", "+tt.name, func(t *testing.T) {
				ctx, cancel := context.WithCancel(bearing(t.Context(), "any"))
				defer cancel()
				seen := make(chan middleware.Event, 1)
				g := newGuard(t, middleware.VerifierFunc(func(ctx context.Context, _ string) (middleware.Claims, error) {
					if tt.leave {
						cancel()
						<-ctx.Done()
					}
					return middleware.Claims{}, tt.err
				}), middleware.Options{Observe: func(_ context.Context, e middleware.Event) { seen <- e }})
				conn := listening(t, things{quiet, echo}.registerOn, grpcauth.ServerOptions(g, anybody)...)
				want := codes.Unavailable
				if tt.leave {
					want = codes.Canceled
				}
				if err := method(ctx, t, conn); status.Code(err) != want {
					t.Errorf("%v, want %v", err, want)
				}
				if e := <-seen; e.Err.Code() != tt.code {
					t.Errorf("observed %v, want %v", e.Err.Code(), tt.code)
				}
			})
		}
	}
}

// rules is an implementation of Rules other than a Table.
type rules map[string]scopes.Requirement

func (r rules) Lookup(route string) scopes.Requirement { return r[route] }
func (r rules) Has(route string) bool                  { _, ok := r[route]; return ok }
func (r rules) Unrouted() scopes.Requirement           { return scopes.Public() }

func TestRulesOfManyKinds(t *testing.T) {
	const service = "/things.v1.Things/*"
	const denied, unknown = codes.PermissionDenied, codes.Unauthenticated
	public, authenticated := scopes.Public(), scopes.Authenticated()
	tests := []struct {
		name      string
		rules     scopes.Rules
		get, talk codes.Code
	}{
		{"none", nil, denied, denied},
		{"a nil table", (*scopes.Table)(nil), denied, denied},
		{"an empty table", new(scopes.Table), denied, denied},
		{"nil rules of the user's own type", rules(nil), denied, denied},
		{"rules of the user's own type, for a method", rules{get: public}, codes.OK, denied},
		{"rules of the user's own type, for a service", rules{service: public, get: authenticated}, unknown, codes.OK},
		{"Unrouted has no effect", scopes.Policy{Unrouted: public}.MustCompile(), denied, denied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			conn := listening(t, things{quiet, echo}.registerOn,
				grpcauth.ServerOptions(newGuard(t, byClock{}, middleware.Options{}), tt.rules)...)
			if err := call(t.Context(), conn, get); status.Code(err) != tt.get {
				t.Errorf("unary: %v, want %v", err, tt.get)
			}
			if _, err := say(open(t, t.Context(), conn, talk), "hello"); status.Code(err) != tt.talk {
				t.Errorf("stream: %v, want %v", err, tt.talk)
			}
		})
	}
}
