package grpcauth_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// recovery are interceptors that answer a panic with code.
func recovery(code codes.Code) []grpc.ServerOption {
	answer := func(err *error) {
		if recover() != nil {
			*err = status.Error(code, "recovered")
		}
	}
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(func(
			ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler,
		) (_ any, err error) {
			defer answer(&err)
			return handler(ctx, req)
		}),
		grpc.ChainStreamInterceptor(func(
			srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler,
		) (err error) {
			defer answer(&err)
			return handler(srv, ss)
		}),
	}
}

// panickingRules panic in every method.
type panickingRules struct{ *scopes.Table }

func (panickingRules) Lookup(string) scopes.Requirement { panic("a bug") }

func TestAPanicInACheckLeavesTheMethodClosed(t *testing.T) {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer issuer.Close()
	keys, err := jwks.New(jwks.Config{Issuer: issuer.URL(), Client: issuer.Client()})
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	ruled, err := middleware.NewJWT(middleware.JWTConfig{
		Issuer: issuer.URL(), Audience: []string{issuer.Audience()}, Keys: keys,
		Validate: func(context.Context, middleware.Claims) error { panic("a bug") },
	})
	if err != nil {
		t.Fatal(err)
	}
	verifier := middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) { panic("a bug") })
	observer := middleware.Options{Observe: func(context.Context, middleware.Event) { panic("a bug") }}
	reportOnly := middleware.Options{InsecureReportOnly: func(context.Context, middleware.Request) bool { panic("a bug") }}
	tests := []struct {
		name, token string
		guard       *middleware.Guard
		rules       scopes.Rules
	}{
		{"of the verifier", "forever", newGuard(t, verifier, middleware.Options{}), anybody},
		{"of Validate", issuer.Mint(authtest.Token{}), newGuard(t, ruled, middleware.Options{}), anybody},
		{"of the observer of a pass", "forever", newGuard(t, byClock{}, observer), anybody},
		{"of the observer of a refusal", "1", newGuard(t, byClock{}, observer), anybody},
		{"of InsecureReportOnly", "1", newGuard(t, byClock{}, reportOnly), anybody},
		{"of the rules", "forever", newGuard(t, byClock{}, middleware.Options{}), panickingRules{anybody}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var reached atomic.Int32
			conn := listening(t, func(s *grpc.Server) {
				things{
					func(context.Context) error { reached.Add(1); return nil },
					func(grpc.ServerStream) error { reached.Add(1); return nil },
				}.register(s)
			}, slices.Concat(recovery(codes.DataLoss), grpcauth.ServerOptions(tt.guard, tt.rules), recovery(codes.Aborted))...)
			if err := call(bearing(t.Context(), tt.token), conn, get); status.Code(err) != codes.DataLoss {
				t.Errorf("unary: %v", err)
			}
			if _, err := say(open(t, bearing(t.Context(), tt.token), conn, talk), "hello"); status.Code(err) != codes.DataLoss {
				t.Errorf("stream: %v", err)
			}
			if n := reached.Load(); n != 0 {
				t.Errorf("handlers were reached %d times", n)
			}
		})
	}
}

// An interceptor behind the guard sees the panic first. One before the guard sees it if the
// first does not recover.
func TestAPanicOfTheHandlerStaysUnchanged(t *testing.T) {
	for name, tt := range map[string]struct {
		behind []grpc.ServerOption
		code   codes.Code
	}{
		"recovered behind the guard": {recovery(codes.Aborted), codes.Aborted},
		"recovered before it":        {nil, codes.DataLoss},
	} {
		t.Run(name, func(t *testing.T) {
			var seen recorder
			g := newGuard(t, byClock{}, middleware.Options{Observe: seen.observe})
			conn := listening(t, func(s *grpc.Server) {
				things{func(context.Context) error { panic("a bug") }, func(grpc.ServerStream) error { panic("a bug") }}.register(s)
			}, slices.Concat(recovery(codes.DataLoss), grpcauth.ServerOptions(g, anybody), tt.behind)...)
			for _, token := range []string{"forever", expiringIn(time.Hour)} {
				if err := call(bearing(t.Context(), token), conn, get); status.Code(err) != tt.code {
					t.Errorf("unary: %v, want %v", err, tt.code)
				}
				if _, err := say(open(t, bearing(t.Context(), token), conn, talk), "hello"); status.Code(err) != tt.code {
					t.Errorf("stream: %v, want %v", err, tt.code)
				}
			}
			for _, e := range seen.all() {
				if e.Err != nil {
					t.Errorf("a pass became %v", e.Err)
				}
			}
		})
	}
}

func TestAnObserverMayReadTheClaimsOfARefusedCall(t *testing.T) {
	var subjects []string
	g := newGuard(t, byClock{}, middleware.Options{
		Observe: func(_ context.Context, e middleware.Event) { subjects = append(subjects, e.Claims.Subject()) },
	})
	conn := listening(t, things{quiet, echo}.registerOn, grpcauth.ServerOptions(g, anybody)...)
	for _, token := range []string{"", "1"} {
		if err := call(bearing(t.Context(), token), conn, get); status.Code(err) != codes.Unauthenticated {
			t.Error(err)
		}
	}
	if len(subjects) != 2 || subjects[0]+subjects[1] != "" {
		t.Errorf("subjects %q", subjects)
	}
}
