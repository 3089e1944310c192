package echoauth_test

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
	"sync/atomic"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// brief returns a guard whose tokens expire after a moment. It prolongs each token the given
// number of times.
func brief(t *testing.T, times int32, opts middleware.Options) *middleware.Guard {
	t.Helper()
	begun := make(chan struct{})
	close(begun)
	return briefAfter(t, begun, times, opts)
}

// briefAfter is brief, but the second check waits until begun is closed.
func briefAfter(t *testing.T, begun <-chan struct{}, times int32, opts middleware.Options) *middleware.Guard {
	t.Helper()
	var asked atomic.Int32
	g, err := middleware.NewWithVerifier(verifier(func(token string) (middleware.Claims, error) {
		n := asked.Add(1)
		if n > 1 {
			<-begun
		}
		if n > times && token == "brief" {
			return middleware.Claims{}, fmt.Errorf("%w: expired", middleware.ErrInvalidToken)
		}
		return middleware.NewClaims(map[string]any{
			"sub": fmt.Sprintf("user%d", asked.Load()), "exp": time.Now().Add(50 * time.Millisecond),
		})
	}), opts)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Echo reuses the context of a request that has ended. A stream whose token has expired writes
// once more while another caller is served. Nothing of it reaches the other caller.
func TestAStreamThatGoesOnWritingReachesNobodyElse(t *testing.T) {
	for run := range 20 {
		t.Run(fmt.Sprint(run), func(t *testing.T) {
			g := brief(t, 1, middleware.Options{})
			expired, served, written := make(chan struct{}), make(chan struct{}), make(chan struct{})
			var streaming, ended atomic.Pointer[echo.Response]
			e := echo.New()
			e.GET("/stream", func(c echo.Context) error {
				err := echoauth.WhileAuthorized(c, g, scopes.Authenticated(), func(ctx context.Context) error {
					streaming.Store(c.Response())
					_, _ = io.WriteString(c.Response(), "mine\n")
					c.Response().Flush()
					<-ctx.Done()
					close(expired)
					<-served
					_, _ = io.WriteString(c.Response(), "mine, too\n") // as a handler does that checks its context too late
					c.Response().Flush()
					close(written)
					return nil
				})
				ended.Store(c.Response())
				return echoauth.Refuse(c, err)
			})
			e.GET("/other", func(c echo.Context) error {
				if c.Response() == streaming.Load() {
					t.Error("the response serves two callers")
				}
				if ended.Load() != nil {
					t.Error("WhileAuthorized has returned before its function")
				}
				close(served)
				<-written
				return c.String(http.StatusOK, "the other one's")
			})
			e.GET("/next", named("the next one's"))
			server := httptest.NewServer(e)
			defer server.Close()
			stream := make(chan string, 1)
			go func() {
				_, body, _ := send(t, server, "GET", "", "/stream", "brief")
				stream <- body
			}()
			<-expired
			if _, body, _ := send(t, server, "GET", "", "/other", ""); body != "the other one's" {
				t.Errorf("the other one reads %q", body)
			}
			if body := <-stream; body != "mine\nmine, too\n" {
				t.Errorf("the stream is %q", body)
			}
			for range 4 {
				if _, body, _ := send(t, server, "GET", "", "/next", ""); body != "the next one's" {
					t.Errorf("the next one reads %q", body)
				}
			}
		})
	}
}

func TestAClientThatDoesNotReadIsLetGo(t *testing.T) {
	t.Parallel() // it takes the five seconds that a refused stream has
	g := brief(t, 1, middleware.Options{})
	var failed error
	returned := make(chan error, 1)
	e := echo.New()
	e.GET("/", func(c echo.Context) error {
		err := echoauth.WhileAuthorized(c, g, scopes.Authenticated(), func(context.Context) error {
			for failed == nil { // it ignores its context
				_, failed = c.Response().Write(make([]byte, 1<<16))
			}
			return failed
		})
		returned <- err
		return echoauth.Refuse(c, err)
	})
	server := httptest.NewServer(e)
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer brief\r\n\r\n")
	select {
	case err = <-returned:
	case <-time.After(30 * time.Second):
		t.Fatal("the stream goes on")
	}
	var refusal *middleware.Error
	if !errors.As(err, &refusal) || refusal.Code() != middleware.CodeInvalid || failed == nil {
		t.Errorf("WhileAuthorized returns %v, the write %v", err, failed)
	}
}

func TestWhileHandsOnTheClaimsOfTheLastCheck(t *testing.T) {
	var routes []string
	begun := make(chan struct{})
	observe := func(_ context.Context, e middleware.Event) { routes = append(routes, e.Route) }
	g := briefAfter(t, begun, 2, middleware.Options{Observe: observe})
	var subjects []string
	e := echo.New()
	e.GET("/things/:id", func(c echo.Context) error {
		return echoauth.Refuse(c, echoauth.WhileAuthorized(c, g, scopes.Authenticated(), func(ctx context.Context) error {
			subjects = append(subjects, subject(ctx))
			close(begun)
			<-ctx.Done()
			subjects = append(subjects, subject(ctx))
			return nil
		}))
	})
	server := httptest.NewServer(e)
	defer server.Close()
	status, body, header := send(t, server, "GET", "", "/things/7", "brief")
	if status != 401 || !has(body, "invalid token") || !has(header.Get("WWW-Authenticate"), "invalid_token") {
		t.Errorf("%d %q %v: nothing had been written, so that the refusal can be told", status, body, header)
	}
	if fmt.Sprint(subjects) != "[user1 user2]" ||
		fmt.Sprint(routes) != "[GET /things/:id GET /things/:id GET /things/:id]" {
		t.Errorf("subjects %v, routes %q", subjects, routes)
	}
}

func subject(ctx context.Context) string {
	claims, _ := middleware.ClaimsFrom(ctx)
	return claims.Subject()
}

func TestAStreamThatHasBegunEndsWithoutABodyOfTheRefusal(t *testing.T) {
	for name, opts := range map[string]middleware.Options{"Echo's body": {}, "a body of its own": pages} {
		t.Run(name, func(t *testing.T) {
			g := brief(t, 1, opts)
			e := echo.New()
			e.HTTPErrorHandler = func(_ error, c echo.Context) { _ = c.JSON(http.StatusInternalServerError, "careless") }
			e.GET("/", func(c echo.Context) error {
				return echoauth.Refuse(c, echoauth.WhileAuthorized(c, g, scopes.Authenticated(), func(ctx context.Context) error {
					_, _ = io.WriteString(c.Response(), "data: 1\n\n")
					c.Response().Flush()
					<-ctx.Done()
					return nil
				}))
			})
			server := httptest.NewServer(e)
			defer server.Close()
			if status, body, _ := send(t, server, "GET", "", "/", "brief"); status != 200 || body != "data: 1\n\n" {
				t.Errorf("%d %q", status, body)
			}
		})
	}
}

func TestAWriterWithoutDeadlinesIsAnErrorBeforeTheStreamStarts(t *testing.T) {
	c := echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder())
	err := echoauth.WhileAuthorized(c, newGuard(t, middleware.Options{}), scopes.Public(), func(context.Context) error {
		t.Error("called")
		return nil
	})
	if !errors.Is(err, http.ErrNotSupported) {
		t.Errorf("got %v", err)
	}
}

func TestWhileAuthorizedRefusesBeforeTheStreamStarts(t *testing.T) {
	g := newGuard(t, middleware.Options{})
	e := echo.New()
	e.GET("/", func(c echo.Context) error {
		return echoauth.Refuse(c, echoauth.WhileAuthorized(c, g, scopes.All("write"), func(context.Context) error {
			t.Error("called")
			return nil
		}))
	})
	server := httptest.NewServer(e)
	defer server.Close()
	if status, body, _ := send(t, server, "GET", "", "/", "good"); status != 403 ||
		!strings.Contains(body, "insufficient scope") {
		t.Errorf("%d %q", status, body)
	}
}

func TestEventsOfAStreamArriveAsTheyAreSent(t *testing.T) {
	g := newGuard(t, middleware.Options{})
	e := echo.New()
	received := make(chan struct{})
	e.GET("/", func(c echo.Context) error {
		return echoauth.Refuse(c, echoauth.WhileAuthorized(c, g, scopes.Authenticated(), func(context.Context) error {
			for i := range 3 {
				_, _ = fmt.Fprintf(c.Response(), "data: %d\n", i)
				c.Response().Flush()
				<-received
			}
			return nil
		}))
	})
	server := httptest.NewServer(e)
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer good")
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	events := bufio.NewScanner(resp.Body)
	for i := range 3 {
		if !events.Scan() || events.Text() != fmt.Sprintf("data: %d", i) {
			t.Fatalf("got %q, %v", events.Text(), events.Err())
		}
		received <- struct{}{}
	}
}
