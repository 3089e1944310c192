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

func TestAHandlerForbids(t *testing.T) {
	harness.Forbid(t, func(g *middleware.Guard) http.Handler {
		e := echo.New()
		e.Use(echoauth.Enforce(g, scopes.Policy{Default: scopes.Authenticated()}.MustCompile()))
		e.GET("/", func(c echo.Context) error {
			return echoauth.Refuse(c, g.Forbid(c.Request().Context(), harness.ErrCause))
		})
		return e
	})
}
