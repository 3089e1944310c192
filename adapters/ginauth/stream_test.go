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

// mount serves a handler of Gin's behind the guard.
func mount(t *testing.T) harness.Mount {
	return func(serve func(http.ResponseWriter)) http.Handler {
		engine := gin.New()
		engine.GET("/", ginauth.Require(newGuard(t, middleware.Options{}), scopes.Authenticated()), func(c *gin.Context) {
			serve(c.Writer)
		})
		return engine
	}
}

func TestServerSentEventsFlowThroughTheGuard(t *testing.T) { harness.Events(t, mount(t)) }

func TestAConnectionCanBeHijackedBehindTheGuard(t *testing.T) { harness.Hijack(t, mount(t)) }
