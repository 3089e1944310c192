package grpcauth_test

import (
	"context"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/adapters/internal/harness"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// A handler returns what Forbid returns. gRPC has no bodies, so Options.Body is not asked.
func TestAHandlerForbids(t *testing.T) {
	body := func(context.Context, middleware.Request, *middleware.Error) (string, []byte) {
		t.Error("a body was made")
		return "", nil
	}
	for name, ask := range map[string]func(*testing.T, *grpc.ClientConn) (metadata.MD, error){
		"unary": func(t *testing.T, conn *grpc.ClientConn) (metadata.MD, error) {
			var trailer metadata.MD
			err := call(bearing(t.Context(), "good"), conn, get, grpc.Trailer(&trailer))
			return trailer, err
		},
		"stream": func(t *testing.T, conn *grpc.ClientConn) (metadata.MD, error) {
			stream := open(t, bearing(t.Context(), "good"), conn, talk)
			_, err := say(stream, "hello")
			return stream.Trailer(), err
		},
	} {
		t.Run(name, func(t *testing.T) {
			g, events, log := harness.Watched(t, middleware.Options{Body: body})
			service := things{
				get:  func(ctx context.Context) error { return g.Forbid(ctx, harness.ErrCause) },
				talk: func(stream grpc.ServerStream) error { return g.Forbid(stream.Context(), harness.ErrCause) },
			}
			policy := scopes.Policy{Default: scopes.Authenticated()}.MustCompile()
			conn := serve(t, func(s *grpc.Server) { service.register(s) }, grpcauth.ServerOptions(g, policy)...)
			trailer, err := ask(t, conn)
			st := status.Convert(err)
			if st.Code() != codes.PermissionDenied || st.Message() != "access denied" || len(st.Details()) != 1 ||
				trailer["www-authenticate"] != nil {
				t.Fatalf("%v, %v, %v", err, st.Details(), trailer)
			}
			if info, ok := st.Details()[0].(*errdetails.ErrorInfo); !ok || info.GetReason() != "DENIED" {
				t.Errorf("the details are %v", st.Details())
			}
			harness.Forbidden(t, *events, log)
		})
	}
}
