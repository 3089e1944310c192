package chiauth_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/chiauth"
	"github.com/bearerguard/bearerguard/adapters/internal/harness"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/go-chi/chi/v5"
)

// guards puts each form of the guard in front of a route.
var guards = map[string]func(r chi.Router, g *middleware.Guard, pattern string, h http.HandlerFunc){
	"Enforce": func(r chi.Router, g *middleware.Guard, pattern string, h http.HandlerFunc) {
		chiauth.Enforce(r, g, scopes.Policy{Default: scopes.Authenticated()}.MustCompile())
		r.HandleFunc(pattern, h)
	},
	"Require under Use": func(r chi.Router, g *middleware.Guard, pattern string, h http.HandlerFunc) {
		r.Use(chiauth.Require(g, scopes.Authenticated()))
		r.HandleFunc(pattern, h)
	},
	"Require behind With": func(r chi.Router, g *middleware.Guard, pattern string, h http.HandlerFunc) {
		r.With(chiauth.Require(g, scopes.Authenticated())).HandleFunc(pattern, h)
	},
}

// eachGuard runs f with a router that serves h at pattern behind each form of the guard,
// and that has front in front of it.
func eachGuard(
	t *testing.T, opts middleware.Options, pattern string, h http.HandlerFunc,
	f func(*testing.T, http.Handler), front ...rewriter,
) {
	t.Helper()
	for name, put := range guards {
		t.Run(name, func(t *testing.T) {
			r := chi.NewRouter()
			r.Use(front...)
			put(r, harness.Guard(t, opts), pattern, h)
			f(t, r)
		})
	}
}

// swallow recovers from panics and does nothing else.
func swallow(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { _ = recover() }()
		next.ServeHTTP(w, r)
	})
}

func TestMiddlewareInFrontSeesWhatChiHasFound(t *testing.T) {
	var pattern, route, id string
	front := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				pattern, route, id = r.Pattern, chi.RouteContext(r.Context()).RoutePattern(), chi.URLParam(r, "id")
			}()
			next.ServeHTTP(w, r)
		})
	}
	for name, handler := range map[string]http.HandlerFunc{
		"a handler that returns": named("thing"),
		"a handler that panics":  func(http.ResponseWriter, *http.Request) { panic("handler") },
	} {
		t.Run(name, func(t *testing.T) {
			eachGuard(t, middleware.Options{}, "/things/{id}", handler, func(t *testing.T, h http.Handler) {
				pattern, route, id = "", "", ""
				do(h, "GET", "/things/7", "good")
				if pattern != "/things/{id}" || route != "/things/{id}" || id != "7" {
					t.Errorf("pattern %q, route %q, id %q", pattern, route, id)
				}
			}, swallow, front)
		})
	}
}

func TestMiddlewareBehindTheGuardFindsTheClaims(t *testing.T) {
	r := chi.NewRouter()
	chiauth.Enforce(r, newGuard(t), scopes.Policy{Default: scopes.Authenticated()}.MustCompile())
	r.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			claims, _ := middleware.ClaimsFrom(r.Context())
			w.Header().Set("Subject", claims.Subject())
			next.ServeHTTP(w, r)
		})
	})
	r.Get("/things/{id}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, chi.URLParam(r, "id"), r.PathValue("id"), r.Pattern)
	})
	w := do(r, "GET", "/things/7", "good")
	if w.Header().Get("Subject") != "user" || w.Body.String() != "77/things/{id}" {
		t.Errorf("%q, %q", w.Header().Get("Subject"), w.Body)
	}
}

// The form also reaches middleware in front if the handler panics. net/http does not see the
// form, with or without a guard, because chi passes a copy of the request to its middleware.
func TestAFormReachesTheMiddlewareInFront(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, _ := form.CreateFormFile("file", "name")
	_, _ = part.Write(bytes.Repeat([]byte("x"), 11<<20)) // more than is kept in memory
	_ = form.Close()
	files := func() int {
		files, err := os.ReadDir(os.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	upload := func(_ http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1); err != nil || files() == 0 {
			t.Errorf("%v, %d files", err, files())
		}
		if r.Header.Get("Panic") != "" {
			panic(http.ErrAbortHandler)
		}
	}
	removed := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() { _ = r.MultipartForm.RemoveAll() }() // as net/http does
			next.ServeHTTP(w, r)
		})
	}
	eachGuard(t, middleware.Options{}, "/", upload, func(t *testing.T, h http.Handler) {
		for _, panics := range []string{"", "yes"} {
			server := httptest.NewServer(h)
			req, _ := http.NewRequestWithContext(t.Context(), "POST", server.URL, bytes.NewReader(body.Bytes()))
			req.Header.Set("Content-Type", form.FormDataContentType())
			req.Header.Set("Authorization", "Bearer good")
			req.Header.Set("Panic", panics)
			if resp, err := server.Client().Do(req); err == nil {
				resp.Body.Close()
			}
			server.Close() // waits for the request's end
			if n := files(); n > 0 {
				t.Errorf("panics %q: %d files are left", panics, n)
			}
		}
	}, removed)
}

// A handler in front of chi makes the map of the trailers, because chi's copy of the request
// would not see a map that is made later.
func TestAHandlerSeesTheTrailersThatChiHandsOn(t *testing.T) {
	trailer := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, r.Trailer.Get("X-Sum"))
	}
	eachGuard(t, middleware.Options{}, "/", trailer, func(t *testing.T, h http.Handler) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Trailer = http.Header{}
			h.ServeHTTP(w, r)
		}))
		defer server.Close()
		answer := raw(t, server, "POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\nConnection: close\r\n"+
			"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: sum\r\n\r\n")
		if !strings.HasSuffix(answer, "sum") {
			t.Errorf("%q", answer)
		}
	})
}

func TestAPanicInTheGuardLeavesTheChainClosed(t *testing.T) {
	reached := false
	opts := middleware.Options{Observe: func(context.Context, middleware.Event) { panic("observer") }}
	eachGuard(t, opts, "/", func(http.ResponseWriter, *http.Request) {
		reached = true
	}, func(t *testing.T, h http.Handler) {
		for _, token := range []string{"", "good", "bad"} {
			if do(h, "GET", "/", token); reached {
				t.Errorf("token %q reaches the handler", token)
			}
		}
	}, swallow)
}

func TestTheFirstRequestsMayComeAtOnce(t *testing.T) {
	inner := chi.NewRouter() // shared by two routers with a guard each, and one without
	inner.Get("/{id}", func(w http.ResponseWriter, r *http.Request) {
		var ids sync.WaitGroup
		for range 4 { // reading is safe in several goroutines, as it is without a guard
			ids.Go(func() { _ = chi.URLParam(r, "id") })
		}
		ids.Wait()
		fmt.Fprint(w, chi.URLParam(r, "id"))
	})
	inner.Get("/{id}/secret", named("secret"))
	guarded := func(rule string) http.Handler {
		r := chi.NewRouter()
		chiauth.Enforce(r, newGuard(t), policy(t, map[string]string{"GET /x/{id}": "public", "GET /x/{id}/secret": rule}))
		r.Mount("/x", inner)
		return r
	}
	open := chi.NewRouter()
	open.Mount("/x", inner)
	routers := map[http.Handler]int{guarded("read"): 401, guarded("deny"): 403, open: 200}
	var all sync.WaitGroup
	for h, want := range routers {
		for i := range 20 {
			all.Go(func() {
				if w := do(h, "GET", "/x/7/secret", ""); w.Code != want {
					t.Errorf("%d, want %d", w.Code, want)
				}
				id := fmt.Sprint(i)
				if w := do(h, "GET", "/x/"+id, ""); w.Body.String() != id {
					t.Errorf("%d %q, want %q", w.Code, w.Body, id)
				}
			})
		}
	}
	all.Wait()
}

// The test delays a request behind a handler that has timed out. Meanwhile chi reuses the route
// context for the next request.
func TestAHandlerThatOutlivesItsRequestRoutesItsOwnRequest(t *testing.T) {
	release, ended := make(chan struct{}), make(chan string, 1)
	r := chi.NewRouter()
	chiauth.Enforce(r, newGuard(t), policy(t, map[string]string{
		"GET /slow/{id}": "public", "GET /fast/{id}": "public", "GET /secret": "read",
	}))
	r.Use(func(next http.Handler) http.Handler { // as http.TimeoutHandler does
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, "/slow") {
				next.ServeHTTP(w, r)
				return
			}
			go func() {
				<-release
				chi.RouteContext(r.Context()).RoutePath = "/secret"
				late := httptest.NewRecorder()
				next.ServeHTTP(late, r)
				ended <- late.Body.String()
			}()
		})
	})
	r.Get("/slow/{id}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "slow ", chi.URLParam(r, "id")) })
	r.Get("/fast/{id}", func(w http.ResponseWriter, r *http.Request) {
		close(release)
		fmt.Fprint(w, "fast ", chi.URLParam(r, "id"), " ", <-ended)
	})
	r.Get("/secret", named("secret"))
	do(r, "GET", "/slow/7", "")
	if w := do(r, "GET", "/fast/8", ""); w.Body.String() != "fast 8 slow 7" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}
