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

func TestTheMetadataOfAResourceAreReached(t *testing.T) {
	harness.Metadata(t, true, func(g *middleware.Guard, table *scopes.Table) (http.Handler, error) {
		engine := gin.New()
		if err := ginauth.Enforce(engine, g, table); err != nil {
			t.Fatal(err)
		}
		engine.GET("/things", func(c *gin.Context) { c.Status(http.StatusOK) })
		engine.GET(g.MetadataPath(), gin.WrapH(g.Metadata()))
		engine.OPTIONS(g.MetadataPath(), gin.WrapH(g.Metadata()))
		return engine, ginauth.Audit(engine, table)
	})
}
