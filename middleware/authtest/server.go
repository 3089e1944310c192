package authtest

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// A server answers on the connections that it gets. Each has an [http.Server] of its own. The
// goroutine that passes a connection to serve makes all channels and timers of this connection,
// because a testing/synctest bubble may only use its own. So an issuer that was made outside a
// bubble can serve inside it.
type server struct {
	handler http.Handler

	mu     sync.Mutex
	closed bool
	conns  map[*connection]struct{}
}

type connection struct {
	net.Conn
	cancel context.CancelFunc // ends the context of the requests
	ended  chan struct{}      // closed when no handler runs any more
}

// serve answers on conn in goroutines of its own. If the server is closed, it closes conn and
// returns false.
func (s *server) serve(conn net.Conn) bool {
	ctx, cancel := context.WithCancel(context.Background())
	c := &connection{conn, cancel, make(chan struct{})}
	s.mu.Lock()
	closed := s.closed
	if !closed {
		if s.conns == nil {
			s.conns = map[*connection]struct{}{}
		}
		s.conns[c] = struct{}{}
	}
	s.mu.Unlock()
	if closed {
		cancel()
		_ = conn.Close()
		return false
	}
	h := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateClosed || state == http.StateHijacked {
				s.remove(c)
			}
		},
	}
	// One request for each connection. Otherwise http.Transport repeats a request by itself when a
	// connection that it reuses breaks, and Fetches would count a request that the caller did not
	// make.
	h.SetKeepAlivesEnabled(false)
	_ = h.Serve(&single{conn: conn}) // it returns at once, because there is no second connection
	return true
}

func (s *server) remove(c *connection) {
	c.cancel()
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	close(c.ended)
}

// Close breaks all connections and waits for their handlers.
func (s *server) Close() {
	s.mu.Lock()
	s.closed = true
	conns := make([]*connection, 0, len(s.conns))
	for c := range s.conns {
		conns = append(conns, c)
	}
	s.mu.Unlock()
	for _, c := range conns {
		// The context is canceled as well, because net/http does not notice a broken connection
		// while a request body is unread.
		c.cancel()
		_ = c.Close()
	}
	for _, c := range conns {
		<-c.ended
	}
}

// single is a listener with one connection.
type single struct{ conn net.Conn }

func (l *single) Accept() (net.Conn, error) {
	conn := l.conn
	if conn == nil {
		return nil, io.EOF
	}
	l.conn = nil
	return conn, nil
}

func (l *single) Addr() net.Addr { return nil }
func (l *single) Close() error   { return nil }
