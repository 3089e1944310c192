package httpauth

import (
	"net/http"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// changes is how often judge accepts another route for one request.
const changes = 3

// judge checks r, which is for route and needs need. A check that asks the issuer takes
// time, in which another route may have been registered for r. Therefore ask tells route
// and need once more after it. r is then checked by those, too, and denied after too many
// changes.
func judge(
	g *middleware.Guard, r *http.Request, route string, need scopes.Requirement, ask func() (string, scopes.Requirement),
) (middleware.Pass, error) {
	for n := 0; ; n++ {
		if n > changes {
			need = scopes.Requirement{}
		}
		pass, err := g.Check(r.Context(), middleware.FromHTTP(r, route), need)
		if err != nil || pass.Remembered || n > changes {
			return pass, err
		}
		was := route
		if route, need = ask(); route == was {
			return pass, nil
		}
	}
}
