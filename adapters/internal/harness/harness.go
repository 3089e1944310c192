// Package harness holds the tests that the adapters share, so that a test for every
// framework is written once.
package harness

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
)

// known is a verifier that accepts one token, "good", which has the scope "read".
type known struct{}

func (known) Verify(_ context.Context, token string) (middleware.Claims, error) {
	if token != "good" {
		return middleware.Claims{}, fmt.Errorf("%w: SECRET cause", middleware.ErrInvalidToken)
	}
	return middleware.NewClaims(map[string]any{"sub": "user", "scope": "read"})
}

// Guard returns a guard that accepts the token "good", which has the scope "read".
func Guard(t testing.TB, opts middleware.Options) *middleware.Guard {
	t.Helper()
	g, err := middleware.NewWithVerifier(known{}, opts)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Do sends a request to h. Without a token, the request has no Authorization header.
func Do(h http.Handler, method, target, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// Mount returns a handler behind a guard that accepts the token "good". The handler calls serve
// with the writer of its framework.
type Mount func(serve func(http.ResponseWriter)) http.Handler

// Events tests that server-sent events reach the caller as they are sent.
func Events(t *testing.T, mount Mount) {
	next := make(chan struct{})
	server := httptest.NewServer(mount(func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i := range 2 {
			_, _ = fmt.Fprintf(w, "data: %d\n\n", i)
			w.(http.Flusher).Flush()
			<-next // the second event is sent only after the first was received
		}
	}))
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer good")
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	events := bufio.NewReader(resp.Body)
	for i := range 2 {
		line, err := events.ReadString('\n')
		if want := fmt.Sprintf("data: %d\n", i); err != nil || line != want {
			t.Fatalf("got %q, %v; want %q", line, err, want)
		}
		_, _ = events.ReadString('\n')
		next <- struct{}{}
	}
}

// Hijack tests that a handler can take over the connection.
func Hijack(t *testing.T, mount Mount) {
	server := httptest.NewServer(mount(func(w http.ResponseWriter) {
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nhello")
		_ = rw.Flush()
	}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn,
		"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n")
	got, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 101 ") || !strings.HasSuffix(string(got), "hello") {
		t.Errorf("got %q, %v", got, err)
	}
}
