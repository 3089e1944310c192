package httpauth_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// In an outage all keys have expired. A known token waits for new keys, and meanwhile a pattern
// with its own rule is registered.
func TestAPatternThatIsRegisteredWhileAKnownTokenWaitsIsJudged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer, err := authtest.New(authtest.Config{})
		if err != nil {
			t.Fatal(err)
		}
		var state atomic.Int32
		client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			switch state.Load() {
			case 1:
				return nil, io.ErrUnexpectedEOF
			case 2:
				time.Sleep(1500 * time.Millisecond)
			}
			return issuer.Client().Transport.RoundTrip(r)
		})}
		cache, err := jwks.New(jwks.Config{
			Issuer: issuer.URL(), Client: client,
			MaxRefresh: 10 * time.Second, MaxStale: 10 * time.Second,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer cache.Close()
		g, err := middleware.New(middleware.JWTConfig{
			Issuer: issuer.URL(), Audience: []string{issuer.Audience()}, Keys: cache,
		}, middleware.Options{})
		if err != nil {
			t.Fatal(err)
		}
		mux := http.NewServeMux()
		mux.Handle("/", named("/"))
		h := httpauth.Mux(g, scopes.Policy{Routes: map[string]scopes.Requirement{
			"/": scopes.Authenticated(), "GET /admin": scopes.All("admin"),
		}}.MustCompile(), mux)
		token := issuer.Mint(authtest.Token{Scope: "read"})
		if w := do(h, "GET", "/admin", token); w.Code != 200 {
			t.Fatal(w.Code)
		}
		state.Store(1)
		time.Sleep(30 * time.Second)
		state.Store(2)
		var w *httptest.ResponseRecorder
		for w == nil || w.Code == 503 {
			time.Sleep(100 * time.Millisecond)
			done := make(chan struct{})
			go func() { w = do(h, "GET", "/admin", token); close(done) }()
			synctest.Wait()
			select {
			case <-done:
				if w.Code == 200 {
					t.Fatal("it did not wait")
				}
			default:
				if _, p := mux.Handler(httptest.NewRequest("GET", "/admin", nil)); p == "/" {
					mux.Handle("GET /admin", named("secret"))
				}
				<-done
			}
		}
		if w.Code != 403 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
