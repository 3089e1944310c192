package httpauth

import (
	"net/http"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// changes is how many times judge accepts that the route of one request has changed.
const changes = 3

// judge checks r, which is for route and needs need. A check that asks the issuer takes time,
// and meanwhile another route may be registered for r. Therefore judge calls ask after the
// check. If the route has changed, judge checks r for the new route as well. After too many
// changes it denies r.
func judge(
	g *middleware.Guard, r *http.Request, route string, need scopes.Requirement, ask func() (string, scopes.Requirement),
) (middleware.Pass, error) {
	for range changes + 1 {
		pass, err := g.Check(r.Context(), middleware.FromHTTP(asRouted(r), route), need)
		if err != nil || pass.Remembered {
			return pass, err
		}
		was := route
		if route, need = ask(); route == was {
			return pass, nil
		}
	}
	return g.Check(r.Context(), middleware.FromHTTP(r, route), scopes.Deny())
}
