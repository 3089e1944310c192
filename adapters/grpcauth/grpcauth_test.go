package grpcauth_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
)

func table(rules map[string]scopes.Requirement) *scopes.Table {
	return scopes.Policy{Routes: rules}.MustCompile()
}

func TestTheNearestRuleJudges(t *testing.T) {
	public, authenticated := scopes.Public(), scopes.Authenticated()
	tests := []struct {
		name   string
		policy scopes.Policy
		method string
		code   codes.Code // for a caller without credentials
	}{
		{"a method's own rule", scopes.Policy{Routes: map[string]scopes.Requirement{get: public}}, get, codes.OK},
		{"the service's rule", scopes.Policy{Routes: map[string]scopes.Requirement{"/things.v1.Things/*": public}}, get, codes.OK},
		{"the service's rule, for a stream", scopes.Policy{Routes: map[string]scopes.Requirement{"/things.v1.Things/*": public}}, talk, codes.OK},
		{"the method's rule wins over a weaker one of the service", scopes.Policy{Routes: map[string]scopes.Requirement{get: authenticated, "/things.v1.Things/*": public}}, get, codes.Unauthenticated},
		{"the method's rule wins over a stricter one of the service", scopes.Policy{Routes: map[string]scopes.Requirement{get: public, "/things.v1.Things/*": authenticated}}, get, codes.OK},
		{"another method's rule has no effect", scopes.Policy{Routes: map[string]scopes.Requirement{get: public}}, talk, codes.PermissionDenied},
		{"another service's rule has no effect", scopes.Policy{Routes: map[string]scopes.Requirement{"/things.v1.Other/*": public}}, get, codes.PermissionDenied},
		{"a rule for a package has no effect", scopes.Policy{Routes: map[string]scopes.Requirement{"/*": public, "/things.v1.*": public, "/things.v1/*": public, "*": public}}, get, codes.PermissionDenied},
		{"the policy's default", scopes.Policy{Default: public}, get, codes.OK},
		{"the service's rule wins over the default", scopes.Policy{Routes: map[string]scopes.Requirement{"/things.v1.Things/*": authenticated}, Default: public}, talk, codes.Unauthenticated},
		{"an empty policy denies", scopes.Policy{}, get, codes.PermissionDenied},
		{"an empty policy denies a stream", scopes.Policy{}, talk, codes.PermissionDenied},
		{"gRPC itself answers for a method that does not exist", scopes.Policy{}, "/things.v1.Things/Nothing", codes.Unimplemented},
		{"gRPC itself answers for a service that does not exist", scopes.Policy{Default: public}, "/other.Service/Get", codes.Unimplemented},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			conn := serve(t, func(s *grpc.Server) {
				things{quiet, func(grpc.ServerStream) error { return nil }}.register(s)
			}, grpcauth.ServerOptions(newGuard(t, byClock{}, middleware.Options{}), tt.policy.MustCompile())...)
			var err error
			if tt.method == talk {
				if _, err = say(open(t, t.Context(), conn, talk), "hello"); err != nil && status.Code(err) == codes.Unknown {
					err = nil // io.EOF: the handler has returned
				}
			} else {
				err = call(t.Context(), conn, tt.method)
			}
			if got := status.Code(err); got != tt.code {
				t.Errorf("%v, want %v", err, tt.code)
			}
		})
	}
}

func TestANilTableDenies(t *testing.T) {
	conn := serve(t, func(s *grpc.Server) { things{quiet, echo}.register(s) },
		grpcauth.ServerOptions(newGuard(t, byClock{}, middleware.Options{}), nil)...)
	if err := call(bearing(t.Context(), "forever"), conn, get); status.Code(err) != codes.PermissionDenied {
		t.Error(err)
	}
	stream := open(t, bearing(t.Context(), "forever"), conn, talk)
	if _, err := say(stream, "hello"); status.Code(err) != codes.PermissionDenied {
		t.Error(err)
	}
}

func TestANilGuardPanicsAtOnce(t *testing.T) {
	for name, f := range map[string]func(){
		"ServerOptions": func() { grpcauth.ServerOptions(nil, nil) },
		"Unary":         func() { grpcauth.Unary(nil, nil) },
		"Stream":        func() { grpcauth.Stream(nil, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("goes on")
				}
			}()
			f()
		})
	}
}

func TestHealthAndReflectionAreOpenOnlyIfListed(t *testing.T) {
	register := func(s *grpc.Server) {
		things{quiet, echo}.register(s)
		healthpb.RegisterHealthServer(s, health.NewServer())
		reflection.Register(s)
	}
	ask := func(t *testing.T, rules map[string]scopes.Requirement) (healthErr, reflectionErr error) {
		conn := serve(t, register, grpcauth.ServerOptions(newGuard(t, byClock{}, middleware.Options{}), table(rules))...)
		_, healthErr = healthpb.NewHealthClient(conn).Check(t.Context(), new(healthpb.HealthCheckRequest))
		stream := open(t, t.Context(), conn, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
		if err := stream.CloseSend(); err != nil {
			t.Error(err)
		}
		if reflectionErr = stream.RecvMsg(new(healthpb.HealthCheckResponse)); reflectionErr != nil &&
			reflectionErr.Error() == "EOF" {
			reflectionErr = nil
		}
		return healthErr, reflectionErr
	}
	healthErr, reflectionErr := ask(t, map[string]scopes.Requirement{get: scopes.Public()})
	if status.Code(healthErr) != codes.PermissionDenied || status.Code(reflectionErr) != codes.PermissionDenied {
		t.Errorf("not listed: health %v, reflection %v", healthErr, reflectionErr)
	}
	healthErr, reflectionErr = ask(t, map[string]scopes.Requirement{
		"/grpc.health.v1.Health/*":               scopes.Public(),
		"/grpc.reflection.v1.ServerReflection/*": scopes.Public(),
	})
	if healthErr != nil || reflectionErr != nil {
		t.Errorf("listed: health %v, reflection %v", healthErr, reflectionErr)
	}
}

func TestAudit(t *testing.T) {
	server := grpc.NewServer()
	things{quiet, echo}.register(server)
	healthpb.RegisterHealthServer(server, health.NewServer())
	public := scopes.Public()
	const (
		watch = "/grpc.health.v1.Health/Watch"
		check = "/grpc.health.v1.Health/Check"
		list  = "/grpc.health.v1.Health/List"
	)
	tests := []struct {
		name   string
		rules  map[string]scopes.Requirement
		faults []string
	}{
		{"every method listed", map[string]scopes.Requirement{get: public, talk: public, watch: public, check: public, list: public}, nil},
		{"every service listed", map[string]scopes.Requirement{"/things.v1.Things/*": public, "/grpc.health.v1.Health/*": public}, nil},
		{"a service, and some of its methods", map[string]scopes.Requirement{"/things.v1.Things/*": public, get: public, "/grpc.health.v1.Health/*": public}, nil},
		{"a service, and each of its methods", map[string]scopes.Requirement{"/things.v1.Things/*": public, get: public, talk: public, "/grpc.health.v1.Health/*": public}, nil},
		{"a method without a rule", map[string]scopes.Requirement{get: public, "/grpc.health.v1.Health/*": public}, []string{talk}},
		{"a service without a rule", map[string]scopes.Requirement{"/things.v1.Things/*": public}, []string{check, list, watch}},
		{"a rule without a method", map[string]scopes.Requirement{"/things.v1.Things/*": public, "/things.v1.Things/Gte": public, "/grpc.health.v1.Health/*": public}, []string{"/things.v1.Things/Gte"}},
		{"a rule without a service", map[string]scopes.Requirement{"/things.v1.Things/*": public, "/grpc.health.v1.Health/*": public, "/grpc.health.v2.Health/*": public}, []string{"/grpc.health.v2.Health/*"}},
		{"no policy", nil, []string{check, list, watch, get, talk}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var faults []string
			if err := grpcauth.Audit(server, table(tt.rules)); err != nil {
				for line := range strings.SplitSeq(err.Error(), "\n") {
					faults = append(faults, strings.Split(line, `"`)[1])
				}
			}
			if diff := cmp.Diff(tt.faults, faults); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// outcomes is a verifier whose result depends on the name that is the token.
type outcomes struct{}

func (outcomes) Verify(ctx context.Context, token string) (middleware.Claims, error) {
	switch token {
	case "outage":
		return middleware.Claims{}, errors.New("SECRET cause: dial tcp: connection refused")
	case "expired":
		return middleware.Claims{}, fmt.Errorf("SECRET cause: %w", middleware.ErrExpired)
	case "banned":
		return middleware.Claims{}, fmt.Errorf("%w: SECRET cause: on the list", middleware.ErrForbidden)
	}
	return byClock{}.Verify(ctx, token)
}

func TestARefusalIsAStatusWithDetailsAndATrailer(t *testing.T) {
	reason := func(reason string) *errdetails.ErrorInfo {
		return &errdetails.ErrorInfo{Reason: reason, Domain: "bearerguard"}
	}
	lacking := reason("INSUFFICIENT_SCOPE")
	lacking.Metadata = map[string]string{"scope": "read write"}
	stepUp := reason("STEP_UP")
	stepUp.Metadata = map[string]string{"acr_values": "gold silver", "max_age": "300", "scope": "read"}
	expired := reason("INVALID")
	expired.Metadata = map[string]string{"error_description": "the token has expired"}
	g := newGuard(t, outcomes{}, middleware.Options{
		Realm: "things",
		Body: func(context.Context, middleware.Request, *middleware.Error) (string, []byte) {
			return "text/plain", []byte("SECRET body")
		},
	})
	tests := []struct {
		name                  string
		need                  scopes.Requirement
		token                 string
		code                  codes.Code
		message               string
		details               []proto.Message
		challenge, retryAfter []string
	}{
		{"missing", scopes.Authenticated(), "", codes.Unauthenticated, "authentication required", []proto.Message{reason("MISSING")}, []string{`Bearer realm="things"`}, nil},
		{"malformed", scopes.Authenticated(), " ", codes.Unauthenticated, "malformed credentials", []proto.Message{reason("MALFORMED")}, []string{`Bearer realm="things", error="invalid_request"`}, nil},
		{"invalid", scopes.Authenticated(), "1", codes.Unauthenticated, "invalid token", []proto.Message{reason("INVALID")}, []string{`Bearer realm="things", error="invalid_token"`}, nil},
		{"expired", scopes.Authenticated(), "expired", codes.Unauthenticated, "the token has expired", []proto.Message{expired}, []string{`Bearer realm="things", error="invalid_token", error_description="the token has expired"`}, nil},
		{"insufficient scope", scopes.All("read", "write"), "forever", codes.PermissionDenied, "insufficient scope", []proto.Message{lacking}, []string{`Bearer realm="things", error="insufficient_scope", scope="read write"`}, nil},
		{"step up", scopes.All("read").And(scopes.ACR("gold", "silver")).And(scopes.MaxAge(5 * time.Minute)), "forever", codes.Unauthenticated, "a stronger or more recent login is required", []proto.Message{stepUp}, []string{`Bearer realm="things", error="insufficient_user_authentication", scope="read", acr_values="gold silver", max_age="300"`}, nil},
		{"denied", scopes.Requirement{}, "forever", codes.PermissionDenied, "access denied", []proto.Message{reason("DENIED")}, nil, nil},
		{"banned", scopes.Authenticated(), "banned", codes.PermissionDenied, "access denied", []proto.Message{reason("DENIED")}, nil, nil},
		{"unavailable", scopes.Authenticated(), "outage", codes.Unavailable, "cannot check credentials now", []proto.Message{reason("UNAVAILABLE"), &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: 5}}}, nil, []string{"5"}},
	}
	for _, tt := range tests {
		conn := serve(t, func(s *grpc.Server) { things{quiet, echo}.register(s) },
			grpcauth.ServerOptions(g, table(map[string]scopes.Requirement{"/things.v1.Things/*": tt.need}))...)
		judge := func(t *testing.T, err error, trailer metadata.MD) {
			t.Helper()
			st := status.Convert(err)
			var details []proto.Message
			for _, detail := range st.Details() {
				details = append(details, detail.(proto.Message))
			}
			if st.Code() != tt.code || st.Message() != tt.message {
				t.Errorf("%v, want %v %q", err, tt.code, tt.message)
			}
			if diff := cmp.Diff(tt.details, details, protocmp.Transform()); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([][]string{tt.challenge, tt.retryAfter},
				[][]string{trailer["www-authenticate"], trailer["retry-after"]}); diff != "" {
				t.Error(diff)
			}
		}
		t.Run(tt.name+", unary", func(t *testing.T) {
			var trailer metadata.MD
			err := call(bearing(t.Context(), tt.token), conn, get, grpc.Trailer(&trailer))
			judge(t, err, trailer)
		})
		t.Run(tt.name+", stream", func(t *testing.T) {
			stream := open(t, bearing(t.Context(), tt.token), conn, talk)
			_, err := say(stream, "hello")
			judge(t, err, stream.Trailer())
		})
	}
}

func TestAStatusTellsWhereTheMetadataAre(t *testing.T) {
	const metadataURL = "https://things.test/.well-known/oauth-protected-resource"
	g := newGuard(t, outcomes{}, middleware.Options{Resource: &middleware.Resource{
		URL: "https://things.test", AuthorizationServers: []string{"https://issuer.test"},
	}})
	conn := serve(t, func(s *grpc.Server) { things{quiet, echo}.register(s) }, grpcauth.ServerOptions(
		g, table(map[string]scopes.Requirement{"/things.v1.Things/*": scopes.All("write")}))...)
	tests := []struct {
		name, token string
		want        map[string]string // in the ErrorInfo
		challenge   []string
	}{
		{"missing", "", map[string]string{"scope": "write", "resource_metadata": metadataURL}, []string{`Bearer realm="api", scope="write", resource_metadata="` + metadataURL + `"`}},
		{"expired", "expired", map[string]string{"error_description": "the token has expired", "scope": "write", "resource_metadata": metadataURL}, []string{`Bearer realm="api", error="invalid_token", error_description="the token has expired", scope="write", resource_metadata="` + metadataURL + `"`}},
		{"insufficient scope", "forever", map[string]string{"scope": "write", "resource_metadata": metadataURL}, []string{`Bearer realm="api", error="insufficient_scope", scope="write", resource_metadata="` + metadataURL + `"`}},
		{"banned", "banned", nil, nil},
		{"unavailable", "outage", nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var trailer metadata.MD
			err := call(bearing(t.Context(), tt.token), conn, get, grpc.Trailer(&trailer))
			info, ok := status.Convert(err).Details()[0].(*errdetails.ErrorInfo)
			if !ok {
				t.Fatalf("no ErrorInfo in %v", err)
			}
			if diff := cmp.Diff(tt.want, info.GetMetadata()); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.challenge, trailer["www-authenticate"]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHowCredentialsAreSent(t *testing.T) {
	tests := []carried{
		{"once", metadata.Pairs("authorization", "Bearer forever"), ""},
		{"twice, the same", metadata.Pairs("authorization", "Bearer forever", "authorization", "Bearer forever"), "MALFORMED"},
		{"twice, the good one first", metadata.Pairs("authorization", "Bearer forever", "authorization", "Bearer 1"), "MALFORMED"},
		{"twice, the good one last", metadata.Pairs("authorization", "Bearer 1", "authorization", "Bearer forever"), "MALFORMED"},
		{"twice, one of another scheme", metadata.Pairs("authorization", "Basic dTpw", "authorization", "Bearer forever"), "MALFORMED"},
		{"in another scheme", metadata.Pairs("authorization", "Basic dTpw"), "MISSING"},
		{"as binary metadata", metadata.Pairs("authorization-bin", "Bearer forever"), "MISSING"},
		{"in a cookie", metadata.Pairs("cookie", "session=forever"), ""},
		{"in the second line of cookies", metadata.Pairs("cookie", "a=b", "cookie", "session=forever"), ""},
		{"in two cookies", metadata.Pairs("cookie", "session=forever", "cookie", "session=forever"), "MALFORMED"},
		{"in both places", metadata.Pairs("cookie", "session=forever", "authorization", "Bearer forever"), ""},
		{"in both places, by another origin's page", metadata.Pairs("cookie", "session=forever", "authorization", "Bearer forever", "origin", "https://other.test"), "DENIED"},
		{"another one in each place", metadata.Pairs("cookie", "session=1", "authorization", "Bearer forever"), "MALFORMED"},
		{"in a cookie, by the server's own page", metadata.Pairs("cookie", "session=forever", "origin", "https://things.test"), ""},
		{"in a cookie, by another origin's page", metadata.Pairs("cookie", "session=forever", "origin", "https://other.test"), "DENIED"},
	}
	sends(t, middleware.Options{Cookie: "session"}, tests)
}

// The option may be spelled as a field of HTTP. Keys of metadata are in lower case.
func TestATokenInMetadataOfAnotherKey(t *testing.T) {
	sends(t, middleware.Options{Header: "X-Amzn-Oidc-Data"}, []carried{
		{"in the key", metadata.Pairs("x-amzn-oidc-data", "forever"), ""},
		{"in the key, which the client spells in capitals", metadata.Pairs("X-AMZN-OIDC-DATA", "forever"), ""},
		{"twice, the same", metadata.Pairs("x-amzn-oidc-data", "forever", "x-amzn-oidc-data", "forever"), "MALFORMED"},
		{"twice, the first one empty", metadata.Pairs("x-amzn-oidc-data", "", "x-amzn-oidc-data", "forever"), "MALFORMED"},
		{"with a scheme", metadata.Pairs("x-amzn-oidc-data", "Bearer forever"), "INVALID"},
		{"without a value", metadata.Pairs("x-amzn-oidc-data", ""), "MALFORMED"},
		{"beside authorization", metadata.Pairs("x-amzn-oidc-data", "forever", "authorization", "Bearer forever"), "MALFORMED"},
		{"beside authorization of another scheme", metadata.Pairs("x-amzn-oidc-data", "forever", "authorization", "Basic dTpw"), "MALFORMED"},
		{"in authorization alone", metadata.Pairs("authorization", "Bearer forever"), "MISSING"},
		{"as binary metadata", metadata.Pairs("x-amzn-oidc-data-bin", "forever"), "MISSING"},
		{"in a cookie", metadata.Pairs("cookie", "x-amzn-oidc-data=forever"), "MISSING"},
		{"by the server's own page", metadata.Pairs("x-amzn-oidc-data", "forever", "origin", "https://things.test"), ""},
		{"by another origin's page", metadata.Pairs("x-amzn-oidc-data", "forever", "origin", "https://other.test"), "DENIED"},
		{"by another site's page", metadata.Pairs("x-amzn-oidc-data", "forever", "sec-fetch-site", "cross-site"), "DENIED"},
	})
}

// carried is a call with metadata. reason is that of the refusal; "": it passes.
type carried struct {
	name   string
	md     metadata.MD
	reason string
}

// sends makes each call, unary and as a stream, to a server whose guard has these options.
func sends(t *testing.T, options middleware.Options, tests []carried) {
	t.Helper()
	conn := serve(t, func(s *grpc.Server) { things{quiet, echo}.register(s) }, grpcauth.ServerOptions(
		newGuard(t, byClock{}, options), scopes.Policy{Default: scopes.Authenticated()}.MustCompile())...)
	reason := func(err error) string {
		for _, detail := range status.Convert(err).Details() {
			return detail.(*errdetails.ErrorInfo).GetReason()
		}
		return ""
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx := metadata.NewOutgoingContext(t.Context(), tt.md)
			if err := call(ctx, conn, get); reason(err) != tt.reason {
				t.Errorf("unary: %v, want %q", err, tt.reason)
			}
			if _, err := say(open(t, ctx, conn, talk), "hello"); reason(err) != tt.reason {
				t.Errorf("stream: %v, want %q", err, tt.reason)
			}
		})
	}
}

func TestErrorsOfAHandler(t *testing.T) {
	g := newGuard(t, byClock{}, middleware.Options{})
	untouched := status.Error(codes.NotFound, "no such thing")
	tests := []struct {
		name    string
		err     func(ctx context.Context) error
		code    codes.Code
		message string
		trailer bool
	}{
		{"Authorize's refusal is a refusal", func(ctx context.Context) error { return g.Authorize(ctx, scopes.All("write")) }, codes.PermissionDenied, "insufficient scope", true},
		{"a wrapped one is, too", func(ctx context.Context) error {
			return fmt.Errorf("SECRET cause: %w", g.Authorize(ctx, scopes.All("write")))
		}, codes.PermissionDenied, "insufficient scope", true},
		{"a nil error of Authorize is not a refusal", func(ctx context.Context) error { return g.Authorize(ctx, scopes.All("read")) }, codes.OK, "", false},
		{"a status stays unchanged", func(context.Context) error { return untouched }, codes.NotFound, "no such thing", false},
		{"a status that wraps a refusal stays unchanged", func(ctx context.Context) error {
			return errors.Join(untouched, g.Authorize(ctx, scopes.All("write")))
		}, codes.NotFound, "", false},
		{"a nil refusal is not a refusal", func(context.Context) error { return (*middleware.Error)(nil) }, codes.Unknown, "", false},
		{"any other error stays unchanged", func(context.Context) error { return errors.New("no idea") }, codes.Unknown, "no idea", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			conn := serve(t, func(s *grpc.Server) {
				things{tt.err, func(stream grpc.ServerStream) error { return tt.err(stream.Context()) }}.register(s)
			}, grpcauth.ServerOptions(g, scopes.Policy{Default: scopes.Authenticated()}.MustCompile())...)
			for _, token := range []string{"forever", expiringIn(1 << 40)} {
				var trailer metadata.MD
				err := call(bearing(t.Context(), token), conn, get, grpc.Trailer(&trailer))
				if status.Code(err) != tt.code || tt.message != "" && status.Convert(err).Message() != tt.message ||
					(len(trailer["www-authenticate"]) > 0) != tt.trailer {
					t.Errorf("unary: %v %v", err, trailer)
				}
				stream := open(t, bearing(t.Context(), token), conn, talk)
				if _, err = say(stream, "hello"); err != nil && err.Error() == "EOF" {
					err = nil
				}
				if status.Code(err) != tt.code || tt.message != "" && status.Convert(err).Message() != tt.message ||
					(len(stream.Trailer()["www-authenticate"]) > 0) != tt.trailer {
					t.Errorf("stream: %v %v", err, stream.Trailer())
				}
			}
		})
	}
}

func TestTheObserverIsToldTheMethodAndThePeer(t *testing.T) {
	// httptest has a certificate.
	https := httptest.NewTLSServer(nil)
	defer https.Close()
	roots := x509.NewCertPool()
	roots.AddCert(https.Certificate())

	var seen recorder
	g := newGuard(t, byClock{}, middleware.Options{Observe: seen.observe})
	rules := table(map[string]scopes.Requirement{"/things.v1.Things/*": scopes.Authenticated()})
	server := grpc.NewServer(append(grpcauth.ServerOptions(g, rules),
		grpc.Creds(credentials.NewTLS(&tls.Config{Certificates: https.TLS.Certificates, MinVersion: tls.VersionTLS13})))...)
	things{quiet, echo}.register(server)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	conn, err := grpc.NewClient(listener.Addr().String(),
		grpc.WithTransportCredentials(credentials.NewClientTLSFromCert(roots, "example.com")))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := call(bearing(t.Context(), "forever"), conn, get); err != nil {
		t.Fatal(err)
	}
	if _, err := say(open(t, bearing(t.Context(), "forever"), conn, talk), "hello"); err != nil {
		t.Fatal(err)
	}
	events := seen.all()
	if len(events) != 2 || events[0].Route != get || events[1].Route != talk {
		t.Fatalf("events %+v", events)
	}
	for _, e := range events {
		if host, _, err := net.SplitHostPort(e.RemoteAddr); err != nil || host != "127.0.0.1" {
			t.Errorf("%s: remote address %q", e.Route, e.RemoteAddr)
		}
		if e.TLS == nil || e.TLS.Version != tls.VersionTLS13 || e.TLS.ServerName != "example.com" {
			t.Errorf("%s: TLS %+v", e.Route, e.TLS)
		}
	}
}

func TestTheGuardIsToldOfNoTLSWithoutIt(t *testing.T) {
	var seen recorder
	unary := grpcauth.Unary(newGuard(t, byClock{}, middleware.Options{Observe: seen.observe}), nil)
	for _, p := range []*peer.Peer{{AuthInfo: nil}, {AuthInfo: other{}}, {Addr: &net.TCPAddr{Port: 7}}} {
		_, err := unary(peer.NewContext(t.Context(), p), nil, &grpc.UnaryServerInfo{FullMethod: get}, nil)
		if status.Code(err) != codes.PermissionDenied {
			t.Errorf("%+v: %v", p, err)
		}
	}
	events := seen.all()
	if len(events) != 3 {
		t.Fatalf("events %+v", events)
	}
	for i, e := range events {
		if e.TLS != nil || (e.RemoteAddr != "") != (i == 2) {
			t.Errorf("event %d: %+v", i, e)
		}
	}
}

// other is a security protocol other than TLS.
type other struct{}

func (other) AuthType() string { return "other" }

func TestAMethodThatIsNotRegisteredIsNamedByItsRuleOnly(t *testing.T) {
	var seen recorder
	g := newGuard(t, byClock{}, middleware.Options{Observe: seen.observe})
	policy := table(map[string]scopes.Requirement{
		"/far.Away/*": scopes.Public(), "/near.By/Get": scopes.Public(),
		"/things.v1.Things/*": scopes.Public(),
	})
	conn := serve(t, func(s *grpc.Server) { things{quiet, echo}.register(s) }, append(grpcauth.ServerOptions(g, policy),
		grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error { return echo(stream) }))...)
	tests := []struct {
		name, method, route string
		code                codes.Code
	}{
		{"a registered method is named", talk, talk, codes.OK},
		{"a rule of its own gives it a name", "/near.By/Get", "/near.By/Get", codes.OK},
		{"a rule of its service gives it the name of the service", "/far.Away/FORGED", "/far.Away/*", codes.OK},
		{"a method of a known service is named by that, too", "/things.v1.Things/FORGED", "/things.v1.Things/*", codes.OK},
		{"without a rule it has no name and is denied", "/FORGED/FORGED", "", codes.PermissionDenied},
		{"all up to the last slash is the service", "/far.Away/x/FORGED", "", codes.PermissionDenied},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := say(open(t, t.Context(), conn, tt.method), "hello")
			if status.Code(err) != tt.code {
				t.Errorf("%v, want %v", err, tt.code)
			}
			if events := seen.all(); len(events) != i+1 || events[i].Route != tt.route {
				t.Errorf("%d events, the last one %q, want %q", len(events), events[len(events)-1].Route, tt.route)
			}
		})
	}
}

func TestSeveralIssuers(t *testing.T) {
	var issuers []*authtest.Issuer
	var verifiers []*middleware.JWT
	for _, name := range []string{"https://one.test", "https://two.test", "https://stranger.test"} {
		issuer, err := authtest.New(authtest.Config{URL: name})
		if err != nil {
			t.Fatal(err)
		}
		defer issuer.Close()
		keys, err := jwks.New(jwks.Config{Issuer: issuer.URL(), Client: issuer.Client()})
		if err != nil {
			t.Fatal(err)
		}
		defer keys.Close()
		v, err := middleware.NewJWT(middleware.JWTConfig{
			Issuer: issuer.URL(), Audience: []string{issuer.Audience()},
			Keys: keys,
		})
		if err != nil {
			t.Fatal(err)
		}
		issuers, verifiers = append(issuers, issuer), append(verifiers, v)
	}
	either, err := middleware.ByIssuer(map[string]middleware.Verifier{
		"https://one.test": verifiers[0],
		"https://two.test": verifiers[1],
	})
	if err != nil {
		t.Fatal(err)
	}
	var seen string
	conn := serve(t, func(s *grpc.Server) {
		things{func(ctx context.Context) error {
			claims, _ := middleware.ClaimsFrom(ctx)
			seen = claims.Issuer()
			return nil
		}, func(stream grpc.ServerStream) error {
			claims, _ := middleware.ClaimsFrom(stream.Context())
			seen = claims.Issuer()
			return echo(stream)
		}}.register(s)
	}, grpcauth.ServerOptions(newGuard(t, either, middleware.Options{}),
		scopes.Policy{Default: scopes.Authenticated()}.MustCompile())...)
	for i, want := range []codes.Code{codes.OK, codes.OK, codes.Unauthenticated} {
		ctx := bearing(t.Context(), issuers[i].Mint(authtest.Token{}))
		for _, f := range []func() error{
			func() error { return call(ctx, conn, get) },
			func() error { _, err := say(open(t, ctx, conn, talk), "hello"); return err },
		} {
			seen = ""
			if err := f(); status.Code(err) != want || (err == nil) != (seen == issuers[i].URL()) {
				t.Errorf("%s: %v, claims of %q", issuers[i].URL(), err, seen)
			}
		}
	}
}
