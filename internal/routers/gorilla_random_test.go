package routers_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/mux"
)

// randomRouter adds random routes to router, with matchers and subrouters, and describes
// them. serve makes the handler of a route.
func randomRouter(r *rand.Rand, router *mux.Router, depth int, serve func(*mux.Route) http.Handler) string {
	var described strings.Builder
	for range 1 + r.IntN(4) {
		route, inner, path := router.NewRoute(), depth > 0 && r.IntN(3) == 0, false
		say := func(format string, args ...any) { fmt.Fprintf(&described, format, args...) }
		for range 1 + r.IntN(3) {
			switch r.IntN(4) {
			case 0:
				method := []string{"GET", "POST"}[r.IntN(2)]
				route.Methods(method)
				say(" %s", method)
			case 1:
				template := []string{"/a", "/b", "/{x}"}[r.IntN(3)]
				switch {
				case path:
				case inner || r.IntN(4) == 0:
					route.PathPrefix(template)
					say(" %s*", template)
				default:
					route.Path(template)
					say(" %s", template)
				}
				path = true
			case 2:
				value := []string{"1", "2"}[r.IntN(2)]
				route.Headers("X-H", value)
				say(" X-H:%s", value)
			case 3:
				matches := r.IntN(4) > 0
				route.MatcherFunc(func(*http.Request, *mux.RouteMatch) bool { return matches })
				say(" %t", matches)
			}
		}
		if inner {
			say(" { %s }", randomRouter(r, route.Subrouter(), depth-1, serve))
		} else {
			route.Handler(serve(route))
			say(";")
		}
	}
	return described.String()
}

// TestTheRouteThatGorillaTellsIsTheOneThatServes tests random routers. The middleware of
// Use must run before each handler of a route, and must get the route that serves.
func TestTheRouteThatGorillaTellsIsTheOneThatServes(t *testing.T) {
	served := 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 0))
		router, told := mux.NewRouter(), (*mux.Route)(nil)
		var fault string
		router.Use(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				told = mux.CurrentRoute(r)
				next.ServeHTTP(w, r)
			})
		})
		routes := randomRouter(r, router, 2, func(route *mux.Route) http.Handler {
			return http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				if served++; told != route {
					fault = "another route"
				}
			})
		})
		for range 12 {
			told = nil
			target := []string{"/a", "/b", "/a/b", "/a/a", "/b/a", "/c", "/a/b/a"}[r.IntN(7)]
			q := httptest.NewRequest([]string{"GET", "POST", "PUT"}[r.IntN(3)], target, http.NoBody)
			q.Header.Set("X-H", []string{"1", "2"}[r.IntN(2)])
			if router.ServeHTTP(httptest.NewRecorder(), q); fault != "" {
				t.Fatalf("%s %s is served by %s than the middleware got, in%s", q.Method, target, fault, routes)
			}
		}
	}
	if served < 1000 {
		t.Errorf("only %d requests were served", served)
	}
}
