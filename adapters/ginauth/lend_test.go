package ginauth_test

import (
	"bytes"
	"context"
	"io"
	"log"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

// upload is the body of a form with a file of that many bytes.
func upload(t *testing.T, size int) (contentType string, body *bytes.Buffer) {
	t.Helper()
	body = new(bytes.Buffer)
	form := multipart.NewWriter(body)
	file, err := form.CreateFormFile("file", "name")
	if err == nil {
		_, err = file.Write(make([]byte, size))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return form.FormDataContentType(), body
}

func TestTheFilesOfAFormAreRemoved(t *testing.T) {
	guards := map[string]func(*gin.Engine, *middleware.Guard) error{
		"Require": func(engine *gin.Engine, g *middleware.Guard) error {
			engine.Use(ginauth.Require(g, scopes.Authenticated()))
			return nil
		},
		"Enforce, a public route": func(engine *gin.Engine, g *middleware.Guard) error {
			return ginauth.Enforce(engine, g, scopes.Policy{Default: scopes.Public()}.MustCompile())
		},
		"Enforce, and Require": func(engine *gin.Engine, g *middleware.Guard) error {
			err := ginauth.Enforce(engine, g, scopes.Policy{Default: scopes.Optional()}.MustCompile())
			engine.Use(ginauth.Require(g, scopes.Authenticated()))
			return err
		},
		"Enforce, no route": func(engine *gin.Engine, g *middleware.Guard) error {
			return ginauth.Enforce(engine, g, scopes.Policy{Default: scopes.Public(), Unrouted: scopes.Public()}.MustCompile())
		},
	}
	handlers := map[string]struct {
		size int
		f    func(*gin.Engine, *middleware.Guard, *gin.Context) error
	}{
		"c.FormFile": {10, func(_ *gin.Engine, _ *middleware.Guard, c *gin.Context) error {
			_, err := c.FormFile("file")
			return err
		}},
		"c.MultipartForm": {10, func(_ *gin.Engine, _ *middleware.Guard, c *gin.Context) error {
			_, err := c.MultipartForm()
			return err
		}},
		"c.Bind": {33 << 20, func(_ *gin.Engine, _ *middleware.Guard, c *gin.Context) error { // it keeps 32 MiB in memory
			return c.Bind(&struct {
				File *multipart.FileHeader `form:"file"`
			}{})
		}},
		"c.FormFile, behind HandleContext": {10, func(engine *gin.Engine, _ *middleware.Guard, c *gin.Context) error {
			c.Request.Method = "GET"
			engine.HandleContext(c)
			c.Request.Method = "POST"
			_, err := c.FormFile("file")
			return err
		}},
		"c.FormFile, inside WhileAuthorized": {10, func(_ *gin.Engine, g *middleware.Guard, c *gin.Context) error {
			return ginauth.WhileAuthorized(c, g, scopes.Authenticated(), func(context.Context) error {
				_, err := c.FormFile("file")
				return err
			})
		}},
	}
	ends := map[string]struct {
		recovery bool
		end      func()
	}{
		"it returns":               {false, func() {}},
		"it panics":                {false, func() { panic("the handler's") }},
		"it panics, with Recovery": {true, func() { panic("the handler's") }},
		"it aborts":                {false, func() { panic(http.ErrAbortHandler) }},
	}
	for guard, install := range guards {
		for name, handler := range handlers {
			for end, how := range ends {
				if handler.size > 1<<20 && (guard != "Require" || end != "it returns") {
					continue // once is enough
				}
				t.Run(guard+", "+name+", "+end, func(t *testing.T) {
					dir := t.TempDir()
					t.Setenv("TMPDIR", dir)
					g := newGuard(t, middleware.Options{})
					engine := gin.New()
					engine.MaxMultipartMemory = 1
					if how.recovery {
						engine.Use(gin.RecoveryWithWriter(io.Discard))
					}
					if err := install(engine, g); err != nil {
						t.Fatal(err)
					}
					handle := func(c *gin.Context) {
						if err := handler.f(engine, g, c); err != nil {
							t.Error(err)
						}
						if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
							t.Errorf("%d files in the handler, %v", len(files), err)
						}
						how.end()
					}
					if strings.HasSuffix(guard, "no route") {
						engine.NoRoute(handle)
					} else {
						engine.POST("/", handle)
					}
					engine.GET("/", func(*gin.Context) {})
					server := httptest.NewUnstartedServer(engine)
					server.Config.ErrorLog = log.New(io.Discard, "", 0)
					server.Start()
					contentType, body := upload(t, handler.size)
					r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, body)
					if err != nil {
						t.Fatal(err)
					}
					r.Header.Set("Content-Type", contentType)
					r.Header.Set("Authorization", "Bearer good")
					if resp, err := server.Client().Do(r); err == nil {
						resp.Body.Close()
					}
					server.Close() // when all requests have ended
					if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
						t.Errorf("%d files are left, %v", len(files), err)
					}
				})
			}
		}
	}
}

// Outer middleware may read the files of a form that it or the handler has parsed, even after a
// panic of the handler.
func TestTheFilesOfAFormAreLeftToMiddlewareOutside(t *testing.T) {
	for name, tt := range map[string]struct {
		parse bool // before the guard
		end   func()
	}{
		"parsed outside":                         {true, func() {}},
		"parsed outside, and the handler panics": {true, func() { panic("the handler's") }},
		"parsed by the handler":                  {false, func() {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			open := func(c *gin.Context) {
				header, err := c.FormFile("file")
				if err != nil {
					t.Fatal(err)
				}
				file, err := header.Open()
				if err != nil {
					t.Fatal(err)
				}
				_ = file.Close()
			}
			engine := gin.New()
			engine.MaxMultipartMemory = 1
			engine.POST("/", func(c *gin.Context) {
				if tt.parse {
					open(c)
				}
				defer func() {
					_ = recover()
					open(c)
					_ = c.Request.MultipartForm.RemoveAll()
				}()
				c.Next()
			}, ginauth.Require(newGuard(t, middleware.Options{}), scopes.Authenticated()), func(c *gin.Context) {
				open(c)
				tt.end()
			})
			contentType, body := upload(t, 10)
			r := httptest.NewRequest(http.MethodPost, "/", body)
			r.Header.Set("Content-Type", contentType)
			r.Header.Set("Authorization", "Bearer good")
			engine.ServeHTTP(httptest.NewRecorder(), r)
		})
	}
}

func TestMiddlewareInFrontMayReadItsRequestMeanwhile(t *testing.T) {
	engine := gin.New()
	if err := ginauth.Enforce(engine, newGuard(t, middleware.Options{}),
		scopes.Policy{Default: scopes.Authenticated()}.MustCompile()); err != nil {
		t.Fatal(err)
	}
	reading := make(chan struct{})
	engine.GET("/", func(*gin.Context) { close(reading) })
	var readers sync.WaitGroup
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		readers.Go(func() {
			<-reading
			for range 100 {
				_ = r.WithContext(r.Context()) // reads every field
				_ = r.Header.Get("Authorization")
			}
		})
		engine.ServeHTTP(w, r)
		readers.Wait()
	}))
	defer server.Close()
	if status, _ := send(t, server, "GET", "/"); status != 200 {
		t.Errorf("status %d", status)
	}
}

func TestMiddlewareInFrontFindsThePatternOfAMuxBehind(t *testing.T) {
	for _, token := range []string{"good", ""} {
		engine := gin.New()
		mux := http.NewServeMux()
		mux.HandleFunc("GET /api/{x}", func(http.ResponseWriter, *http.Request) {})
		engine.GET("/api/*any", ginauth.Require(newGuard(t, middleware.Options{}), scopes.Optional()), gin.WrapH(mux))
		r := httptest.NewRequest("GET", "/api/1", http.NoBody)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		engine.ServeHTTP(httptest.NewRecorder(), r)
		if r.Pattern != "GET /api/{x}" {
			t.Errorf("pattern %q", r.Pattern)
		}
	}
}

// Middleware outside, such as an access log, names the caller by c.Request.
func TestMiddlewareOutsideFindsTheClaims(t *testing.T) {
	engine := gin.New()
	var subject string
	engine.Use(func(c *gin.Context) {
		c.Next()
		claims, _ := ginauth.Claims(c)
		subject = claims.Subject()
	})
	if err := ginauth.Enforce(engine, newGuard(t, middleware.Options{}),
		scopes.Policy{Default: scopes.Authenticated()}.MustCompile()); err != nil {
		t.Fatal(err)
	}
	engine.GET("/", func(*gin.Context) {})
	if do(engine, "GET", "/", "good"); subject != "user" {
		t.Errorf("subject %q", subject)
	}
}

func TestTheHandlerSeesTrailersThatWereNotAnnounced(t *testing.T) {
	var seen http.Header
	engine := gin.New()
	engine.POST("/", ginauth.Require(newGuard(t, middleware.Options{}), scopes.Authenticated()), func(c *gin.Context) {
		if _, err := c.GetRawData(); err != nil {
			t.Error(err)
		}
		seen = c.Request.Trailer.Clone()
	})
	server := httptest.NewServer(engine)
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn,
		"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer good\r\nTransfer-Encoding: chunked\r\n"+
			"\r\n4\r\nbody\r\n0\r\nX-Sum: 7\r\n\r\n")
	if answer, err := io.ReadAll(conn); err != nil || seen.Get("X-Sum") != "7" {
		t.Errorf("trailers %v; %q, %v", seen, answer, err)
	}
}
