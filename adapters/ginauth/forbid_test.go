package ginauth_test

import (
	"net/http"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/adapters/internal/harness"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

func TestAHandlerForbids(t *testing.T) {
	harness.Forbid(t, func(g *middleware.Guard) http.Handler {
		engine := gin.New()
		if err := ginauth.Enforce(engine, g, scopes.Policy{Default: scopes.Authenticated()}.MustCompile()); err != nil {
			t.Fatal(err)
		}
		engine.GET("/", func(c *gin.Context) { ginauth.Refuse(c, g.Forbid(c.Request.Context(), harness.ErrCause)) })
		return engine
	})
}
