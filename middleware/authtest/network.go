package authtest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"syscall"
)

// pipeNetwork is a network of one host, whose connections are pipes in memory.
type pipeNetwork struct {
	host, port string
	server     *server
}

// inMemory serves handler under the scheme and the host of origin.
func inMemory(origin *url.URL, handler http.Handler) (http.RoundTripper, func() error) {
	n := &pipeNetwork{origin.Hostname(), origin.Port(), &server{handler: handler}}
	if n.port == "" {
		n.port = map[string]string{"http": "80", "https": "443"}[origin.Scheme]
	}
	// http.Transport treats the connection of DialTLSContext as encrypted. A pipe needs no encryption.
	transport := &http.Transport{DialContext: n.refuse, DialTLSContext: n.dial}
	if origin.Scheme == "http" {
		transport.DialContext, transport.DialTLSContext = n.dial, n.refuse
	}
	return transport, func() error { n.server.Close(); return nil }
}

func (n *pipeNetwork) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	client, server := net.Pipe()
	if addr != net.JoinHostPort(n.host, n.port) || !n.server.serve(server) {
		return n.refuse(ctx, network, addr)
	}
	return client, nil
}

// refuse is the dial function for each address at which nobody answers: another scheme, another port,
// another host, or a closed issuer.
func (n *pipeNetwork) refuse(_ context.Context, network, addr string) (net.Conn, error) {
	err := os.NewSyscallError("connect", syscall.ECONNREFUSED)
	if host, _, _ := net.SplitHostPort(addr); host != n.host {
		err = &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return nil, &net.OpError{Op: "dial", Net: network, Err: err}
}

// onLoopback serves handler on ln.
func onLoopback(ln net.Listener, handler http.Handler) (http.RoundTripper, func() error) {
	s := &server{handler: handler}
	ended := make(chan error, 1)
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				ended <- err
				return
			}
			s.serve(conn)
		}
	}()
	transport := &http.Transport{}
	return transport, sync.OnceValue(func() error {
		err := ln.Close()
		if acceptErr := <-ended; !errors.Is(acceptErr, net.ErrClosed) {
			err = errors.Join(err, acceptErr)
		}
		s.Close()
		return err
	})
}
