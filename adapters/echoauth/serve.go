package echoauth

import (
	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// serve calls next if g admits the request of c, whose handler is at that spot. Otherwise it
// refuses.
func serve(
	c echo.Context, g *middleware.Guard, at *spot, route string, need scopes.Requirement, next echo.HandlerFunc,
) error {
	r := c.Request()
	pass, err := g.Check(r.Context(), middleware.FromHTTP(at.asRouted(r), route), need)
	if err != nil {
		return Refuse(c, err)
	}
	lent := nethttp.Lend(pass.Context, r)
	defer nethttp.GiveBack(r, lent)
	c.SetRequest(lent)
	return next(c)
}
