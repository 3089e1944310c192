package ginauth

import (
	"errors"
	"net/http"
	"strings"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

// Require returns a handler that lets those requests go on along the chain that
// g lets through for need: of a route, or of a group made with it. It panics if g
// is nil: an API that starts without its guard is worse than one that doesn't
// start.
func Require(g *middleware.Guard, need scopes.Requirement) gin.HandlerFunc {
	mustGuard(g)
	return func(c *gin.Context) {
		judge(c, g, routeOf(c), need)
	}
}

// Enforce guards engine as a whole by t, whose keys are spelled "GET
// /orders/:id". Routes without a rule get the table's default, which denies unless
// told otherwise, and so do requests that no route serves.
//
// It comes before any route or group: routes that engine already has would stay
// open, so it refuses to guard the rest. Groups without a route can't be seen;
// those that were made earlier stay open. It panics if g or engine is nil.
func Enforce(engine *gin.Engine, g *middleware.Guard, t *scopes.Table) error {
	mustGuard(g)
	if engine == nil {
		panic("ginauth: nil *gin.Engine")
	}
	if len(engine.Routes()) > 0 {
		return errors.New("ginauth: Enforce after routes were registered, which would stay open")
	}
	engine.Use(func(c *gin.Context) {
		route := routeOf(c)
		judge(c, g, route, t.Lookup(route))
	})
	return nil
}

// Audit compares t with the routes of engine after all have been registered: for
// a test, or at start. The error names every route without a rule and every rule
// without a route; see [scopes.Table.Audit].
func Audit(engine *gin.Engine, t *scopes.Table) error {
	var routes []string
	for _, route := range engine.Routes() {
		// The first request takes the backslash of an escaped colon away from
		// FullPath.
		path := strings.ReplaceAll(route.Path, `\:`, ":")
		routes = append(routes, route.Method+" "+path)
	}
	return t.Audit(routes)
}

// Claims returns the verified claims of the request, as [middleware.ClaimsFrom]
// does for c.Request.Context(), whether or not the engine has
// ContextWithFallback.
func Claims(c *gin.Context) (middleware.Claims, bool) {
	return middleware.ClaimsFrom(c.Request.Context())
}

func mustGuard(g *middleware.Guard) {
	if g == nil {
		panic("ginauth: nil *middleware.Guard")
	}
}

// routeOf spells the route of c, "" if no route serves it.
func routeOf(c *gin.Context) string {
	path := c.FullPath()
	if path == "" {
		return ""
	}
	return c.Request.Method + " " + path
}

// judge lets c go on, or aborts its chain with an answer.
func judge(c *gin.Context, g *middleware.Guard, route string, need scopes.Requirement) {
	r := c.Request
	pass, err := g.Check(r.Context(), middleware.FromHTTP(r, route), need)
	if err != nil {
		Answer(c, err)
		return
	}
	c.Request = r.WithContext(pass.Context)
}

// Answer aborts the chain of c and writes a refusal: the status,
// WWW-Authenticate and Retry-After of the answer table, and the body. Handlers use
// it for the errors of [middleware.Guard.Authorize]. Any other error is a bug of
// the handler, and its text not for the caller: 500.
func Answer(c *gin.Context, err error) {
	c.Abort()
	var refusal *middleware.Error
	if !errors.As(err, &refusal) || refusal == nil {
		c.String(http.StatusInternalServerError, http.StatusText(http.StatusInternalServerError))
		return
	}
	contentType, body := refusal.Body()
	refusal.Apply(c.Writer.Header())
	c.Data(refusal.Status(), contentType, body)
}
