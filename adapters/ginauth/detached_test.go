package ginauth_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

// A goroutine that runs longer than the handler keeps the claims for ever. Authorize grants it
// something only until the token expires.
func TestACopyAndADetachedContextKeepTheClaimsAndNotTheGrant(t *testing.T) {
	for _, fallback := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			g := guardOf(t, &expiring{after: time.Minute}, middleware.Options{})
			engine := gin.New()
			engine.ContextWithFallback = fallback
			var kept *gin.Context
			var detached context.Context
			engine.GET("/", ginauth.Require(g, scopes.Authenticated()), func(c *gin.Context) {
				if kept == nil {
					kept, detached = c.Copy(), context.WithoutCancel(c.Request.Context())
				}
			})
			ctx, leave := context.WithCancel(t.Context())
			serve(ctx, engine, httptest.NewRecorder(), "alice")
			leave() // as net/http does when the handler has returned
			serve(t.Context(), engine, httptest.NewRecorder(), "bob")

			check := func(when string, granted bool) {
				t.Helper()
				if got := subject(kept); got != "alice 1" {
					t.Errorf("%s: the copy is %q's", when, got)
				}
				if claims, ok := middleware.ClaimsFrom(detached); !ok || claims.Subject() != "alice 1" {
					t.Errorf("%s: the detached context is %q's", when, claims.Subject())
				}
				if _, ok := middleware.ClaimsFrom(kept); ok != fallback {
					t.Errorf("%s: the copy, as a context, yields claims: %v", when, ok)
				}
				for name, ctx := range map[string]context.Context{"copy": kept.Request.Context(), "detached": detached} {
					if err := g.Authorize(ctx, scopes.Authenticated()); (err == nil) != granted {
						t.Errorf("%s: %s: Authorize says %v", when, name, err)
					}
				}
				if err := g.Authorize(kept, scopes.Authenticated()); (err == nil) != (granted && fallback) {
					t.Errorf("%s: the copy as a context: Authorize says %v", when, err)
				}
			}
			check("at once", true)
			time.Sleep(2 * time.Minute)
			check("after the expiry", false)
		})
	}
}
