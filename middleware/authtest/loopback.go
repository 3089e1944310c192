package authtest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// onLoopback serves handler on ln. The close function returns when no goroutine is left.
func onLoopback(ln net.Listener, handler http.Handler) (http.RoundTripper, func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	var conns sync.WaitGroup
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				conns.Add(1)
			case http.StateHijacked, http.StateClosed:
				conns.Done()
			}
		},
	}
	// One connection per request. Otherwise http.Transport repeats a request by itself when a
	// connection that it reuses breaks, and Fetches would count what the caller did not do.
	server.SetKeepAlivesEnabled(false)
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()

	transport := &http.Transport{}
	return transport, sync.OnceValue(func() error {
		cancel()
		err := server.Close()
		if serveErr := <-served; !errors.Is(serveErr, http.ErrServerClosed) {
			err = errors.Join(err, serveErr)
		}
		transport.CloseIdleConnections()
		conns.Wait()
		return err
	})
}
