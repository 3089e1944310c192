package ginauth

import (
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/gin-gonic/gin"
)

// Claims returns the verified claims of the request, as [middleware.ClaimsFrom] does for
// c.Request.Context(). It does not need ContextWithFallback.
func Claims(c *gin.Context) (middleware.Claims, bool) {
	return middleware.ClaimsFrom(c.Request.Context())
}
