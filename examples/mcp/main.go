// The mcp example is a Model Context Protocol server for made-up orders, on the official Go SDK. One policy
// has a rule for each tool, resource and prompt. A client needs nothing but the URL: the refusals tell it
// where to get a token, and which scopes to ask for.
//
// It reads the environment:
//
//   - ISSUER is the authorization server. If it is empty, the example starts one on loopback, which grants
//     whatever clients ask for.
//   - URL is the URL of the server, as clients write it: "https://mcp.example/mcp". It is also the audience
//     of the tokens. If it is empty, it is /mcp on the address that the server listens on.
//   - ADDR is the address to listen on.
//
// Files to copy: message.go and enforce.go choose the rule of a message and end streams, and caller.go tells
// the tools who sent a message.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mcp:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) (err error) {
	listener, err := net.Listen("tcp", cmp.Or(os.Getenv("ADDR"), "127.0.0.1:8080"))
	if err != nil {
		return fmt.Errorf("%w (the address is from ADDR)", err)
	}
	defer listener.Close()
	url := cmp.Or(os.Getenv("URL"), "http://"+listener.Addr().String()+"/mcp")

	issuer := os.Getenv("ISSUER")
	if issuer == "" {
		embedded, err := authtest.New(authtest.Config{Addr: "127.0.0.1:0", Authorize: agree})
		if err != nil {
			return err
		}
		defer func() { _ = embedded.Close() }()
		issuer = embedded.URL()
	}

	opts := options(url)
	opts.Logger = slog.Default()
	guard, err := middleware.New(middleware.JWTConfig{Issuer: issuer}, opts) // the audience is the URL
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, guard.Close()) }() // the guard is closed after the server

	handler, err := newHandler(guard, newServer(), &mcp.StreamableHTTPOptions{
		SessionTimeout: 10 * time.Minute,
		// A proxy on this machine sends the host of URL, and the SDK would refuse it. Pages that reach loopback
		// under a false name have no token.
		DisableLocalhostProtection: os.Getenv("URL") != "",
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "MCP server on %s, trusting %s\n\n", url, issuer)
	fmt.Fprintf(out, "curl -i http://%s%s\n", listener.Addr(), guard.MetadataPath())
	fmt.Fprintf(out, "curl -i -H 'Content-Type: application/json' -d '%s' http://%s/mcp\n", ping, listener.Addr())
	return serve(ctx, &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}, listener)
}

const ping = `{"jsonrpc":"2.0","id":1,"method":"ping"}`

// agree is a user who grants whatever a client asks for, and logs in as it asks.
func agree(a authtest.Authorization) (authtest.Token, error) {
	token := authtest.Token{Claims: map[string]any{"sub": "alice"}, AuthTime: time.Now()}
	if len(a.ACRValues) > 0 {
		token.ACR = a.ACRValues[0]
	}
	return token, nil
}

// serve serves until ctx ends. Then it waits a moment for answers, and closes the streams that stay open.
func serve(ctx context.Context, server *http.Server, listener net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if server.Shutdown(grace) == nil {
		return nil
	}
	return server.Close()
}
