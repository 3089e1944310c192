package grpcauth_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// ask calls path by frames of HTTP/2, since a client doesn't send most of these paths.
// It returns the code, or "reset".
func ask(addr, path string) (string, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return "", err
	}
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, field := range [][2]string{
		{":method", "POST"},
		{":scheme", "http"},
		{":path", path},
		{":authority", "things.test"},
		{"content-type", "application/grpc"},
		{"te", "trailers"},
	} {
		if err := encoder.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]}); err != nil {
			return "", err
		}
	}
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		return "", err
	}
	framer := http2.NewFramer(conn, conn)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if err := framer.WriteSettings(); err != nil {
		return "", err
	}
	headers := http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true}
	if err := framer.WriteHeaders(headers); err != nil {
		return "", err
	}
	if err := framer.WriteData(1, true, make([]byte, 5)); err != nil { // an empty message
		return "", err
	}
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return "", err
		}
		switch f := frame.(type) {
		case *http2.MetaHeadersFrame:
			for _, field := range f.RegularFields() {
				if field.Name == "grpc-status" {
					code, err := strconv.Atoi(field.Value)
					return codes.Code(code).String(), err
				}
			}
		case *http2.RSTStreamFrame, *http2.GoAwayFrame:
			return "reset", nil
		}
	}
}

func TestOddPaths(t *testing.T) {
	const refused, nowhere = "Unauthenticated by ", "Unimplemented"
	const service = "/things.v1.Things/*"
	tests := []struct {
		name, path   string
		native, http string // "": the same
	}{
		{"the path of a unary method", get, refused + get, ""},
		{"the path of a stream", talk, refused + talk, ""},
		{"two slashes before it", "//things.v1.Things/Get", "OK, another served", ""},
		{"no slash before it", "things.v1.Things/Get", nowhere, "reset"},
		{"a slash behind it", "/things.v1.Things/Get/", "OK, another served", ""},
		{"two slashes in it", "/things.v1.Things//Get", "OK, another served", ""},
		{"in upper case", "/THINGS.V1.THINGS/GET", "OK, another served", ""},
		{"a method in lower case", "/things.v1.Things/get", refused + service, ""},
		{"a letter encoded", "/things.v1.Things/G%65t", refused + service, refused + get},
		{"a slash encoded", "/things.v1.Things%2FGet", nowhere, refused + get},
		{"another slash encoded", "/%2Fthings.v1.Things/Get", "OK, another served", ""},
		{"encoded twice", "/things.v1.Things/G%2565t", refused + service, ""},
		{"a broken escape", "/things.v1.Things/Get%", refused + service, "reset"},
		{"a dot", "/./things.v1.Things/Get", "OK, another served", ""},
		{"two dots", "/x/../things.v1.Things/Get", "OK, another served", ""},
		{"two dots at the end", "/things.v1.Things/Get/..", "OK, another served", ""},
		{"a query", "/things.v1.Things/Get?x=/y", "OK, another served", refused + get},
		{"a fragment", "/things.v1.Things/Get#x", refused + service, ""},
		{"a semicolon", "/things.v1.Things/Get;x", refused + service, ""},
		{"a space", "/things.v1.Things/Get ", refused + service, ""},
		{"an empty method", "/things.v1.Things/", refused + service, ""},
		{"an empty service", "//Get", "OK, another served", ""},
		{"a service alone", "/things.v1.Things", nowhere, ""},
		{"a package before the service", "/x.things.v1.Things/Get", "OK, another served", ""},
		{"the service's rule", service, refused + service, ""},
		{"a slash alone", "/", nowhere, ""},
		{"nothing", "", nowhere, "reset"},
		{"a star", "*", nowhere, ""},
		{"a URL", "http://things.test/things.v1.Things/Get", nowhere, refused + get},
	}
	// Everything outside the service is public. So the test detects a path that reaches the
	// handler without being judged by its rule.
	policy := scopes.Policy{
		Routes:  map[string]scopes.Requirement{service: scopes.Authenticated()},
		Default: scopes.Public(),
	}.MustCompile()
	for name, serve := range over {
		t.Run(name, func(t *testing.T) {
			var seen recorder
			served := make(chan string, 1)
			conn := serve(t, func(s *grpc.Server) {
				things{
					func(context.Context) error { served <- ", GET SERVED"; return nil },
					func(grpc.ServerStream) error { served <- ", TALK SERVED"; return nil },
				}.register(s)
			}, append(grpcauth.ServerOptions(newGuard(t, byClock{}, middleware.Options{Observe: seen.observe}), policy),
				grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error { served <- ", another served"; return nil }))...)
			for _, tt := range tests {
				t.Run(tt.name, func(t *testing.T) {
					before := len(seen.all())
					got, err := ask(conn.Target(), tt.path)
					if err != nil {
						t.Fatal(err)
					}
					if events := seen.all(); len(events) > before && events[before].Route != "" {
						got += " by " + events[before].Route
					}
					select {
					case by := <-served:
						got += by
					default:
					}
					want := tt.native
					if name == "net/http" && tt.http != "" {
						want = tt.http
					}
					if got != want {
						t.Errorf("%q, want %q", got, want)
					}
				})
			}
		})
	}
}

func TestANameThatGRPCDoesNotKnowIsDenied(t *testing.T) {
	g := newGuard(t, byClock{}, middleware.Options{})
	const denied = codes.PermissionDenied
	rules := scopes.Policy{
		Routes:  map[string]scopes.Requirement{"/*": scopes.Public(), "Get": scopes.Public()},
		Default: scopes.Public(),
	}.MustCompile()
	for method, want := range map[string]codes.Code{
		get: codes.OK, "//Get": codes.OK, "/x/": codes.OK,
		"": denied, "/": denied, "Get": denied, "/Get": denied, "things.v1.Things/Get": denied, "things.v1.Things/": denied,
	} {
		_, err := grpcauth.Unary(g, rules)(t.Context(), nil, &grpc.UnaryServerInfo{Server: things{}, FullMethod: method},
			func(context.Context, any) (any, error) { return nil, nil })
		if status.Code(err) != want {
			t.Errorf("%q: %v, want %v", method, err, want)
		}
	}
}

// Whatever method an interceptor is told, the rule of the method by which gRPC finds the handler
// must admit the caller.
func TestTheRuleIsThatOfTheMethodThatIsCalled(t *testing.T) {
	const lax, strict = "/things.v1.Things/", "/old.Things/"
	policy := table(map[string]scopes.Requirement{lax + "*": scopes.Public(), strict + "*": scopes.Authenticated()})
	pretend := func(method string) string { return lax + method[strings.LastIndexByte(method, '/')+1:] }
	chains := []struct {
		name  string
		outer []grpc.ServerOption
	}{
		{"under a second name", nil},
		{"behind an interceptor that tells another method", []grpc.ServerOption{
			grpc.ChainUnaryInterceptor(func(
				ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler,
			) (any, error) {
				info.FullMethod = pretend(info.FullMethod)
				return handler(ctx, req)
			}),
			grpc.ChainStreamInterceptor(func(
				srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler,
			) error {
				info.FullMethod = pretend(info.FullMethod)
				return handler(srv, ss)
			}),
		}},
	}
	for _, chain := range chains {
		t.Run(chain.name, func(t *testing.T) {
			var seen recorder
			g := newGuard(t, byClock{}, middleware.Options{Observe: seen.observe})
			server := grpc.NewServer()
			conn := listening(t, func(s *grpc.Server) {
				for _, name := range []string{"things.v1.Things", "old.Things"} {
					things{quiet, echo}.registerAs(s, name)
					things{quiet, echo}.registerAs(server, name)
				}
			}, append(chain.outer, grpcauth.ServerOptions(g, policy)...)...)
			if err := grpcauth.Audit(server, policy); err != nil {
				t.Error(err)
			}
			for service, want := range map[string]codes.Code{lax: codes.OK, strict: codes.Unauthenticated} {
				if err := call(t.Context(), conn, service+"Get"); status.Code(err) != want {
					t.Errorf("%sGet: %v, want %v", service, err, want)
				}
				if _, err := say(open(t, t.Context(), conn, service+"Talk"), "hello"); status.Code(err) != want {
					t.Errorf("%sTalk: %v, want %v", service, err, want)
				}
				events := seen.all()
				for i, method := range []string{"Get", "Talk"} {
					if got := events[len(events)-2+i].Route; got != service+method {
						t.Errorf("observed %q, want %q", got, service+method)
					}
				}
			}
		})
	}
}

// The rule of the method that the interceptor is told must admit the caller as well.
func TestTheMethodThatIsToldIsJudgedAsWell(t *testing.T) {
	const called, told = "/old.Things/Get", "/things.v1.Things/Get"
	public, authenticated := scopes.Public(), scopes.Authenticated()
	tests := []struct {
		name         string
		called, told scopes.Requirement
		code         codes.Code
	}{
		{"both are open", public, public, codes.OK},
		{"the called method is not public", authenticated, public, codes.Unauthenticated},
		{"the told method is not public", public, authenticated, codes.Unauthenticated},
		{"the told method has no rule", public, scopes.Requirement{}, codes.PermissionDenied},
		{"neither is", authenticated, authenticated, codes.Unauthenticated},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			policy := table(map[string]scopes.Requirement{called: tt.called, told: tt.told})
			conn := listening(t, func(s *grpc.Server) { things{quiet, echo}.registerAs(s, "old.Things") },
				grpcauth.ServerOptions(newGuard(t, byClock{}, middleware.Options{}), policy)...)
			if err := call(t.Context(), conn, called); status.Code(err) != tt.code {
				t.Errorf("%v, want %v", err, tt.code)
			}
		})
	}
}

// nameless is a transport stream without a method, which a program that calls itself may have in
// its context.
type nameless struct{ grpc.ServerTransportStream }

func (nameless) Method() string { return "" }

func TestACallWithoutANameHasTheOneThatIsTold(t *testing.T) {
	policy := table(map[string]scopes.Requirement{get: scopes.Public()})
	intercept := grpcauth.Unary(newGuard(t, byClock{}, middleware.Options{}), policy)
	ctx := grpc.NewContextWithServerTransportStream(t.Context(), nameless{})
	info := &grpc.UnaryServerInfo{Server: things{}, FullMethod: get}
	if _, err := intercept(ctx, nil, info, func(context.Context, any) (any, error) { return nil, nil }); err != nil {
		t.Error(err)
	}
}

// The guard reads the metadata that interceptors before it pass on. Later changes have no effect.
func TestInterceptorsThatChangeTheMetadata(t *testing.T) {
	with := func(token string) []grpc.ServerOption {
		return []grpc.ServerOption{
			grpc.ChainUnaryInterceptor(func(
				ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler,
			) (any, error) {
				return handler(incoming(ctx, token), req)
			}),
			grpc.ChainStreamInterceptor(func(
				srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler,
			) error {
				return handler(srv, inContext{ss, incoming(ss.Context(), token)})
			}),
		}
	}
	var g *middleware.Guard
	again := func(ctx context.Context) error { return g.Authorize(ctx, scopes.All("read")) }
	for _, sent := range []string{"forever", "1"} {
		for _, put := range []string{"forever", "1"} {
			t.Run(fmt.Sprintf("%s instead of %s", put, sent), func(t *testing.T) {
				g = newGuard(t, byClock{}, middleware.Options{})
				register := func(s *grpc.Server) {
					things{again, func(stream grpc.ServerStream) error {
						if err := again(stream.Context()); err != nil {
							return err
						}
						return stream.SendMsg(wrapperspb.String("hello"))
					}}.register(s)
				}
				guarded := grpcauth.ServerOptions(g, anybody)
				for where, judged := range map[string]struct {
					token string
					opts  []grpc.ServerOption
				}{
					"before": {put, append(with(put), guarded...)},
					"behind": {sent, append(guarded, with(put)...)},
				} {
					want := codes.OK
					if judged.token != "forever" {
						want = codes.Unauthenticated
					}
					conn := listening(t, register, judged.opts...)
					if err := call(bearing(t.Context(), sent), conn, get); status.Code(err) != want {
						t.Errorf("%s, unary: %v, want %v", where, err, want)
					}
					if _, err := say(open(t, bearing(t.Context(), sent), conn, talk), "hello"); status.Code(err) != want {
						t.Errorf("%s, stream: %v, want %v", where, err, want)
					}
				}
			})
		}
	}
}
