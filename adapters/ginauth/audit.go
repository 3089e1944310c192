package ginauth

import (
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

// Audit compares t with the routes of engine after all have been registered: for
// a test, or at start. The error names every route without a rule and every rule
// without a route; see [scopes.Table.Audit].
//
// A rule for a method that its path has no handler for, such as HEAD or OPTIONS, is
// one without a route. Gin spells no route for such a request, so that Unrouted
// decides about it, and the rule would never be asked. Audit can't see that a route was
// registered before Enforce, or with a group from before it, and is open.
func Audit(engine *gin.Engine, t *scopes.Table) error {
	return t.Audit(routesOf(engine))
}
