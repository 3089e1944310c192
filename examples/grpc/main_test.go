package main

import (
	"context"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	thingsv1 "github.com/bearerguard/bearerguard/examples/grpc/things/v1"
	"github.com/bearerguard/bearerguard/examples/internal/demotest"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

func TestRun(t *testing.T) { demotest.Run(t, run) }

// start makes an issuer, and serves the API for its tokens.
func start(t *testing.T, ctx context.Context) (addr string, issuer *authtest.Issuer) {
	t.Helper()
	issuer = authtest.Start(t, authtest.Config{})
	guard := issuer.Guard(t, middleware.Options{})
	server, err := newServer(ctx, guard)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() {
		server.Stop()
		served.Wait()
	})
	return listener.Addr().String(), issuer
}

func dial(t *testing.T, addr string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestTheClientPrintsTheAnswerToEachCall(t *testing.T) {
	addr, issuer := start(t, t.Context())
	client := exec.CommandContext(t.Context(), "go", "run", "./client")
	client.Env = append(os.Environ(), "ADDR="+addr,
		"READER="+issuer.Mint(authtest.Token{Scope: "read:things"}),
		"WRITER="+issuer.Mint(authtest.Token{Scope: "write:things"}))
	client.Stderr = os.Stderr
	out, err := client.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(out)) {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	challenge := func(scope string) string {
		return `Bearer realm="api", error="insufficient_scope", scope="` + scope + `"`
	}
	want := []string{
		`METHOD TOKEN STATUS REASON CHALLENGE`,
		`Public none OK`,
		`Public reader OK`,
		`Public writer OK`,
		`Me none Unauthenticated MISSING Bearer realm="api"`,
		`Me reader OK`,
		`Me writer OK`,
		`Read none Unauthenticated MISSING Bearer realm="api"`,
		`Read reader OK`,
		`Read writer PermissionDenied INSUFFICIENT_SCOPE ` + challenge("read:things"),
		`Write none Unauthenticated MISSING Bearer realm="api"`,
		`Write reader PermissionDenied INSUFFICIENT_SCOPE ` + challenge("write:things"),
		`Write writer OK`,
		`Watch none Unauthenticated MISSING Bearer realm="api"`,
		`Watch reader OK`,
		`Watch writer PermissionDenied INSUFFICIENT_SCOPE ` + challenge("read:things"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheClientCallsOnlyWhatIsAskedFor(t *testing.T) {
	addr, issuer := start(t, t.Context())
	client := exec.CommandContext(t.Context(), "go", "run", "./client", "Read")
	client.Env = append(os.Environ(), "ADDR="+addr, "WRITER=",
		"READER="+issuer.Mint(authtest.Token{Scope: "read:things"}))
	out, err := client.CombinedOutput()
	if lines := strings.Count(string(out), "\n"); err != nil || lines != 3 || !strings.Contains(string(out), "OK") {
		t.Errorf("%v\n%s", err, out)
	}
	client = exec.CommandContext(t.Context(), "go", "run", "./client", "Reed")
	if out, err := client.CombinedOutput(); err == nil || !strings.Contains(string(out), `no method "Reed"`) {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestTheClientAsksWhetherTheServerIsRunning(t *testing.T) {
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := nobody.Addr().String()
	nobody.Close()
	client := exec.CommandContext(t.Context(), "go", "run", "./client")
	client.Env = append(os.Environ(), "ADDR="+addr)
	out, err := client.CombinedOutput()
	if err == nil || !strings.Contains(string(out), addr+" (from ADDR): is the server running?") {
		t.Errorf("%v\n%s", err, out)
	}
	if client.ProcessState.ExitCode() != 1 {
		t.Errorf("exit status %d, want 1", client.ProcessState.ExitCode())
	}
}

func TestHealthIsOpen(t *testing.T) {
	addr, _ := start(t, t.Context())
	got, err := healthpb.NewHealthClient(dial(t, addr)).Check(t.Context(), new(healthpb.HealthCheckRequest))
	if err != nil || got.GetStatus() != healthpb.HealthCheckResponse_SERVING {
		t.Errorf("%v, %v", got, err)
	}
}

func TestAWatcherSeesWhatIsWritten(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	addr, issuer := start(t, ctx)
	api := thingsv1.NewThingsClient(dial(t, addr))
	caller := metadata.AppendToOutgoingContext(
		t.Context(), "authorization", "Bearer "+issuer.Mint(authtest.Token{Scope: "read:things write:things"}),
	)

	if me, err := api.Me(caller, new(thingsv1.MeRequest)); err != nil || me.GetSub() != "user-1" {
		t.Errorf("%v, %v", me, err)
	}
	watch, err := api.Watch(caller, new(thingsv1.WatchRequest))
	if err != nil {
		t.Fatal(err)
	}
	next := func(want string) {
		t.Helper()
		if got, err := watch.Recv(); err != nil || got.GetThing() != want {
			t.Errorf("%v, %v, want %q", got, err, want)
		}
	}
	next("a thing")
	for _, thing := range []string{"another", "a third"} {
		if _, err := api.Write(caller, &thingsv1.WriteRequest{Thing: thing}); err != nil {
			t.Error(err)
		}
		next(thing)
	}
	list, err := api.Read(caller, new(thingsv1.ReadRequest))
	if diff := cmp.Diff([]string{"a thing", "another", "a third"}, list.GetThings()); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if _, err := api.Write(caller, new(thingsv1.WriteRequest)); status.Code(err) != codes.InvalidArgument {
		t.Errorf("nothing written: %v", err)
	}

	stop()
	if _, err := watch.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("after the shutdown: %v", err)
	}
}
