package httpauth_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// expiring accepts tokens that expire a while after their first check. It prolongs each token a
// given number of times.
type expiring struct {
	after   time.Duration
	prolong int
	begun   <-chan struct{} // until it is closed, expired tokens are prolonged without being counted; may be nil

	mu   sync.Mutex
	seen map[string]int
}

func (v *expiring) Verify(_ context.Context, token string) (middleware.Claims, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.seen == nil {
		v.seen = make(map[string]int)
	}
	if v.seen[token] == 0 || !v.early() {
		v.seen[token]++
	}
	if v.seen[token] > v.prolong+1 {
		return middleware.Claims{}, fmt.Errorf("%w: expired", middleware.ErrInvalidToken)
	}
	return middleware.NewClaims(map[string]any{"sub": token, "exp": time.Now().Add(v.after)})
}

// early reports whether the stream has not begun yet.
func (v *expiring) early() bool {
	if v.begun == nil {
		return false
	}
	select {
	case <-v.begun:
		return false
	default:
		return true
	}
}

// checks returns how often the guard has checked token.
func (v *expiring) checks(token string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.seen[token]
}

// stream is a handler that runs f in WhileAuthorized, and sends the result to ended.
func stream(
	g *middleware.Guard, ended chan<- error, f func(context.Context, http.ResponseWriter, *http.Request) error,
) http.Handler {
	return httpauth.Require(g, scopes.Authenticated())(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := httpauth.WhileAuthorized(g, w, r, scopes.Authenticated(), func(ctx context.Context) error {
			return f(ctx, w, r)
		})
		ended <- err
	}))
}

func codeOf(err error) middleware.Code {
	var refusal *middleware.Error
	errors.As(err, &refusal)
	return refusal.Code()
}

// A token expires during a stream whose function keeps writing. When the connection serves its
// next request, the function has ended, and that response contains nothing of it.
func TestAStreamHasEndedBeforeTheNextRequest(t *testing.T) {
	onBoth(t, func(t *testing.T, http2 bool) {
		for run := range 20 {
			t.Run(fmt.Sprint(run), func(t *testing.T) {
				t.Parallel()
				var running atomic.Int32
				ended, begun := make(chan error, 1), make(chan struct{})
				g := guardOf(t, &expiring{after: 50 * time.Millisecond, begun: begun}, middleware.Options{})
				mux := http.NewServeMux()
				mux.Handle("/stream", stream(g, ended, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
					close(begun)
					running.Add(1)
					defer running.Add(-1)
					write := func() {
						_, _ = fmt.Fprintln(w, "first", r.RemoteAddr)
						_ = http.NewResponseController(w).Flush()
					}
					for ctx.Err() == nil {
						write()
					}
					for range 100 { // it is slow to notice
						write()
					}
					return ctx.Err()
				}))
				mux.HandleFunc("/next", func(w http.ResponseWriter, r *http.Request) {
					_, _ = fmt.Fprint(w, "next ", r.RemoteAddr, " running ", running.Load())
				})
				server := serving(t, http2, mux)
				resp, first := send(t, server, post(t, server, "/stream", "token", http.NoBody))
				if (resp.ProtoMajor == 2) != http2 || resp.StatusCode != 200 {
					t.Fatalf("%s %s", resp.Proto, resp.Status)
				}
				line, _, _ := strings.Cut(first, "\n")
				if strings.ReplaceAll(first, line+"\n", "") != "" {
					t.Error("something else is in the stream")
				}
				_, next := send(t, server, post(t, server, "/next", "token", http.NoBody))
				if want := strings.Replace(line, "first", "next", 1) + " running 0"; next != want {
					t.Errorf("the next response on the connection is %q, want %q", next, want)
				}
				if err := <-ended; codeOf(err) != middleware.CodeInvalid {
					t.Errorf("WhileAuthorized returned %v", err)
				}
			})
		}
	})
}

// WhileAuthorized sets deadlines 5 s after a refusal. This test waits for them once, for all
// cases that depend on them.
func TestARefusedStreamIsLetGo(t *testing.T) {
	full := bytes.Repeat([]byte("x"), 1<<20)
	type function = func(context.Context, http.ResponseWriter, *http.Request) error
	// expires streams f. The token expires after the stream has begun.
	expires := func(after time.Duration, ended chan<- error, f function) http.Handler {
		begun := make(chan struct{})
		g := guardOf(t, &expiring{after: after, begun: begun}, middleware.Options{})
		return stream(g, ended, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			close(begun)
			return f(ctx, w, r)
		})
	}
	writes := func(_ context.Context, w http.ResponseWriter, _ *http.Request) error {
		for { // ignores its context and its stream
			if _, err := w.Write(full); err != nil {
				return err
			}
		}
	}
	reads := func(_ context.Context, _ http.ResponseWriter, r *http.Request) error {
		_, err := io.Copy(io.Discard, r.Body)
		return err
	}
	waits := func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
		_, _ = fmt.Fprint(w, r.RemoteAddr)
		<-ctx.Done()
		return ctx.Err()
	}
	var hanging sync.WaitGroup // the streams that wait for their deadlines
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	for _, http2 := range []bool{false, true} {
		for name, f := range map[string]function{
			"a client that does not read": writes, "a client that does not send": reads,
		} {
			ended := make(chan error, 1)
			server := serving(t, http2, expires(100*time.Millisecond, ended, f))
			body, never := io.Pipe()
			t.Cleanup(func() { _ = never.Close() })
			r := post(t, server, "/", "token", body).WithContext(ctx)
			go func() { // a client that is connected and does nothing
				if resp, err := server.Client().Do(r); err == nil {
					<-ctx.Done()
					resp.Body.Close()
				}
			}()
			hanging.Go(func() {
				if err := <-ended; codeOf(err) != middleware.CodeInvalid {
					t.Errorf("%s, HTTP/2 %t: WhileAuthorized returned %v", name, http2, err)
				}
			})
		}
	}
	// A stream that obeys its context ends at once. The deadlines do not apply to the next request
	// of the connection.
	for _, http2 := range []bool{false, true} {
		ended := make(chan error, 1)
		mux := http.NewServeMux()
		mux.Handle("/stream", expires(50*time.Millisecond, ended, waits))
		mux.HandleFunc("/next", func(w http.ResponseWriter, r *http.Request) {
			hanging.Wait()
			_, _ = fmt.Fprint(w, "next ", r.RemoteAddr)
		})
		server := serving(t, http2, mux)
		_, first := send(t, server, post(t, server, "/stream", "token", http.NoBody))
		if err := <-ended; codeOf(err) != middleware.CodeInvalid {
			t.Errorf("WhileAuthorized returned %v", err)
		}
		if _, next := send(t, server, post(t, server, "/next", "token", http.NoBody)); next != "next "+first {
			t.Errorf("the next response is %q after %q, HTTP/2 %t", next, first, http2)
		}
	}
}

// Until a refusal, the server's own WriteTimeout ends a stream that nobody reads.
func TestTheServersWriteTimeoutHolds(t *testing.T) {
	onBoth(t, func(t *testing.T, http2 bool) {
		ended := make(chan error, 1)
		full := bytes.Repeat([]byte("x"), 1<<20)
		server := httptest.NewUnstartedServer(stream(guardOf(t, &expiring{after: time.Hour}, middleware.Options{}), ended,
			func(_ context.Context, w http.ResponseWriter, _ *http.Request) error {
				for {
					if _, err := w.Write(full); err != nil {
						return err
					}
				}
			}))
		// The timeout also limits the TLS handshake, which takes longer on a busy machine.
		server.Config.WriteTimeout = 100 * time.Millisecond
		protocols := new(http.Protocols)
		protocols.SetHTTP1(!http2)
		protocols.SetUnencryptedHTTP2(http2)
		server.Config.Protocols = protocols
		server.Start()
		defer server.Close()
		client := &http.Client{Transport: &http.Transport{Protocols: protocols}}
		defer client.CloseIdleConnections()
		resp, err := client.Do(post(t, server, "/", "token", http.NoBody))
		if err == nil {
			defer resp.Body.Close()
		}
		if err := <-ended; err == nil || codeOf(err) != "" {
			t.Errorf("WhileAuthorized returned %v", err)
		}
	})
}

func TestAProlongedStreamGoesOn(t *testing.T) {
	onBoth(t, func(t *testing.T, http2 bool) {
		ended := make(chan error, 1)
		v := &expiring{after: 20 * time.Millisecond, prolong: 1000}
		server := serving(t, http2,
			stream(guardOf(t, v, middleware.Options{}), ended,
				func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
					control := http.NewResponseController(w)
					if err := control.EnableFullDuplex(); err != nil {
						return err
					}
					flush := control.Flush
					lines := bufio.NewScanner(r.Body)
					for before := true; before && ctx.Err() == nil; { // until the token has been prolonged
						before = v.checks("token") == 1
						_, _ = fmt.Fprintln(w, "event")
						if err := flush(); err != nil {
							return err
						}
					}
					for lines.Scan() { // the body can still be read
						_, _ = fmt.Fprintln(w, lines.Text())
					}
					return errors.Join(lines.Err(), ctx.Err())
				}))
		body, write := io.Pipe()
		resp, err := server.Client().Do(post(t, server, "/", "token", body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		lines, last, told := bufio.NewScanner(resp.Body), "", false
		for lines.Scan() {
			if last = lines.Text(); last == "event" && !told {
				told = true
				_, _ = io.WriteString(write, "end\n")
				_ = write.Close()
			}
		}
		if err := <-ended; err != nil || lines.Err() != nil || last != "end" {
			t.Errorf("WhileAuthorized returned %v; the last line is %q, %v", err, last, lines.Err())
		}
	})
}

// plainWriter has only the methods of a ResponseWriter.
type plainWriter struct{ http.ResponseWriter }

// unwrapping is how middleware should wrap a ResponseWriter.
type unwrapping struct{ http.ResponseWriter }

func (w unwrapping) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// A stream does not begin if a refusal could not end it.
func TestAWriterWithoutDeadlinesIsAnErrorBeforeTheFunctionStarts(t *testing.T) {
	for _, tt := range []struct {
		name  string
		outer func(http.Handler) http.Handler
		runs  bool
	}{
		{"the server's own writer", func(h http.Handler) http.Handler { return h }, true},
		{"one that unwraps to it", func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(unwrapping{unwrapping{w}}, r) })
		}, true},
		{"one that does not", func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(plainWriter{w}, r) })
		}, false},
		{"TimeoutHandler's", func(h http.Handler) http.Handler { return http.TimeoutHandler(h, time.Minute, "") }, false},
		{"MaxBytesHandler in front", func(h http.Handler) http.Handler { return http.MaxBytesHandler(h, 1) }, true},
		{"one that unwraps to a recorder", func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				h.ServeHTTP(unwrapping{httptest.NewRecorder()}, r)
			})
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, http2 bool) {
				ran, ended := false, make(chan error, 1)
				g := guardOf(t, &expiring{after: time.Hour}, middleware.Options{})
				h := stream(g, ended, func(context.Context, http.ResponseWriter, *http.Request) error { ran = true; return nil })
				server := serving(t, http2, tt.outer(h))
				send(t, server, post(t, server, "/", "token", http.NoBody))
				if err := <-ended; ran != tt.runs || errors.Is(err, http.ErrNotSupported) == tt.runs {
					t.Errorf("ran: %t, WhileAuthorized returned %v", ran, err)
				}
			})
		})
	}
}

// Where the first check refuses, the function doesn't run, and the handler can answer.
func TestAStreamThatIsRefusedAtOnceIsAnswered(t *testing.T) {
	var route string
	g := guardOf(t, granting("read"), middleware.Options{Observe: func(_ context.Context, e middleware.Event) {
		route = e.Route
	}})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /events/{id}", func(w http.ResponseWriter, r *http.Request) {
		err := httpauth.WhileAuthorized(g, w, r, scopes.All("admin"), func(context.Context) error {
			t.Error("the function runs")
			return nil
		})
		httpauth.Refuse(w, err)
	})
	server := serving(t, false, mux)
	resp, _ := send(t, server, post(t, server, "/events/7", "read", http.NoBody))
	if resp.StatusCode != 403 || route != "POST /events/{id}" {
		t.Errorf("%d, route %q", resp.StatusCode, route)
	}
}
