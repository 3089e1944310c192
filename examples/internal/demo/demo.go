// Package demo has the code that the examples share. Your program does not need it. If the
// environment names no issuer, the package starts one inside the example. It also prints
// commands that call the API.
package demo

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// Env has the issuer and the audience that an example trusts, and the address that it
// listens on. They come from ISSUER, AUDIENCE and ADDR.
type Env struct {
	Issuer, Audience, Addr string

	embedded *authtest.Issuer // nil: ISSUER names a real one
}

// Start reads the environment. addr is the default of ADDR. If ISSUER is empty, Start
// starts an issuer on loopback.
func Start(addr string) (*Env, error) {
	env := &Env{
		Issuer:   os.Getenv("ISSUER"),
		Audience: cmp.Or(os.Getenv("AUDIENCE"), "https://things.example"),
		Addr:     cmp.Or(os.Getenv("ADDR"), addr),
	}
	if env.Issuer != "" {
		return env, nil
	}
	issuer, err := authtest.New(authtest.Config{Addr: "127.0.0.1:0", Audience: env.Audience})
	if err != nil {
		return nil, err
	}
	env.Issuer, env.embedded = issuer.URL(), issuer
	return env, nil
}

// Close stops the issuer that Start has started, if any. Call it after closing the guard.
func (e *Env) Close() error {
	if e.embedded == nil {
		return nil
	}
	return e.embedded.Close()
}

// Listen listens on Addr.
func (e *Env) Listen() (net.Listener, error) {
	listener, err := net.Listen("tcp", e.Addr)
	if err != nil {
		return nil, fmt.Errorf("%w (the address is from ADDR)", err)
	}
	return listener, nil
}

// Serve serves handler on Addr until ctx ends. It returns after the last request has
// been answered, so that the caller can close the guard.
func (e *Env) Serve(ctx context.Context, handler http.Handler) error {
	listener, err := e.Listen()
	if err != nil {
		return err
	}
	e.printCurl(os.Stdout, "http://"+listener.Addr().String())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return server.Shutdown(grace)
}

// Introduce writes the address of the API, and the issuer and audience that it trusts.
func (e *Env) Introduce(w io.Writer, api string) {
	fmt.Fprintf(w, "things API on %s, trusting %s for %s\n\n", api, e.Issuer, e.Audience)
}

// printCurl writes shell commands for each route of the things API. base is its URL. If
// the issuer is a real one, the user must fill in the tokens.
func (e *Env) printCurl(w io.Writer, base string) {
	e.Introduce(w, base)
	fmt.Fprintf(w, "READER='%s'\nWRITER='%s'\n", e.Token("read:things"), e.Token("read:things write:things"))
	fmt.Fprintf(w, "curl -i %s/public\n", base)
	fmt.Fprintf(w, "curl -i %s/me\n", base)
	fmt.Fprintf(w, "curl -i -H \"Authorization: Bearer $READER\" %s/me\n", base)
	fmt.Fprintf(w, "curl -i -H \"Authorization: Bearer $READER\" %s/read\n", base)
	fmt.Fprintf(w, "curl -i -H \"Authorization: Bearer $READER\" -X POST %s/write\n", base)
	fmt.Fprintf(w, "curl -i -H \"Authorization: Bearer $WRITER\" -X POST %s/write\n", base)
}

// Token returns a token that grants scope for an hour. If the issuer is a real one, it
// returns a text that the user replaces.
func (e *Env) Token(scope string) string {
	if e.embedded == nil {
		return "a token of the issuer"
	}
	return e.embedded.Mint(authtest.Token{Scope: scope, Claims: map[string]any{"exp": time.Now().Add(time.Hour)}})
}
