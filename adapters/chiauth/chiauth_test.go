package chiauth_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/internal/harness"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// policy returns a policy from requirements that are written as text.
func policy(t testing.TB, routes map[string]string) *scopes.Table {
	t.Helper()
	p := scopes.Policy{Routes: map[string]scopes.Requirement{}}
	for route, text := range routes {
		need, err := scopes.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		switch route {
		case "default":
			p.Default = need
		case "unrouted":
			p.Unrouted = need
		default:
			p.Routes[route] = need
		}
	}
	table, err := p.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// told collects the routes that an observer is told.
type told struct {
	mu     sync.Mutex
	routes []string
}

func (o *told) observe(_ context.Context, e middleware.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.routes = append(o.routes, e.Route)
}

func (o *told) last() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.routes) == 0 {
		return "none"
	}
	return o.routes[len(o.routes)-1]
}

func newGuard(t testing.TB) *middleware.Guard {
	t.Helper()
	return harness.Guard(t, middleware.Options{})
}

// named is a handler that answers with its name, and says it in a field for HEAD.
func named(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Served-By", name)
		fmt.Fprint(w, name)
	}
}

// do sends a request to h.
func do(h http.Handler, method, target, token string) *httptest.ResponseRecorder {
	return harness.Do(h, method, target, token)
}

// observed is a guard that tells o.
func observed(t testing.TB, o *told) *middleware.Guard {
	t.Helper()
	return harness.Guard(t, middleware.Options{Observe: o.observe})
}

// send sends a request as do does, with a header field.
func send(h http.Handler, method, target string, header [2]string, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, http.NoBody)
	if header[0] != "" {
		r.Header.Set(header[0], header[1])
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
