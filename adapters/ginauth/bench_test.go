package ginauth_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

// discard is a writer that does nothing.
type discard http.Header

func (d discard) Header() http.Header       { return http.Header(d) }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}

// swift is a verifier that accepts every token at once.
type swift struct{ claims middleware.Claims }

func (s swift) Verify(context.Context, string) (middleware.Claims, error) { return s.claims, nil }

func benchGuard(b *testing.B) *middleware.Guard {
	claims, err := middleware.NewClaims(map[string]any{"sub": "user", "scope": "read"})
	if err != nil {
		b.Fatal(err)
	}
	g, err := middleware.NewWithVerifier(swift{claims}, middleware.Options{})
	if err != nil {
		b.Fatal(err)
	}
	return g
}

// BenchmarkEnforce measures a whole request with a valid token: Gin, the adapter and the guard.
// "unguarded" measures Gin only.
func BenchmarkEnforce(b *testing.B) {
	next := func(c *gin.Context) { c.Next() }
	for _, bm := range []struct {
		name, method string
		guarded      bool
		before       []gin.HandlerFunc
	}{
		{"unguarded", "GET", false, nil},
		{"first", "GET", true, nil},
		{"unguarded behind middleware", "GET", false, []gin.HandlerFunc{next}},
		{"behind middleware", "GET", true, []gin.HandlerFunc{next}},
		{"behind middleware", "POST", true, []gin.HandlerFunc{next}},
	} {
		b.Run(bm.name+" "+bm.method, func(b *testing.B) {
			engine := gin.New()
			engine.Use(bm.before...)
			if bm.guarded {
				rules := map[string]scopes.Requirement{
					"GET /things/:id":  scopes.All("read"),
					"POST /things/:id": scopes.All("read"),
				}
				if err := ginauth.Enforce(engine, benchGuard(b), scopes.Policy{Routes: rules}.MustCompile()); err != nil {
					b.Fatal(err)
				}
			}
			engine.Handle(bm.method, "/things/:id", func(*gin.Context) {})
			r, err := http.NewRequest(bm.method, "/things/7", http.NoBody)
			if err != nil {
				b.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer good")
			w := discard{}
			b.ReportAllocs()
			for b.Loop() {
				engine.ServeHTTP(w, r)
			}
		})
	}
}
