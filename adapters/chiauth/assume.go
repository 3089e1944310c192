package chiauth

import (
	"context"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"
)

// pinning makes the context of a request that has passed. Enforce uses (*enforcer).pin.
type pinning = func(e *enforcer, ctx context.Context, outer *chi.Context, v verdict) context.Context

// mustHold panics if pins have no effect. This happens if chi reads the route context at
// another time than this package expects. chi's documentation does not promise the time.
func mustHold(make pinning) {
	for path, want := range map[string]string{
		"/a": "GET /a", "/sub/a": "GET /sub/a", "/sub": "GET /sub/", "/none": "", "/sub/none": "",
	} {
		if got := serveRewritten(make, path); got != want {
			panic("chiauth: this version of chi routes in a way that Enforce does not know")
		}
	}
}

// serveRewritten returns the route whose handler serves path, or "" if none does. All
// middleware behind the pin tries to reach another handler.
func serveRewritten(make pinning, path string) (served string) {
	handler := func(route string) http.HandlerFunc {
		return func(http.ResponseWriter, *http.Request) { served = route }
	}
	rewrite := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			route := chi.RouteContext(r.Context())
			route.RoutePath, route.RouteMethod = "/b", http.MethodPost
			r.URL.Path, r.URL.RawPath, r.Method = "/b", "", http.MethodPost
			next.ServeHTTP(w, r)
		})
	}
	router := chi.NewRouter()
	e := &enforcer{router: router, level: &level{router: router}}
	router.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			outer := chi.RouteContext(r.Context())
			v := verdict{plans: []plan{e.level.plan(r.Method, r.URL.Path, "")}}
			next.ServeHTTP(w, r.WithContext(make(e, r.Context(), outer, v)))
		})
	}, rewrite)
	routes := func(r chi.Router, prefix string) {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			for _, path := range []string{"/", "/a", "/b"} {
				r.Method(method, path, handler(method+" "+prefix+path))
			}
		}
	}
	routes(router, "")
	router.Route("/sub", func(sub chi.Router) {
		sub.Use(rewrite)
		routes(sub, "/sub")
	})
	router.ServeHTTP(nothing{}, &http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}})
	return served
}

// nothing is a ResponseWriter that discards the response.
type nothing struct{}

func (nothing) Header() http.Header         { return http.Header{} }
func (nothing) Write(b []byte) (int, error) { return len(b), nil }
func (nothing) WriteHeader(int)             {}
