package ginauth

import (
	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

// Audit compares t with the routes of engine. Call it after all routes have been registered, in
// a test or at start. The error names every route without a rule and every rule without a
// route; see [scopes.Table.Audit].
//
// A rule for a method that its path has no handler for, such as HEAD or OPTIONS, is a rule
// without a route: Gin has no path for such a request, so Unrouted judges it, and the rule has
// no effect. Audit does not see that a route was registered before Enforce, or with a group
// from before it, and is open.
//
// Audit also names a rule for metadata of a protected resource (RFC 9728) that is not Public,
// because clients read them before they have a token. Such a route has a path that begins with
// /.well-known/oauth-protected-resource.
func Audit(engine *gin.Engine, t *scopes.Table) error {
	return adapt.Audit("ginauth", t, routesOf(engine))
}
