package echoauth_test

import (
	"net/http"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/adapters/internal/harness"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

func TestTheMetadataOfAResourceAreReached(t *testing.T) {
	harness.Metadata(t, true, func(g *middleware.Guard, table *scopes.Table) (http.Handler, error) {
		e := echo.New()
		e.Use(echoauth.Enforce(g, table))
		e.GET("/things", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
		e.GET(g.MetadataPath(), echo.WrapHandler(g.Metadata()))
		e.OPTIONS(g.MetadataPath(), echo.WrapHandler(g.Metadata()))
		return e, echoauth.Audit(e, table)
	})
}
