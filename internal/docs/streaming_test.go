package docs_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// noDeadline sends what comes from events, also if the server has a WriteTimeout.
func noDeadline(guard *middleware.Guard, events <-chan string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		started := false
		err := httpauth.WhileAuthorized(guard, w, r, scopes.Authenticated(), func(ctx context.Context) error {
			started = true
			// The WriteTimeout of the server is for answers that end soon.
			if err := http.NewResponseController(w).SetWriteDeadline(time.Time{}); err != nil {
				return err
			}
			return sendEvents(ctx, w, events)
		})
		if err != nil && !started {
			httpauth.Refuse(w, err)
		}
	}
}

func sendEvents(ctx context.Context, w http.ResponseWriter, events <-chan string) error {
	w.Header().Set("Content-Type", "text/event-stream")
	if err := http.NewResponseController(w).Flush(); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case event, more := <-events:
			if !more {
				return nil
			}
			if _, err := fmt.Fprintf(w, "data: %s\n\n", event); err != nil {
				return err
			}
			if err := http.NewResponseController(w).Flush(); err != nil {
				return err
			}
		}
	}
}

func TestAStreamOutlivesTheWriteTimeoutOfItsServer(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	events := make(chan string)
	server := httptest.NewUnstartedServer(noDeadline(issuer.Guard(t, middleware.Options{}), events))
	server.Config.WriteTimeout = 50 * time.Millisecond
	server.Start()
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+issuer.Mint(authtest.Token{}))
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	time.Sleep(4 * server.Config.WriteTimeout) // more only makes the test stricter
	events <- "late"
	close(events)
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "data: late\n\n" {
		t.Errorf("%q, %v", body, err)
	}
}

// whole keeps any handler from outliving the token of its request.
func whole(guard *middleware.Guard, need scopes.Requirement, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := false
		err := httpauth.WhileAuthorized(guard, w, r, need, func(ctx context.Context) error {
			started = true
			next.ServeHTTP(w, r.WithContext(ctx))
			return nil
		})
		if err != nil && !started {
			httpauth.Refuse(w, err)
		}
	})
}

// untilRevoked is a verifier that prolongs the token "good" until the channel is closed.
func untilRevoked(revoked <-chan struct{}) middleware.Verifier {
	return middleware.VerifierFunc(func(_ context.Context, token string) (middleware.Claims, error) {
		select {
		case <-revoked:
			return middleware.Claims{}, middleware.ErrExpired
		default:
		}
		if token != "good" {
			return middleware.Claims{}, middleware.ErrInvalidToken
		}
		return middleware.NewClaims(map[string]any{
			"sub": "alice", "scope": "orders:read", "exp": time.Now().Add(20 * time.Millisecond),
		})
	})
}

func TestAnyHandlerEndsWithItsToken(t *testing.T) {
	revoked := make(chan struct{})
	guard, err := middleware.NewWithVerifier(untilRevoked(revoked), middleware.Options{})
	if err != nil {
		t.Fatal(err)
	}
	forever := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	server := httptest.NewServer(whole(guard, scopes.Authenticated(), forever))
	defer server.Close()
	get := func(token string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		resp, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	refused, stream := get("forged"), get("good")
	defer refused.Body.Close()
	defer stream.Body.Close()
	if refused.StatusCode != http.StatusUnauthorized || stream.StatusCode != http.StatusOK {
		t.Errorf("%d and %d instead of 401 and 200", refused.StatusCode, stream.StatusCode)
	}
	close(revoked)
	if _, err := io.ReadAll(stream.Body); err != nil {
		t.Error(err)
	}
}

// A socket is a connection of a WebSocket library.
type socket interface {
	Read(ctx context.Context) (message string, err error) // returns when ctx ends
	Write(ctx context.Context, message string) error
	Close() error
}

// What the messages ask for. A message that is not in the map needs the zero Requirement, which denies.
var messageNeeds = map[string]scopes.Requirement{
	"list":   scopes.All("orders:read"),
	"cancel": scopes.All("orders:write"),
}

// upgrade makes a socket of a request, with the WebSocket library of your choice.
type upgrade func(http.ResponseWriter, *http.Request) (socket, error)

func orderSocket(guard *middleware.Guard, accept upgrade) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		started := false
		err := httpauth.WhileAuthorized(guard, w, r, scopes.Authenticated(), func(ctx context.Context) error {
			started = true
			conn, err := accept(w, r)
			if err != nil {
				return err
			}
			defer conn.Close()
			for {
				message, err := conn.Read(ctx) // ctx ends with the token
				if err != nil {
					return err
				}
				answer := message + " is done"
				if err := guard.Authorize(ctx, messageNeeds[message]); err != nil {
					answer = err.Error() // a fixed text, which the caller may see
				}
				if err := conn.Write(ctx, answer); err != nil {
					return err
				}
			}
		})
		if err != nil && !started {
			httpauth.Refuse(w, err)
		}
	}
}

// firstMessage checks a token that came in the first message of a socket, and returns the context for
// all later messages.
func firstMessage(guard *middleware.Guard, r *http.Request, token string) (context.Context, error) {
	first := middleware.FromHTTP(r, r.Pattern)
	first.Header = http.Header{"Authorization": {"Bearer " + token}}
	pass, err := guard.Check(r.Context(), first, scopes.Authenticated())
	return pass.Context, err
}

// socketServer lets browsers send the token of a WebSocket as a subprotocol.
func socketServer(router http.Handler) *http.Server {
	server := &http.Server{
		Handler:           httpauth.Subprotocol("bearer.")(router),
		ReadHeaderTimeout: 10 * time.Second,
	}
	return server
}

func TestATokenInASubprotocolOfASocket(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	opened := ""
	server := socketServer(orderSocket(issuer.Guard(t, middleware.Options{}), func(
		_ http.ResponseWriter, r *http.Request,
	) (socket, error) {
		opened = r.Header.Get("Sec-WebSocket-Protocol")
		return nil, errors.New("no library")
	}))
	for _, tt := range []struct{ token, opened string }{{"forged", ""}, {issuer.Mint(authtest.Token{}), "chat"}} {
		r := httptest.NewRequest(http.MethodGet, "/socket", http.NoBody)
		r.Header.Set("Sec-WebSocket-Protocol", "chat, bearer."+tt.token)
		server.Handler.ServeHTTP(deadlined{httptest.NewRecorder()}, r)
		if opened != tt.opened {
			t.Errorf("%.8s: the library is offered %q, want %q", tt.token, opened, tt.opened)
		}
	}
}

// deadlined is a recorder with a write deadline, as a connection has it.
type deadlined struct{ *httptest.ResponseRecorder }

func (deadlined) SetWriteDeadline(time.Time) error { return nil }

// pipe is a socket in memory.
type pipe struct{ in, out chan string }

func (p pipe) Read(ctx context.Context) (string, error) {
	select {
	case m := <-p.in:
		return m, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (p pipe) Write(_ context.Context, m string) error { p.out <- m; return nil }
func (p pipe) Close() error                            { close(p.out); return nil }

func TestEachMessageOfASocketIsJudged(t *testing.T) {
	revoked := make(chan struct{})
	guard, err := middleware.NewWithVerifier(untilRevoked(revoked), middleware.Options{})
	if err != nil {
		t.Fatal(err)
	}
	conn := pipe{make(chan string), make(chan string, 1)}
	server := httptest.NewServer(orderSocket(guard, func(http.ResponseWriter, *http.Request) (socket, error) {
		return conn, nil
	}))
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer good")
	go func() {
		if resp, err := server.Client().Do(r); err == nil {
			resp.Body.Close()
		}
	}()
	for _, tt := range [][2]string{
		{"list", "list is done"}, {"cancel", "insufficient scope"}, {"drop", "access denied"},
	} {
		conn.in <- tt[0]
		if got := <-conn.out; got != tt[1] {
			t.Errorf("%s: %q instead of %q", tt[0], got, tt[1])
		}
	}
	close(revoked)
	if m, open := <-conn.out; open { // the socket ends although it is idle
		t.Errorf("%q instead of the end", m)
	}
}

func TestATokenInTheFirstMessageOfASocket(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	guard := issuer.Guard(t, middleware.Options{})
	r := httptest.NewRequest(http.MethodGet, "/socket", http.NoBody)
	if _, err := firstMessage(guard, r, "forged"); err == nil {
		t.Error("a forged token passes")
	}
	ctx, err := firstMessage(guard, r, issuer.Mint(authtest.Token{Scope: "orders:read"}))
	if err != nil {
		t.Fatal(err)
	}
	if err := guard.Authorize(ctx, messageNeeds["list"]); err != nil {
		t.Error(err)
	}
	if guard.Authorize(ctx, messageNeeds["cancel"]) == nil {
		t.Error("cancel passes without its scope")
	}
}

// serveUntil serves api until ctx ends, as after a signal. closing tells the streams to end.
func serveUntil(
	ctx context.Context, listener net.Listener, guard *middleware.Guard,
	api func(closing <-chan struct{}) http.Handler,
) error {
	closing, end := context.WithCancel(context.Background())
	defer end()
	server := &http.Server{Handler: api(closing.Done()), ReadHeaderTimeout: 10 * time.Second}
	server.RegisterOnShutdown(end) // Shutdown waits for streams, but does not end them
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return errors.Join(err, guard.Close())
	case <-ctx.Done():
	}
	hurry, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(server.Shutdown(hurry), guard.Close()) // the guard is last
}

func TestShutdownEndsTheStreams(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	guard := issuer.Guard(t, middleware.Options{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- serveUntil(ctx, listener, guard, func(closing <-chan struct{}) http.Handler {
			return httpauth.Require(guard, scopes.Authenticated())(http.HandlerFunc(
				func(w http.ResponseWriter, r *http.Request) {
					fmt.Fprintln(w, "begun")
					_ = http.NewResponseController(w).Flush()
					select {
					case <-r.Context().Done():
					case <-closing:
						fmt.Fprintln(w, "closing")
					}
				}))
		})
	}()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String(), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+issuer.Mint(authtest.Token{}))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body := bufio.NewReader(resp.Body)
	if line, err := body.ReadString('\n'); err != nil || line != "begun\n" {
		t.Fatal(line, err)
	}
	stop()
	rest, err := io.ReadAll(body)
	if err != nil || strings.TrimSpace(string(rest)) != "closing" {
		t.Errorf("%q, %v", rest, err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
