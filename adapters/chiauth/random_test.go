package chiauth_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/chiauth"
	"github.com/go-chi/chi/v5"
	chimiddleware "github.com/go-chi/chi/v5/middleware"
)

// A maze is a random router, with rewriters in random places behind the guard.
type maze struct {
	*rand.Rand
	log []string // how it was made
}

func pick[T any](m *maze, from ...T) T { return from[m.IntN(len(from))] }

func (m *maze) path() string {
	var b strings.Builder
	for range 1 + m.IntN(4) {
		b.WriteString(pick(m, "/a", "/b", "/7", "/", "//a", "/../a", "/a.json", "/m", "/%2Fa", "/m/7"))
	}
	return b.String()
}

func (m *maze) rewriter() rewriter {
	path, method := m.path(), pick(m, "GET", "HEAD", "POST")
	n := m.IntN(9)
	m.log = append(m.log, fmt.Sprint("rewriter ", n, " ", method, " ", path))
	switch n {
	case 0:
		return chimiddleware.StripSlashes
	case 1:
		return chimiddleware.CleanPath
	case 2:
		return chimiddleware.URLFormat
	case 3:
		return chimiddleware.GetHead
	case 4:
		return chimiddleware.PathRewrite("/a", "/b")
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch n {
			case 5:
				chi.RouteContext(r.Context()).RoutePath = path
			case 6:
				chi.RouteContext(r.Context()).RouteMethod = method
			case 7:
				r.URL.Path, r.URL.RawPath = path, ""
			case 8:
				r = r.Clone(r.Context())
				r.Method = method
			}
			next.ServeHTTP(w, r)
		})
	}
}

// serve says which route serves, as it was registered: with the method "*" for all.
func serve(route string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Served-By", route) }
}

// fill registers random routes. It skips those that chi rejects.
func (m *maze) fill(r chi.Router, prefix string, depth int) {
	for range 1 + m.IntN(6) {
		func() {
			defer func() {
				if refused := recover(); refused != nil {
					m.log = append(m.log, fmt.Sprint("refused: ", refused))
				}
			}()
			m.register(r, prefix, depth)
		}()
	}
}

func (m *maze) register(r chi.Router, prefix string, depth int) {
	pattern := pick(m, "/", "/*", "/a", "/a/", "/a/*", "/a/{id}", "/a/{id}/",
		"/{id}", "/{id:[0-9]+}", "/{x}.json", "/b", "/m/*", "/m", "/m/{id}")
	at := pick(m, "/", "/a", "/a/", "/m", "/m/{id}", "/b")
	kind := m.IntN(9)
	if depth == 0 {
		kind %= 5
	}
	m.log = append(m.log, fmt.Sprintf("%d %q %q in %q", kind, pattern, at, prefix))
	inside := prefix + strings.TrimSuffix(at, "/")
	switch kind {
	case 0, 1:
		r.Get(pattern, serve("GET "+prefix+pattern))
	case 2:
		method := pick(m, "POST", "HEAD")
		r.Method(method, pattern, serve(method+" "+prefix+pattern))
	case 3:
		r.Handle(pattern, serve("* "+prefix+pattern))
	case 4:
		r.With(m.rewriter()).Get(pattern, serve("GET "+prefix+pattern))
	case 5:
		r.Route(at, func(r chi.Router) {
			r.Use(m.rewriter())
			m.fill(r, inside, depth-1)
		})
	case 6:
		inner := chi.NewRouter()
		inner.Use(m.rewriter(), m.rewriter())
		m.fill(inner, inside, depth-1)
		r.With(m.rewriter()).Mount(at, inner)
	case 7: // a router that can't be seen as one is a route
		inner := chi.NewRouter()
		inner.Use(m.rewriter())
		inner.Handle("/*", serve("* "+inside+"/*"))
		r.Mount(at, http.HandlerFunc(inner.ServeHTTP))
	case 8:
		r.Group(func(r chi.Router) {
			r.Use(m.rewriter())
			m.fill(r, prefix, depth-1)
		})
	}
}

func TestTheRouteThatIsJudgedIsTheOneThatServes(t *testing.T) {
	open := policy(t, map[string]string{"default": "public", "unrouted": "public"})
	served := 0
	for seed := range uint64(3000) {
		m := &maze{Rand: rand.New(rand.NewPCG(seed, 0))}
		o := &told{}
		r := chi.NewRouter()
		r.NotFound(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Served-By", "none") })
		r.MethodNotAllowed(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Served-By", "none") })
		before := m.IntN(2) == 0
		if before {
			r.Use(m.rewriter())
		}
		chiauth.Enforce(r, observed(t, o), open)
		r.Use(m.rewriter(), m.rewriter())
		m.fill(r, "", 3)
		if len(r.Routes()) == 0 {
			continue // chi runs no middleware then
		}
		for range 20 {
			method, path := pick(m, "GET", "GET", "HEAD", "POST", "OPTIONS"), m.path()
			by := do(r, method, path, "").Header().Get("Served-By")
			judged := o.last()
			if by == "none" {
				// HEAD has GET's rule even if chi answers 405.
				head := (method == "HEAD" || before) && strings.HasPrefix(judged, "GET ")
				if judged != "" && !head {
					t.Fatalf("seed %d: %s %s: no route serves, judged as %q\n%q", seed, method, path, judged, m.log)
				}
				continue
			}
			served++
			if _, pattern, _ := strings.Cut(judged, " "); by != judged && by != "* "+pattern {
				t.Fatalf("seed %d: %s %s: %q serves, judged as %q\n%q", seed, method, path, by, judged, m.log)
			}
		}
	}
	if served < 10000 {
		t.Errorf("only %d requests were served", served)
	}
}
