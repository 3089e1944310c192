package authtest_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/internal/faults"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// answering breaks the issuer with a plain handler.
func answering(issuer *authtest.Issuer, handler http.HandlerFunc) {
	issuer.Break(authtest.Fault{Handler: func(http.Handler) http.Handler { return handler }})
}

func TestMemoryReachesOneHost(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	_, err := issuer.Client().Get("https://elsewhere.test/jwks")
	var dns *net.DNSError
	if !errors.As(err, &dns) || !dns.IsNotFound {
		t.Errorf("another host: %v", err)
	}
	for name, url := range map[string]string{"scheme": "http://issuer.test/jwks", "port": "https://issuer.test:8443/jwks"} {
		if _, err := issuer.Client().Get(url); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	if issuer.Fetches() != 0 {
		t.Errorf("%d fetches", issuer.Fetches())
	}
}

// What the server sees and what the client gets must not depend on the world.
func TestExchange(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		type seen struct{ Method, Path, Query, URI, Host, Body, Encoding, X string }
		var got seen
		answering(issuer, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got = seen{r.Method, r.URL.Path, r.URL.RawQuery, r.RequestURI, r.Host, string(body), r.Header.Get("Accept-Encoding"), r.Header.Get("X")}
			if r.URL.Host != "" || r.RemoteAddr == "" {
				t.Errorf("not a server's request: %v from %q", r.URL, r.RemoteAddr)
			}
			w.Header().Set("Content-Length", "3")
			w.WriteHeader(201)
			w.Header().Set("Late", "1")
			_, _ = io.WriteString(w, "abc")
		})
		req, err := http.NewRequest(http.MethodPost, issuer.URL()+"/a/b?c=d", strings.NewReader("in"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X", "y")
		resp, err := issuer.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || string(body) != "abc" || resp.StatusCode != 201 || resp.Status != "201 Created" || resp.ContentLength != 3 || resp.Header.Get("Late") != "" || resp.Proto != "HTTP/1.1" {
			t.Errorf("%v, %q, %+v", err, body, resp)
		}
		host, _ := url.Parse(issuer.URL())
		if want := (seen{"POST", "/a/b", "c=d", "/a/b?c=d", host.Host, "in", "gzip", "y"}); got != want {
			t.Errorf("the server saw %+v", got)
		}
		if req.Header.Get("Accept-Encoding") != "" || req.URL.Host == "" {
			t.Error("the client's request was changed")
		}
	})
}

func TestAskingForGzip(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		for _, c := range []struct{ name, method, header, value, want string }{
			{"by itself", http.MethodGet, "X", "y", "gzip"},
			{"not for what has no body", http.MethodHead, "X", "y", ""},
			{"not for a part", http.MethodGet, "Range", "bytes=0-1", ""},
			{"not against the caller's word", http.MethodGet, "Accept-Encoding", "identity", "identity"},
		} {
			got := make(chan string, 1)
			answering(issuer, func(_ http.ResponseWriter, r *http.Request) { got <- r.Header.Get("Accept-Encoding") })
			req, err := http.NewRequest(c.method, issuer.URL(), nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set(c.header, c.value)
			resp, err := issuer.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if got := <-got; got != c.want {
				t.Errorf("%s: %q", c.name, got)
			}
		}
	})
}

func TestContextEndsWithTheHandler(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		seen := make(chan context.Context, 1)
		answering(issuer, func(_ http.ResponseWriter, r *http.Request) { seen <- r.Context() })
		resp, err := issuer.Client().Get(issuer.URL())
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close() // which ends the context too, and so comes last
		<-(<-seen).Done()
	})
}

func TestAnswersWithoutABody(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		for _, c := range []struct {
			name, method string
			status       int
			write        error
		}{
			{"a HEAD request", http.MethodHead, 200, nil},
			{"no content", http.MethodGet, 204, http.ErrBodyNotAllowed},
			{"not modified", http.MethodGet, 304, http.ErrBodyNotAllowed},
		} {
			wrote := make(chan error, 1)
			answering(issuer, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, err := io.WriteString(w, "x")
				wrote <- err
			})
			req, err := http.NewRequest(c.method, issuer.URL(), nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := issuer.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || len(body) != 0 || resp.StatusCode != c.status {
				t.Errorf("%s: %d, %q, %v", c.name, resp.StatusCode, body, err)
			}
			if err := <-wrote; !errors.Is(err, c.write) {
				t.Errorf("%s: the handler's Write gives %v", c.name, err)
			}
		}
	})
}

func TestSilentHandlerMeansOK(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		answering(issuer, func(http.ResponseWriter, *http.Request) {})
		// Often, since answer and end race each other.
		for range 200 {
			if status, body, _, err := fetch(issuer, time.Minute); err != nil || status != 200 || len(body) != 0 {
				t.Fatalf("%d, %q, %v", status, body, err)
			}
		}
	})
}

func TestBrokenOffInTheBody(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		answering(issuer, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})
		if status, body, _, err := fetch(issuer, time.Minute); !errors.Is(err, io.ErrUnexpectedEOF) || status != 200 || string(body) != "half" {
			t.Errorf("%d, %q, %v", status, body, err)
		}
	})
}

// The caller leaves in each of the ways that there are; the handler hears of it and ends.
func TestCallerLeaves(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		ended := make(chan struct{})
		answering(issuer, func(w http.ResponseWriter, r *http.Request) {
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
			ended <- struct{}{}
		})

		resp, err := issuer.Client().Get(issuer.URL())
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		<-ended

		ctx, cancel := context.WithCancel(t.Context())
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, issuer.URL(), nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err = issuer.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		if _, err := io.ReadAll(resp.Body); !errors.Is(err, context.Canceled) {
			t.Errorf("canceled: %v", err)
		}
		<-ended
		resp.Body.Close()
		if _, err := issuer.Client().Do(req); !errors.Is(err, context.Canceled) {
			t.Errorf("canceled before: %v", err)
		}

		client := issuer.Client()
		client.Timeout = 50 * time.Millisecond
		resp, err = client.Get(issuer.URL())
		if err != nil {
			t.Fatal(err)
		}
		var timeout net.Error
		if _, err := io.ReadAll(resp.Body); !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("timed out: %v", err)
		}
		<-ended
		resp.Body.Close()
	})
}

// A handler that does not heed its context holds up Close, and no caller.
func TestMemoryStubbornHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := newIssuer(t, authtest.Config{})
		release := make(chan struct{})
		answering(issuer, func(http.ResponseWriter, *http.Request) { <-release })
		if _, _, took, err := fetch(issuer, time.Second); !errors.Is(err, context.DeadlineExceeded) || took != time.Second {
			t.Errorf("%v after %v", err, took)
		}
		close(release)
	})
}

func TestBadGzip(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		answering(issuer, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "certainly not gzip")
		})
		if _, _, _, err := fetch(issuer, time.Minute); !errors.Is(err, gzip.ErrHeader) {
			t.Errorf("got %v", err)
		}
	})
}

// A body that nobody reads must not hold its writer up once it is closed.
func TestCallerIgnoresTheBody(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		written := make(chan error, 1)
		answering(issuer, func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(make([]byte, 1<<20)); err != nil {
					written <- err
					return
				}
			}
		})
		resp, err := issuer.Client().Get(issuer.URL())
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if err := <-written; err == nil {
			t.Error("written into nothing")
		}
	})
}

func TestMemoryClosedInTheBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := newIssuer(t, authtest.Config{})
		issuer.Break(authtest.Fault{Handler: faults.Drip(time.Hour)})
		resp, err := issuer.Client().Get(issuer.URL() + "/jwks")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		issuer.Close()
		if _, err := io.ReadAll(resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got %v", err)
		}
	})
}

// Every request body is closed, as http.RoundTripper demands.
func TestMemoryClosesTheRequestBody(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	for name, to := range map[string]string{"answered": issuer.URL(), "another host": "https://elsewhere.test"} {
		closed := make(chan struct{})
		req, err := http.NewRequest(http.MethodPost, to, &closer{strings.NewReader("x"), closed})
		if err != nil {
			t.Fatal(err)
		}
		if resp, err := issuer.Client().Do(req); err == nil {
			resp.Body.Close()
		}
		select {
		case <-closed:
		case <-t.Context().Done():
			t.Error(name)
		}
	}
}

type closer struct {
	io.Reader
	closed chan struct{}
}

func (c *closer) Close() error { close(c.closed); return nil }

func TestLoopbackLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, fault := range []authtest.Fault{
		{Status: 200},
		{Down: true},
		{Hang: true},
		{Handler: faults.Drip(time.Hour)},
		{Handler: faults.Oversized(1 << 50)},
		{Handler: faults.GzipBomb(1 << 50)},
	} {
		issuer, err := authtest.New(authtest.Config{Addr: "127.0.0.1:0"})
		if err != nil {
			t.Fatal(err)
		}
		issuer.Break(fault)
		_, _, _, _ = fetch(issuer, 30*time.Millisecond)
		if err := issuer.Close(); err != nil {
			t.Error(err)
		}
	}
	// The server has counted its connections down, but the last lines of their goroutines and
	// of the client's are not ours to wait for.
	for n := 0; runtime.NumGoroutine() > before; n++ {
		if n == 1_000_000 {
			stacks := make([]byte, 1<<16)
			t.Fatalf("goroutines left:\n%s", stacks[:runtime.Stack(stacks, true)])
		}
		runtime.Gosched()
	}
}
