package httpauth_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
)

// verifierFunc is a function as a Verifier. Its tokens are never cached.
type verifierFunc func(context.Context, string) (middleware.Claims, error)

func (f verifierFunc) Verify(ctx context.Context, token string) (middleware.Claims, error) {
	return f(ctx, token)
}

// granting accepts only these tokens. Each token is the name of the scope that it grants.
func granting(names ...string) verifierFunc {
	return func(_ context.Context, token string) (middleware.Claims, error) {
		if !slices.Contains(names, token) {
			return middleware.Claims{}, middleware.ErrInvalidToken
		}
		return middleware.NewClaims(map[string]any{"sub": "user", "scope": token})
	}
}

func guardOf(t testing.TB, v middleware.Verifier, opts middleware.Options) *middleware.Guard {
	t.Helper()
	g, err := middleware.NewWithVerifier(v, opts)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// serving starts a server that speaks HTTP/1, or HTTP/2 over TLS.
func serving(t *testing.T, http2 bool, h http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	if http2 {
		server.EnableHTTP2 = true
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server
}

// onBoth runs a test over HTTP/1 and over HTTP/2.
func onBoth(t *testing.T, test func(t *testing.T, http2 bool)) {
	t.Helper()
	t.Run("HTTP/1", func(t *testing.T) { test(t, false) })
	t.Run("HTTP/2", func(t *testing.T) { test(t, true) })
}

// post begins a request with a token, if there is one.
func post(t *testing.T, server *httptest.Server, path, token string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r
}

// send sends a request through the server's client, and returns the answer and its body.
func send(t *testing.T, server *httptest.Server, r *http.Request) (*http.Response, string) {
	t.Helper()
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

// raw sends a request over a connection, with the token if there is one, so that no client
// cleans its target. It returns the status and the body.
func raw(t *testing.T, server *httptest.Server, line, token string, fields ...string) (int, string) {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	head := []string{line + " HTTP/1.1", "Connection: close"}
	if token != "" {
		head = append(head, "Authorization: Bearer "+token)
	}
	if !slices.ContainsFunc(fields, func(field string) bool { return strings.HasPrefix(field, "Host:") }) {
		head = append(head, "Host: api.example")
	}
	if _, err := io.WriteString(conn, strings.Join(append(head, fields...), "\r\n")+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(line, " ")
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}
