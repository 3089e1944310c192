package ginauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

// expiring accepts a token as the name of its bearer. The token expires after a while and is
// prolonged a given number of times. The claims tell how often it was checked.
type expiring struct {
	after   time.Duration
	prolong int

	mu   sync.Mutex
	seen map[string]int
}

func (v *expiring) Verify(_ context.Context, token string) (middleware.Claims, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.seen == nil {
		v.seen = make(map[string]int)
	}
	if v.seen[token]++; v.seen[token] > v.prolong+1 {
		return middleware.Claims{}, fmt.Errorf("%w: expired", middleware.ErrInvalidToken)
	}
	return middleware.NewClaims(map[string]any{
		"sub": fmt.Sprint(token, " ", v.seen[token]),
		"exp": time.Now().Add(v.after),
	})
}

// subject returns the subject of the claims of c.
func subject(c *gin.Context) string {
	claims, _ := ginauth.Claims(c)
	return claims.Subject()
}

func refusedAs(err error) middleware.Code {
	var refusal *middleware.Error
	if !errors.As(err, &refusal) {
		return ""
	}
	return refusal.Code()
}

// limited is a writer that has deadlines.
type limited struct{ *httptest.ResponseRecorder }

func (limited) SetWriteDeadline(time.Time) error { return nil }

// serve sends a request with a token to engine, without one for "".
func serve(ctx context.Context, engine *gin.Engine, w http.ResponseWriter, token string) {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	engine.ServeHTTP(w, r)
}

func TestWhileAuthorizedEndsWithTheToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guardOf(t, &expiring{after: time.Minute, prolong: 1}, middleware.Options{})
		engine := gin.New()
		var log []string
		engine.GET("/", ginauth.Require(g, scopes.Authenticated()), func(c *gin.Context) {
			before := c.Request
			start := time.Now()
			err := ginauth.WhileAuthorized(c, g, scopes.Authenticated(), func(ctx context.Context) error {
				if c.Request.Context() != ctx {
					t.Error("c.Request has another context")
				}
				log = append(log, subject(c))
				time.Sleep(90 * time.Second)
				log = append(log, subject(c))
				c.SSEvent("message", "hello")
				<-ctx.Done()
				if refusedAs(context.Cause(ctx)) != middleware.CodeInvalid {
					t.Errorf("the cause is %v", context.Cause(ctx))
				}
				return ctx.Err()
			})
			if c.Request != before {
				t.Error("c.Request isn't that of before")
			}
			log = append(log, fmt.Sprint(refusedAs(err), " ", time.Since(start)))
			ginauth.Refuse(c, err)
		}, func(*gin.Context) { t.Error("the chain goes on") })
		w := limited{httptest.NewRecorder()}
		serve(t.Context(), engine, w, "alice")
		if got, want := strings.Join(log, ", "), "alice 1, alice 2, invalid 2m0s"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if got := w.Body.String(); w.Code != 200 || got != "event:message\ndata:hello\n\n" {
			t.Errorf("%d %q: the refusal is in the stream", w.Code, got)
		}
	})
}

func TestWhileAuthorizedReturnsTheErrorOfItsFunction(t *testing.T) {
	own := errors.New("own")
	for _, want := range []error{nil, own} {
		synctest.Test(t, func(t *testing.T) {
			g := guardOf(t, &expiring{after: time.Minute}, middleware.Options{})
			engine := gin.New()
			engine.GET("/", func(c *gin.Context) {
				if err := ginauth.WhileAuthorized(c, g, scopes.Authenticated(), func(context.Context) error {
					return want
				}); err != want {
					t.Errorf("%v, want %v", err, want)
				}
			})
			serve(t.Context(), engine, limited{httptest.NewRecorder()}, "alice")
		})
	}
}

func TestWhileAuthorizedRefusesAtOnce(t *testing.T) {
	g := newGuard(t, middleware.Options{})
	for _, tt := range []struct {
		name, token string
		need        scopes.Requirement
		status      int
	}{
		{"without a token", "", scopes.Authenticated(), 401},
		{"an invalid token", "bad", scopes.Authenticated(), 401},
		{"a scope that is not granted", "good", scopes.All("write"), 403},
		{"the zero requirement", "good", scopes.Requirement{}, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			engine := gin.New()
			engine.GET("/", func(c *gin.Context) {
				ginauth.Refuse(c, ginauth.WhileAuthorized(c, g, tt.need, func(context.Context) error {
					t.Error("it is called")
					return nil
				}))
			})
			w := limited{httptest.NewRecorder()}
			if serve(t.Context(), engine, w, tt.token); w.Code != tt.status {
				t.Errorf("status %d, want %d", w.Code, tt.status)
			}
		})
	}
}

func TestWhileAuthorizedNeedsAWriterWithDeadlines(t *testing.T) {
	g := newGuard(t, middleware.Options{})
	engine := gin.New()
	engine.GET("/", func(c *gin.Context) {
		err := ginauth.WhileAuthorized(c, g, scopes.Public(), func(context.Context) error {
			t.Error("it is called")
			return nil
		})
		if !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("error %v", err)
		}
		ginauth.Refuse(c, err)
	})
	w := httptest.NewRecorder()
	if serve(t.Context(), engine, w, "good"); w.Code != 500 || w.Body.String() != "Internal Server Error" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestAPanicInsideWhileAuthorizedStaysUnchanged(t *testing.T) {
	g := guardOf(t, &expiring{after: time.Minute}, middleware.Options{})
	engine := gin.New()
	engine.GET("/", func(c *gin.Context) {
		before := c.Request
		defer func() {
			if caught := recover(); caught != "own" || c.Request != before {
				t.Errorf("recovered from %v, c.Request is that of before: %v", caught, c.Request == before)
			}
		}()
		_ = ginauth.WhileAuthorized(c, g, scopes.Authenticated(), func(context.Context) error { panic("own") })
	})
	serve(t.Context(), engine, limited{httptest.NewRecorder()}, "alice")
}

// A token expires during a stream, whose function tries to write once more. Meanwhile and
// afterwards other callers are served with contexts from the same pool.
func TestNothingOfAStreamReachesAnybodyElse(t *testing.T) {
	for run := range 40 {
		http2 := run%2 == 1
		t.Run(fmt.Sprint(run, ", HTTP/2: ", http2), func(t *testing.T) {
			t.Parallel()
			g := guardOf(t, &expiring{after: 50 * time.Millisecond, prolong: 1 << 30}, middleware.Options{})
			short := guardOf(t, &expiring{after: 50 * time.Millisecond}, middleware.Options{})
			engine := gin.New()
			ended := make(chan error, 1)
			engine.GET("/stream", ginauth.Require(short, scopes.Authenticated()), func(c *gin.Context) {
				ended <- ginauth.WhileAuthorized(c, short, scopes.Authenticated(), func(ctx context.Context) error {
					c.SSEvent("message", subject(c))
					c.Writer.Flush()
					<-ctx.Done()
					for range 100 { // the function notices the end late
						c.SSEvent("message", subject(c))
						c.Writer.Flush()
					}
					return ctx.Err()
				})
			})
			engine.GET("/other", ginauth.Require(g, scopes.Authenticated()), func(c *gin.Context) {
				for range 10 {
					name, _, _ := strings.Cut(subject(c), " ")
					c.String(http.StatusOK, name+c.FullPath())
					c.Writer.Flush()
				}
			})
			server := serving(engine, http2)
			defer server.Close()
			get := func(path, token string) string {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, http.NoBody)
				if err != nil {
					t.Error(err)
					return ""
				}
				r.Header.Set("Authorization", "Bearer "+token)
				resp, err := server.Client().Do(r)
				if err != nil {
					t.Error(err)
					return ""
				}
				defer resp.Body.Close()
				body, err := io.ReadAll(resp.Body)
				if err != nil {
					t.Error(err)
				}
				return string(body)
			}
			var others sync.WaitGroup
			over := make(chan struct{})
			for i := range 3 {
				others.Go(func() {
					name := fmt.Sprint("other", i)
					for left := 10; left > 0; {
						if got, want := get("/other", name), strings.Repeat(name+"/other", 10); got != want {
							t.Errorf("%s gets %q", name, got)
							return
						}
						select {
						case <-over:
							left--
						default:
						}
					}
				})
			}
			if got := get("/stream", "alice"); strings.ReplaceAll(got, "event:message\ndata:alice 1\n\n", "") != "" {
				t.Errorf("alice gets %q", got)
			}
			close(over)
			others.Wait()
			if err := <-ended; refusedAs(err) != middleware.CodeInvalid {
				t.Errorf("WhileAuthorized returned %v", err)
			}
		})
	}
}

// WhileAuthorized sets deadlines 5 s after a refusal. This test waits for them once.
func TestAClientThatDoesNotReadIsLetGo(t *testing.T) {
	for name, f := range map[string]func(*gin.Context){
		"a write that waits for the client": func(c *gin.Context) {
			event := strings.Repeat("x", 1<<20)
			c.Stream(func(io.Writer) bool { // it ignores its context
				c.SSEvent("message", event)
				return len(c.Errors) == 0
			})
		},
		"a read that waits for the client": func(c *gin.Context) {
			_, _ = io.Copy(io.Discard, c.Request.Body)
		},
	} {
		for _, http2 := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", HTTP/2: ", http2), func(t *testing.T) {
				t.Parallel()
				g := guardOf(t, &expiring{after: 50 * time.Millisecond}, middleware.Options{})
				engine := gin.New()
				ended := make(chan error, 1)
				engine.POST("/", ginauth.Require(g, scopes.Authenticated()), func(c *gin.Context) {
					ended <- ginauth.WhileAuthorized(c, g, scopes.Authenticated(), func(ctx context.Context) error {
						f(c)
						return ctx.Err()
					})
				})
				server := serving(engine, http2)
				defer server.Close()
				body, rest := io.Pipe() // the caller sends nothing
				ctx, leave := context.WithCancel(t.Context())
				r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, body)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Authorization", "Bearer alice")
				var client sync.WaitGroup
				client.Go(func() {
					if resp, err := server.Client().Do(r); err == nil {
						<-ctx.Done() // the client does not read
						resp.Body.Close()
					}
				})
				select {
				case err := <-ended:
					if refusedAs(err) != middleware.CodeInvalid {
						t.Errorf("WhileAuthorized returned %v", err)
					}
				case <-time.After(30 * time.Second):
					t.Error("it holds the handler")
				}
				leave()
				_ = rest.Close()
				client.Wait()
			})
		}
	}
}

// serving serves engine over a socket.
func serving(engine *gin.Engine, http2 bool) *httptest.Server {
	server := httptest.NewUnstartedServer(engine)
	if server.EnableHTTP2 = http2; http2 {
		server.StartTLS()
	} else {
		server.Start()
	}
	return server
}
