package authtest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
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
	for name, url := range map[string]string{
		"scheme": "http://issuer.test/jwks",
		"port":   "https://issuer.test:8443/jwks",
	} {
		if _, err := issuer.Client().Get(url); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	if issuer.Fetches() != 0 {
		t.Errorf("%d fetches", issuer.Fetches())
	}
}

func TestContextEndsWithTheHandler(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		seen := make(chan context.Context, 1)
		answering(issuer, func(_ http.ResponseWriter, r *http.Request) { seen <- r.Context() })
		resp, err := issuer.Client().Get(issuer.URL())
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close() // this also ends the context, so it comes last
		<-(<-seen).Done()
	})
}

func TestBrokenOffInTheBody(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		answering(issuer, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})
		status, body, _, err := fetch(issuer, time.Minute)
		if !errors.Is(err, io.ErrUnexpectedEOF) || status != 200 || string(body) != "half" {
			t.Errorf("%d, %q, %v", status, body, err)
		}
	})
}

// The caller leaves in each possible way. The context of the handler ends each time.
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

// A handler that ignores its context delays Close, but no caller.
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

// If nobody reads a body, its writer must not wait after the body has been closed.
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

func TestCloseLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, cfg := range worlds {
		for _, fault := range []authtest.Fault{
			{Status: 200},
			{Down: true},
			{Hang: true},
			{Handler: faults.Drip(time.Hour)},
			{Handler: faults.Oversized(1 << 50)},
			{Handler: faults.GzipBomb(1 << 50)},
		} {
			issuer, err := authtest.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			issuer.Break(fault)
			_, _, _, _ = fetch(issuer, 30*time.Millisecond)
			if err := issuer.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	// Close has waited for the handlers. Their goroutines, and those of the client, may end a little
	// later.
	for n := 0; runtime.NumGoroutine() > before; n++ {
		if n == 1_000_000 {
			stacks := make([]byte, 1<<16)
			t.Fatalf("goroutines left:\n%s", stacks[:runtime.Stack(stacks, true)])
		}
		runtime.Gosched()
	}
}
