package chiauth

import (
	"context"
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// WhileAuthorized checks r for need, and runs f for as long as r passes. It is for a handler
// whose response may outlive the token, such as server-sent events. It works as
// [httpauth.WhileAuthorized] does, but tells the observer the route as chi has found it.
func WhileAuthorized(
	g *middleware.Guard, w http.ResponseWriter, r *http.Request, need scopes.Requirement, f func(context.Context) error,
) error {
	route, routed := routeOf(r)
	return nethttp.WhileAuthorized(g, w, routed, route, need, f)
}
