package ginauth

import (
	"strings"

	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

// routeOf spells the route of c, "" if no route serves it.
func routeOf(c *gin.Context) string {
	path := c.FullPath()
	if path == "" {
		return ""
	}
	return c.Request.Method + " " + path
}

// lookup finds what the route of c needs.
func lookup(c *gin.Context, rules scopes.Rules) (string, scopes.Requirement) {
	route := routeOf(c)
	if route == "" {
		return "", rules.Unrouted()
	}
	return route, rules.Lookup(route)
}

// routesOf spells the routes of engine as a policy does. The first request takes the
// backslash of an escaped colon away from FullPath.
func routesOf(engine *gin.Engine) []string {
	var routes []string
	for _, route := range engine.Routes() {
		routes = append(routes, route.Method+" "+strings.ReplaceAll(route.Path, `\:`, ":"))
	}
	return routes
}
