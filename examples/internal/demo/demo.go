// Package demo holds what the examples share and no program of yours needs: an
// issuer that runs inside of the example when the environment names none, and
// lines to try it with.
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

// Env says whom an example trusts and where it listens. It is read from ISSUER,
// AUDIENCE and ADDR.
type Env struct {
	Issuer, Audience, Addr string

	embedded *authtest.Issuer // nil: ISSUER names a real one
}

// Start reads the environment; addr is the default of ADDR. Without ISSUER it
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

// Close stops the issuer, if there is one. It comes last, after the guard.
func (e *Env) Close() error {
	if e.embedded == nil {
		return nil
	}
	return e.embedded.Close()
}

// Listen opens Addr.
func (e *Env) Listen() (net.Listener, error) {
	listener, err := net.Listen("tcp", e.Addr)
	if err != nil {
		return nil, fmt.Errorf("%w (ADDR says where to listen)", err)
	}
	return listener, nil
}

// Serve serves handler on Addr until ctx ends, and returns when the last request
// is answered: then the guard behind it may be closed.
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

// Introduce writes where the API is and whom it trusts.
func (e *Env) Introduce(w io.Writer, api string) {
	fmt.Fprintf(w, "things API on %s, trusting %s for %s\n\n", api, e.Issuer, e.Audience)
}

// printCurl writes lines to paste into a shell, one for each route of the things
// API at base, an URL. A real issuer's tokens have to be filled in.
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

// Token returns one that grants scope for an hour, and a place to fill one in where
// the issuer is a real one.
func (e *Env) Token(scope string) string {
	if e.embedded == nil {
		return "a token of the issuer"
	}
	return e.embedded.Mint(authtest.Token{Scope: scope, Claims: map[string]any{"exp": time.Now().Add(time.Hour)}})
}
