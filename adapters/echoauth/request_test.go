package echoauth_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
	echomw "github.com/labstack/echo/v4/middleware"
)

// upload is a multipart form with one file.
func upload(t *testing.T, size int) (contentType string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	file, err := form.CreateFormFile("file", "name")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = file.Write(make([]byte, size))
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return form.FormDataContentType(), b.Bytes()
}

func TestTheFilesOfAFormAreRemovedWithTheRequest(t *testing.T) {
	const large = 33 << 20 // past what Echo keeps in memory
	parse := map[string]struct {
		size int
		f    func(echo.Context) error
	}{
		"FormFile":           {large, func(c echo.Context) error { _, err := c.FormFile("file"); return err }},
		"MultipartForm":      {large, func(c echo.Context) error { _, err := c.MultipartForm(); return err }},
		"ParseMultipartForm": {1 << 10, func(c echo.Context) error { return c.Request().ParseMultipartForm(1) }},
	}
	public := scopes.Policy{Routes: map[string]scopes.Requirement{"POST /": scopes.Public()}}.MustCompile()
	guarded := scopes.Policy{Routes: map[string]scopes.Requirement{"POST /": scopes.Authenticated()}}.MustCompile()
	unrouted := scopes.Policy{Unrouted: scopes.Authenticated()}.MustCompile()
	setups := map[string]func(*echo.Echo, *middleware.Guard, echo.HandlerFunc){
		"unguarded": func(e *echo.Echo, _ *middleware.Guard, h echo.HandlerFunc) { e.POST("/", h) },
		"Require": func(e *echo.Echo, g *middleware.Guard, h echo.HandlerFunc) {
			e.POST("/", h, echoauth.Require(g, scopes.Authenticated()))
		},
		"Require under Pre": func(e *echo.Echo, g *middleware.Guard, h echo.HandlerFunc) {
			e.Pre(echoauth.Require(g, scopes.Optional()))
			e.POST("/", h)
		},
		"Enforce": func(e *echo.Echo, g *middleware.Guard, h echo.HandlerFunc) {
			e.Use(echoauth.Enforce(g, guarded))
			e.POST("/", h)
		},
		"Enforce, a public route": func(e *echo.Echo, g *middleware.Guard, h echo.HandlerFunc) {
			e.Use(echoauth.Enforce(g, public))
			e.POST("/", h)
		},
		"Enforce, a handler of 404": func(e *echo.Echo, g *middleware.Guard, h echo.HandlerFunc) {
			e.Use(echoauth.Enforce(g, unrouted))
			e.RouteNotFound("/*", h)
		},
		"Enforce and Require": func(e *echo.Echo, g *middleware.Guard, h echo.HandlerFunc) {
			e.Use(echoauth.Enforce(g, guarded))
			e.POST("/", h, echoauth.Require(g, scopes.All("read")))
		},
	}
	for how, p := range parse {
		contentType, body := upload(t, p.size)
		for where, setup := range setups {
			for _, end := range []string{"returns", "panics"} {
				if p.size == large && (where != "Enforce" || end != "returns") {
					continue // this covers each way to parse and each place once
				}
				t.Run(how+", "+where+", the handler "+end, func(t *testing.T) {
					dir := t.TempDir()
					t.Setenv("TMPDIR", dir)
					e := echo.New()
					if end == "panics" { // net/http itself removes nothing when a panic reaches it
						e.Pre(echomw.RecoverWithConfig(echomw.RecoverConfig{DisablePrintStack: true}))
					}
					setup(e, newGuard(t, middleware.Options{}), func(c echo.Context) error {
						if err := p.f(c); err != nil {
							t.Error(err)
						}
						if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
							t.Errorf("%d files, %v: this test sees nothing", len(files), err)
						}
						if end != "returns" {
							panic("its own")
						}
						return nil
					})
					server := httptest.NewServer(e)
					defer server.Close()
					r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, bytes.NewReader(body))
					if err != nil {
						t.Fatal(err)
					}
					r.Header.Set("Content-Type", contentType)
					r.Header.Set("Authorization", "Bearer good")
					if resp, err := server.Client().Do(r); err == nil {
						_ = resp.Body.Close()
					}
					server.Close() // which waits for the end of the request
					if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
						t.Errorf("%d files are left, %v", len(files), err)
					}
				})
			}
		}
	}
}

func TestMiddlewareOutsideSeesThePatternOfTheMux(t *testing.T) {
	g := newGuard(t, middleware.Options{})
	e := echo.New()
	e.Use(echoauth.Enforce(g, scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /api/things": scopes.Authenticated(), "GET /api/inner/*": scopes.Authenticated(),
	}}.MustCompile()))
	e.GET("/api/things", named("things"))
	inner := http.NewServeMux()
	inner.HandleFunc("GET /api/inner/{id}", func(http.ResponseWriter, *http.Request) {})
	e.GET("/api/inner/*", echo.WrapHandler(inner))
	mux := http.NewServeMux()
	mux.Handle("/api/", e)
	for _, tt := range []struct{ name, path, token, pattern string }{
		{"a route", "/api/things", "good", "/api/"},
		{"a refusal", "/api/things", "", "/api/"},
		{"an unknown path", "/api/nowhere", "good", "/api/"},
		{"a mux inside", "/api/inner/7", "good", "GET /api/inner/{id}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			seen := make(chan string, 1)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer func() { seen <- r.Pattern }()
				mux.ServeHTTP(w, r)
			}))
			defer server.Close()
			send(t, server, "GET", "", tt.path, tt.token)
			if pattern := <-seen; pattern != tt.pattern {
				t.Errorf("pattern %q, want %q", pattern, tt.pattern)
			}
		})
	}
}

func TestTrailersThatWereNotAnnouncedReachTheHandler(t *testing.T) {
	e := echo.New()
	e.POST("/", func(c echo.Context) error {
		_, _ = io.Copy(io.Discard, c.Request().Body)
		return c.String(http.StatusOK, c.Request().Trailer.Get("Digest"))
	}, echoauth.Require(newGuard(t, middleware.Options{}), scopes.Authenticated()))
	server := httptest.NewServer(e)
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn,
		"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer good\r\nTransfer-Encoding: chunked\r\n\r\n"+
			"4\r\nbody\r\n0\r\nDigest: told\r\n\r\n")
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasSuffix(string(answer), "told") {
		t.Errorf("%q, %v", answer, err)
	}
}
