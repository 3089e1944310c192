package ginauth

import (
	"strings"

	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

// routeOf spells the route of c. It returns "" if no route serves c.
func routeOf(c *gin.Context) string {
	path := c.FullPath()
	if path == "" {
		return ""
	}
	return c.Request.Method + " " + path
}

// lookup returns the route of c and what it needs.
func lookup(c *gin.Context, rules scopes.Rules) (string, scopes.Requirement) {
	route := routeOf(c)
	if route == "" {
		return "", rules.Unrouted()
	}
	return route, rules.Lookup(route)
}

// routesOf spells the routes of engine as a policy does. It removes the backslash of an escaped
// colon, because FullPath has none after the first request.
func routesOf(engine *gin.Engine) []string {
	var routes []string
	for _, route := range engine.Routes() {
		routes = append(routes, route.Method+" "+strings.ReplaceAll(route.Path, `\:`, ":"))
	}
	return routes
}
