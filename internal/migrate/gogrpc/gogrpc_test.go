package gogrpc_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	thingsv1 "github.com/bearerguard/bearerguard/examples/grpc/things/v1"
	"github.com/bearerguard/bearerguard/internal/migrate"
	"github.com/bearerguard/bearerguard/internal/migrate/gogrpc"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
)

// dial serves server in memory, and returns a client of it.
func dial(t *testing.T, server *grpc.Server) thingsv1.ThingsClient {
	listener := bufconn.Listen(1 << 16)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:memory",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		server.Stop()
		<-served
	})
	return thingsv1.NewThingsClient(conn)
}

// ask calls Read with the header of a request as its metadata.
func ask(t *testing.T, server *grpc.Server) migrate.Server {
	client := dial(t, server)
	return func(r *http.Request) migrate.Answer {
		md := metadata.MD{}
		for name, values := range r.Header {
			md.Append(strings.ToLower(name), values...)
		}
		ctx, cancel := context.WithTimeout(metadata.NewOutgoingContext(t.Context(), md), 10*time.Second)
		defer cancel()
		var trailer metadata.MD
		_, err := client.Read(ctx, new(thingsv1.ReadRequest), grpc.Trailer(&trailer))
		return migrate.Answer{
			Status: status.Code(err).String(), Body: status.Convert(err).Message(),
			Challenge: strings.Join(trailer.Get("www-authenticate"), ", "),
		}
	}
}

func before(t *testing.T, issuer *authtest.Issuer) *grpc.Server {
	server, err := gogrpc.Before(t.Context(), issuer.URL(), issuer.URL()+"/jwks", issuer.Audience())
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func after(t *testing.T, issuer *authtest.Issuer) *grpc.Server {
	server, guard, err := gogrpc.After(issuer.URL(), issuer.Audience())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { guard.Close() })
	return server
}

func TestThePageSaysWhatDiffers(t *testing.T) {
	migrate.Comparison{
		Page: "migrate-go-grpc-middleware.md", Old: "go-grpc-middleware v2.3.4",
		Issuer: authtest.Config{Addr: "127.0.0.1:0"},
		Claims: map[string]any{"scope": "read:things"}, NotHTTP: true,
		Before: func(t *testing.T, issuer *authtest.Issuer) migrate.Server { return ask(t, before(t, issuer)) },
		After:  func(t *testing.T, issuer *authtest.Issuer) migrate.Server { return ask(t, after(t, issuer)) },
		More: []migrate.Row{{
			What:   "a stream whose token expires meanwhile",
			Before: stream(t, time.Second, func(issuer *authtest.Issuer) *grpc.Server { return before(t, issuer) }),
			After: stream(t, time.Minute, func(issuer *authtest.Issuer) *grpc.Server {
				cfg := issuer.Config()
				cfg.Leeway = -1 // the test would wait for half a minute
				guard, err := middleware.New(cfg, middleware.Options{})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { guard.Close() })
				return gogrpc.NewServer(guard)
			}),
		}},
	}.Check(t)
}

// stream opens a stream with a token that expires soon, and tells how it ends, or whether it goes on
// for longer than the patience after that.
func stream(t *testing.T, patience time.Duration, start func(*authtest.Issuer) *grpc.Server) string {
	issuer := authtest.Start(t, authtest.Config{Addr: "127.0.0.1:0", Algorithm: "RS256"})
	client := dial(t, start(issuer))
	expiry := time.Now().Add(4 * time.Second).Truncate(time.Second)
	token := issuer.Mint(authtest.Token{Scope: "read:things", Claims: map[string]any{"exp": expiry}})
	ctx, cancel := context.WithDeadline(t.Context(), expiry.Add(patience))
	defer cancel()
	watch, err := client.Watch(
		metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token), new(thingsv1.WatchRequest))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := watch.Recv(); err != nil {
		t.Fatal("the stream did not begin:", err)
	}
	_, err = watch.Recv()
	if code := status.Code(err); code != codes.DeadlineExceeded { // that of ctx, which the server has, too
		return code.String()
	}
	return "goes on"
}

func TestTheShimOnlyAddsBearer(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	guard := issuer.Guard(t, middleware.Options{})
	rules := scopes.Policy{Default: scopes.Authenticated()}.MustCompile()
	good := issuer.Mint(authtest.Token{})
	for name, test := range map[string]struct {
		values []string
		code   string
	}{
		"the token alone": {[]string{good}, "OK"},
		"with Bearer":     {[]string{"Bearer " + good}, "OK"},
		"another scheme":  {[]string{"Basic " + good}, "Unauthenticated"},
		"two tokens":      {[]string{good, good}, "Unauthenticated"},
		"no token":        {nil, "Unauthenticated"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := metadata.NewIncomingContext(t.Context(), metadata.MD{"authorization": test.values})
			info := &grpc.UnaryServerInfo{Server: struct{}{}, FullMethod: "/things.v1.Things/Read"}
			_, err := gogrpc.BareToken(ctx, nil, info, func(ctx context.Context, req any) (any, error) {
				return grpcauth.Unary(guard, rules)(ctx, req, info, func(context.Context, any) (any, error) {
					return nil, nil
				})
			})
			if code := status.Code(err).String(); code != test.code {
				t.Errorf("%s, want %s", code, test.code)
			}
		})
	}
}
