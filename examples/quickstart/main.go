// The quickstart starts an issuer and a protected API on loopback. The API is on
// four transports, with one policy. The program prints a curl command for each
// outcome: a request that passes, requests that are refused, and requests while the
// issuer is down. It serves until Ctrl-C.
//
// With -demo it sends these requests itself over every transport, and prints the
// answers. It exits with status 0 only if each answer is the expected one.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	thingsv1 "github.com/bearerguard/bearerguard/examples/grpc/things/v1"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

const audience = "https://api.example"

// policy says what each route needs. A route that it does not list is denied.
var policy = scopes.Policy{Routes: map[string]scopes.Requirement{
	"GET /read":                         scopes.All("read:things"), // net/http, Echo, Gin
	thingsv1.Things_Read_FullMethodName: scopes.All("read:things"), // gRPC

	// Only this example has these routes, on net/http: they switch the issuer off and on.
	"POST /issuer/down": scopes.Public(),
	"POST /issuer/up":   scopes.Public(),
}, Unrouted: scopes.Authenticated()}.MustCompile() // with a good token: the router's own 404 and 405

func main() {
	demo := flag.Bool("demo", false, "send the requests, print the answers and exit")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *demo); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, demo bool) (err error) {
	issuer, err := authtest.New(authtest.Config{Addr: "127.0.0.1:0", Audience: audience})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, issuer.Close()) }()

	// This is the first of two statements. It says which issuer to trust. The second
	// is in servers.go, once for each transport.
	guard, err := middleware.New(
		middleware.JWTConfig{Issuer: issuer.URL(), Audience: []string{audience}},
		middleware.Options{Logger: slog.Default()},
	)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, guard.Close()) }()

	next, err := authtest.NewKey("ES256")
	if err != nil {
		return err
	}
	transports, stop, err := serve(guard, switches{
		down: func() { issuer.Break(authtest.Fault{Down: true}) },
		up:   func() { issuer.Publish(next); issuer.Heal() },
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }() // before the guard is closed

	if err := guard.Ready(ctx); err != nil {
		return err
	}
	steps, err := scenario(issuer, next)
	if err != nil {
		return err
	}
	if demo {
		return play(ctx, os.Stdout, transports, steps)
	}
	fmt.Printf("The issuer is %s, and the audience of its tokens is %s.\n", issuer.URL(), audience)
	printCommands(os.Stdout, transports, steps)
	<-ctx.Done()
	return nil
}

// switches take the issuer down, and bring it back with a new key.
type switches struct{ down, up func() }

func (s switches) register(mux *http.ServeMux) {
	mux.HandleFunc("POST /issuer/down", func(http.ResponseWriter, *http.Request) { s.down() })
	mux.HandleFunc("POST /issuer/up", func(http.ResponseWriter, *http.Request) { s.up() })
}
