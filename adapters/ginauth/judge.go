package ginauth

import (
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

// A finder returns the route of a request and what it needs.
type finder func(*gin.Context) (route string, need scopes.Requirement)

// guarded returns a handler that asks find for the route and its requirement, and runs the rest
// of the chain if g admits the request. When the handlers have ended, even by a panic, it
// copies to the original request the fields that the server reads. c.Request stays that of the
// handlers, so that outer middleware finds the claims.
func guarded(g *middleware.Guard, find finder) gin.HandlerFunc {
	return func(c *gin.Context) {
		r := c.Request
		lent := judge(c, g, find)
		if lent == nil {
			return
		}
		hadForm, returned := r.MultipartForm != nil, false
		defer func() {
			nethttp.GiveBack(r, lent)
			if last := c.Request; last != lent { // HandleContext has replaced the request
				nethttp.GiveBack(r, last)
			}
			// A server removes the files of a form, but not after a panic that reaches it.
			if !returned && !hadForm && r.MultipartForm != nil {
				_ = r.MultipartForm.RemoveAll()
			}
		}()
		c.Request = lent
		c.Next()
		returned = true
	}
}

// judge returns the request for the handlers, or nil if c is refused. Gin's loop calls the next
// handler whenever one returns, and also after a panic that outer middleware recovers from. So
// judge aborts the chain unless the request passes: on a refusal, on a panic, and on
// runtime.Goexit.
func judge(c *gin.Context, g *middleware.Guard, find finder) (lent *http.Request) {
	defer func() {
		if lent != nil {
			return
		}
		c.Abort()
		if !c.Writer.Written() {
			c.Status(http.StatusInternalServerError) // a recovery may set another one
		}
	}()
	route, need := find(c)
	pass, err := g.Check(c.Request.Context(), middleware.FromHTTP(c.Request, route), need)
	if err != nil {
		Refuse(c, err)
		return nil
	}
	return nethttp.Lend(pass.Context, c.Request)
}
