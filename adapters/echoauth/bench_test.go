package echoauth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// discard is a writer that does nothing.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// BenchmarkEnforce measures a route on Echo with and without a guard.
func BenchmarkEnforce(b *testing.B) {
	table := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /things/:id": scopes.All("read"),
		"GET /public/:id": scopes.Public(),
	}}.MustCompile()
	nothing := func(c echo.Context) error { return nil }
	open, guarded := echo.New(), echo.New()
	guarded.Use(echoauth.Enforce(newGuard(b, middleware.Options{}), table))
	for _, e := range []*echo.Echo{open, guarded} {
		e.GET("/things/:id", nothing)
		e.POST("/things/:id", nothing)
		e.GET("/public/:id", nothing)
	}
	for _, bm := range []struct {
		name, target string
		e            *echo.Echo
	}{
		{"without a guard", "/things/7", open},
		{"a public route", "/public/7", guarded},
		{"a guarded route", "/things/7", guarded},
	} {
		b.Run(bm.name, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, bm.target, http.NoBody)
			r.Header.Set("Authorization", "Bearer good")
			w := discard{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				bm.e.ServeHTTP(w, r)
			}
		})
	}
}
