package httpauth

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// Require returns a middleware that lets those requests reach a handler that g
// lets through for need. It fits every router that takes func(http.Handler)
// http.Handler. It panics if g is nil: an API that starts without its guard is
// worse than one that doesn't start.
func Require(g *middleware.Guard, need scopes.Requirement) func(http.Handler) http.Handler {
	adapt.MustGuard("httpauth", g)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			pass, err := g.Check(r.Context(), middleware.FromHTTP(asRouted(r), r.Pattern), need)
			if err != nil {
				Refuse(w, err)
				return
			}
			serve(w, r, pass, next)
		})
	}
}

// asRouted returns r for a check of its cookie's origin, which also goes by the method of
// the pattern by which a mux has chosen the handler.
func asRouted(r *http.Request) *http.Request {
	end := strings.IndexAny(r.Pattern, " \t") // as ServeMux parses it
	return nethttp.AsRouted(r, r.Pattern[:max(end, 0)])
}

// Enforce returns a middleware that guards a whole router by rules; nil rules deny
// everything. route names the route of a request as the rules spell it. It is asked
// again where the check of a token took time, so it must answer the same for the same
// request.
//
// Where route returns "", no route serves the request, and it needs what
// [scopes.Policy].Unrouted says: nothing passes unless the policy allows it. So route
// must not return "" for a request that a handler of a route may serve.
//
// The route must be known when the middleware runs, and nothing between this
// middleware and the router may change the method, the host or the path. For chi there
// is a package of its own, adapters/chiauth. gorilla/mux routes first; see the package
// documentation.
func Enforce(
	g *middleware.Guard, rules scopes.Rules, route func(*http.Request) string,
) func(http.Handler) http.Handler {
	adapt.MustGuard("httpauth", g)
	if route == nil {
		panic("httpauth: nil route function")
	}
	rules = adapt.Rules(rules)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ask := func() (string, scopes.Requirement) {
				name := route(r)
				if name == "" {
					return "", rules.Unrouted()
				}
				return name, rules.Lookup(name)
			}
			name, need := ask()
			pass, err := judge(g, r, name, need, ask)
			if err != nil {
				Refuse(w, err)
				return
			}
			serve(w, r, pass, next)
		})
	}
}

// changes is how often judge accepts another route for one request.
const changes = 3

// judge checks r, which is for route and needs need. A check that asks the issuer takes
// time, in which another route may have been registered for r. Therefore ask tells route
// and need once more after it. r is then checked by those, too, and denied after too many
// changes.
func judge(
	g *middleware.Guard, r *http.Request, route string, need scopes.Requirement, ask func() (string, scopes.Requirement),
) (middleware.Pass, error) {
	for range changes + 1 {
		pass, err := g.Check(r.Context(), middleware.FromHTTP(r, route), need)
		if err != nil || pass.Remembered {
			return pass, err
		}
		was := route
		if route, need = ask(); route == was {
			return pass, nil
		}
	}
	return g.Check(r.Context(), middleware.FromHTTP(r, route), scopes.Requirement{})
}

// serve passes r on to next. w is never wrapped: streaming and hijacking work as
// without a guard.
func serve(w http.ResponseWriter, r *http.Request, pass middleware.Pass, next http.Handler) {
	lent := nethttp.Lend(pass.Context, r)
	defer nethttp.GiveBack(r, lent)
	next.ServeHTTP(w, lent)
}

// Refuse writes a refusal: the status, WWW-Authenticate and Retry-After of the
// answer table, and the body. Handlers use it for the errors of
// [middleware.Guard.Authorize]. Any other error is a bug of the handler, and its
// text not for the caller: 500. It can't see whether a response has begun, and does
// not belong behind one.
func Refuse(w http.ResponseWriter, err error) {
	refusal := adapt.Refusal(err)
	if refusal == nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	contentType, body := refusal.Body()
	refusal.Apply(w.Header())
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(refusal.Status())
	_, _ = w.Write(body) // nobody is left to tell if the caller is gone
}
