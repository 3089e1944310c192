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

// mount serves a handler of Echo's behind the guard.
func mount(t *testing.T) harness.Mount {
	return func(serve func(http.ResponseWriter)) http.Handler {
		e := echo.New()
		e.GET("/", func(c echo.Context) error {
			serve(c.Response())
			return nil
		}, echoauth.Require(newGuard(t, middleware.Options{}), scopes.Authenticated()))
		return e
	}
}

func TestServerSentEventsFlowThroughTheGuard(t *testing.T) { harness.Events(t, mount(t)) }

func TestAConnectionCanBeHijackedBehindTheGuard(t *testing.T) { harness.Hijack(t, mount(t)) }
