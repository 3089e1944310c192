package httpauth_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// guards puts handler behind each guard of this package, on "POST /{id}" for need.
func guards(g *middleware.Guard, need scopes.Requirement, handler http.Handler) map[string]http.Handler {
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{"POST /{id}": need}}.MustCompile()
	mux, requiring := http.NewServeMux(), http.NewServeMux()
	mux.Handle("POST /{id}", handler)
	requiring.Handle("POST /{id}", httpauth.Require(g, need)(handler))
	return map[string]http.Handler{
		"Require":                     requiring,
		"Mux":                         httpauth.Mux(g, policy, mux),
		"Enforce":                     httpauth.Enforce(g, policy, func(*http.Request) string { return "POST /{id}" })(mux),
		"Mux behind Require in a mux": httpauth.Require(g, need)(httpauth.Mux(g, policy, mux)),
	}
}

// form is a multipart form with a file.
func form(t *testing.T) (body []byte, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	file, err := w.CreateFormFile("file", "file")
	if err == nil {
		_, err = file.Write(bytes.Repeat([]byte("x"), 1<<16))
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), w.FormDataContentType()
}

// The server removes the temporary files of a form that a handler has parsed, with a guard as
// without one.
func TestFilesOfAFormAreRemoved(t *testing.T) {
	body, contentType := form(t)
	g := guardOf(t, granting("read"), middleware.Options{})
	for _, need := range []scopes.Requirement{scopes.Public(), scopes.All("read")} {
		for _, panics := range []bool{false, true} {
			parse := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := r.ParseMultipartForm(1); err != nil {
					t.Error(err)
				}
				if files, err := os.ReadDir(os.TempDir()); err != nil || len(files) != 1 {
					t.Errorf("%d files within the handler, %v", len(files), err)
				}
				if panics {
					panic(http.ErrAbortHandler)
				}
				w.WriteHeader(http.StatusNoContent)
			})
			for name, h := range guards(g, need, parse) {
				t.Run(fmt.Sprintf("%s, %s, panics: %t", name, need, panics), func(t *testing.T) {
					onBoth(t, func(t *testing.T, http2 bool) {
						t.Setenv("TMPDIR", t.TempDir())
						outer := h
						if panics {
							outer = recovering(h) // over HTTP/1 the server itself removes nothing after a panic
						}
						server := serving(t, http2, outer)
						r := post(t, server, "/7", "read", bytes.NewReader(body))
						r.Header.Set("Content-Type", contentType)
						send(t, server, r)
						server.Close() // all handlers have ended
						if files, err := os.ReadDir(os.TempDir()); err != nil || len(files) != 0 {
							t.Errorf("%d files are left, %v", len(files), err)
						}
					})
				})
			}
		}
	}
}

// Middleware in front of the guard reads the pattern afterwards, for its traces and metrics.
func TestThePatternIsSeenInFrontOfTheGuard(t *testing.T) {
	g := guardOf(t, granting("read"), middleware.Options{})
	inner := http.NewServeMux()
	inner.Handle("GET /api/{id}", named("inner"))
	mux := http.NewServeMux()
	mux.Handle("GET /x/{id}", named("x"))
	mux.Handle("GET /panics", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("the handler") }))
	mux.Handle("GET /closed", named("closed"))
	mux.Handle("/api/", inner)
	table := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /x/{id}": scopes.All("read"), "/api/": scopes.Authenticated(), "GET /panics": scopes.Public(),
	}}.MustCompile()
	var pattern string
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			_ = recover()
			pattern = r.Pattern
		}()
		httpauth.Mux(g, table, mux).ServeHTTP(w, r)
	})
	for _, tt := range []struct {
		target, token string
		status        int
		pattern       string
	}{
		{"/x/7", "read", 200, "GET /x/{id}"},
		{"/x/7", "", 401, "GET /x/{id}"},
		{"/closed", "read", 403, "GET /closed"},
		{"/api/7", "read", 200, "GET /api/{id}"},
		{"/api/7", "forged", 401, "/api/"},
		{"/panics", "", 200, "GET /panics"},
		{"/nowhere", "read", 404, ""},
	} {
		if w := do(h, "GET", tt.target, tt.token); w.Code != tt.status || pattern != tt.pattern {
			t.Errorf("%s with %q: %d, pattern %q; want %d, %q", tt.target, tt.token, w.Code, pattern, tt.status, tt.pattern)
		}
	}
}

// The handler sees the trailers of a chunked body, also those that were not announced.
func TestTrailersReachTheHandler(t *testing.T) {
	var seen http.Header
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		seen = r.Trailer.Clone()
	})
	g := guardOf(t, granting("read"), middleware.Options{})
	for name, h := range guards(g, scopes.All("read"), handler) {
		for _, announced := range []string{"Trailer: X-Sum", "X-Announced: nothing"} {
			t.Run(name+", "+announced, func(t *testing.T) {
				status, _ := raw(t, serving(t, false, h), "POST /7", "read", "Transfer-Encoding: chunked", announced,
					"X-Last: field\r\n\r\n4\r\nbody\r\n0\r\nX-Sum: 7")
				if status != 200 || seen.Get("X-Sum") != "7" {
					t.Errorf("%d, trailers %v", status, seen)
				}
			})
		}
		t.Run(name+", over HTTP/2", func(t *testing.T) {
			server := serving(t, true, h)
			r := post(t, server, "/7", "read", struct{ io.Reader }{strings.NewReader("body")})
			r.Trailer = http.Header{"X-Sum": {"7"}}
			if resp, _ := send(t, server, r); resp.StatusCode != 200 || resp.ProtoMajor != 2 || seen.Get("X-Sum") != "7" {
				t.Errorf("%d, trailers %v", resp.StatusCode, seen)
			}
		})
	}
}

// Middleware in front of the guard may read its request while the handler runs. The race
// detector finds a write.
func TestMiddlewareMayReadItsRequestMeanwhile(t *testing.T) {
	body, contentType := form(t)
	g := guardOf(t, granting("read"), middleware.Options{})
	parse := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			t.Error(err)
		}
	})
	for name, h := range guards(g, scopes.All("read"), parse) {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, http2 bool) {
				reading := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					ctx, stop := context.WithTimeout(r.Context(), time.Minute)
					done := make(chan string)
					go func() {
						var read string
						for ctx.Err() == nil {
							read = fmt.Sprint(r.Method, r.URL, r.Host, r.Proto, r.RemoteAddr, len(maps.Clone(r.Header)))
						}
						done <- read
					}()
					defer func() { stop(); <-done }()
					h.ServeHTTP(w, r)
				})
				server := serving(t, http2, reading)
				r := post(t, server, "/7", "read", bytes.NewReader(body))
				r.Header.Set("Content-Type", contentType)
				if resp, answer := send(t, server, r); resp.StatusCode != 200 {
					t.Errorf("%d %s", resp.StatusCode, answer)
				}
			})
		})
	}
}

// RemoteAddr is the address of the peer. X-Forwarded-For and the like are ignored.
func TestRemoteAddrIsThePeers(t *testing.T) {
	var told, peer string
	g := guardOf(t, granting("read"), middleware.Options{Observe: func(_ context.Context, e middleware.Event) {
		told = e.RemoteAddr
	}})
	for name, h := range guards(g, scopes.All("read"), named("handler")) {
		server := serving(t, false, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			peer = r.RemoteAddr
			h.ServeHTTP(w, r)
		}))
		for _, token := range []string{"read", ""} {
			told = ""
			raw(t, server, "POST /7", token, "Content-Length: 0", "X-Forwarded-For: 192.0.2.7", "X-Real-IP: 192.0.2.7",
				"Forwarded: for=192.0.2.7", "True-Client-IP: 192.0.2.7", "CF-Connecting-IP: 192.0.2.7")
			if told != peer || !strings.HasPrefix(told, "127.0.0.1:") {
				t.Errorf("%s tells %q of %q", name, told, peer)
			}
		}
	}
}
