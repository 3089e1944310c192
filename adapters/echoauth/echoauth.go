package echoauth

import (
	"errors"
	"net/http"
	"slices"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

// Require returns a middleware that lets those requests reach a handler that g
// lets through for need: of a route, a group or an Echo. Of a group, it guards
// the routes that are registered after Use, and the group's 404. It panics if g is
// nil: an API that starts without its guard is worse than one that doesn't start.
func Require(g *middleware.Guard, need scopes.Requirement) echo.MiddlewareFunc {
	mustGuard(g)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			return serve(c, g, routeOf(c, nil), need, next)
		}
	}
}

// Enforce returns a middleware that guards an Echo as a whole by t; see the
// package for how routes are spelled. Routes without a rule get the table's
// default, which denies unless told otherwise, and so do requests that no route
// serves.
//
// It is for Use, on the Echo itself. Under Pre the route is not known yet: every
// request that some route would serve is denied there, whatever t says of it.
func Enforce(g *middleware.Guard, t *scopes.Table) echo.MiddlewareFunc {
	mustGuard(g)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			route := routeOf(c, t)
			need := t.Lookup(route)
			if c.Path() == "" && beforeRouting(c) {
				need = scopes.Requirement{}
			}
			return serve(c, g, route, need, next)
		}
	}
}

// Claims returns the verified claims of the request, as [middleware.ClaimsFrom]
// does.
func Claims(c echo.Context) (middleware.Claims, bool) {
	return middleware.ClaimsFrom(c.Request().Context())
}

func mustGuard(g *middleware.Guard) {
	if g == nil {
		panic("echoauth: nil *middleware.Guard")
	}
}

// routeOf spells the route of c, "" if it has none. For a wrong method Echo tells
// the path of the route's siblings, so that the method may be any word that the
// caller made up. Those that neither HTTP nor t knows are kept out of logs and
// metrics; they get the table's default either way.
func routeOf(c echo.Context, t *scopes.Table) string {
	r, path := c.Request(), c.Path()
	if path == "" {
		return ""
	}
	if _, known := c.Echo().Routers()[r.Host]; known {
		path = r.Host + path
	}
	route := r.Method + " " + path
	if !slices.Contains(methods, r.Method) && !t.Has(route) {
		return ""
	}
	return route
}

// methods are those that Echo has names for.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	http.MethodConnect, http.MethodOptions, http.MethodTrace, echo.PROPFIND, echo.REPORT,
}

// beforeRouting tells whether c, which has no path, would get one from the
// router: then this runs under Pre. A path that only a later rewrite makes known
// can't be told from one that nobody knows.
func beforeRouting(c echo.Context) bool {
	e, r := c.Echo(), c.Request()
	router, known := e.Routers()[r.Host]
	if !known {
		router = e.Router()
	}
	probe := e.NewContext(r, c.Response().Writer)
	router.Find(r.Method, echo.GetPath(r), probe)
	return probe.Path() != ""
}

// serve passes c on to next, or refuses it.
func serve(c echo.Context, g *middleware.Guard, route string, need scopes.Requirement, next echo.HandlerFunc) error {
	r := c.Request()
	pass, err := g.Check(r.Context(), middleware.FromHTTP(r, route), need)
	if err != nil {
		return Answer(c, err)
	}
	c.SetRequest(r.WithContext(pass.Context))
	return next(c)
}

// Answer turns a refusal into Echo's error, for a handler to return: it sets
// WWW-Authenticate and Retry-After on the response. Handlers use it for the errors
// of [middleware.Guard.Authorize]. Any other error is returned as it is.
func Answer(c echo.Context, err error) error {
	var refusal *middleware.Error
	if !errors.As(err, &refusal) || refusal == nil {
		return err
	}
	refusal.Apply(c.Response().Header())
	if !refusal.HasBody() {
		// The app's error handler writes a body of its own. Not err, which a handler
		// may have wrapped: in Debug mode the text of Internal is sent.
		return &echo.HTTPError{Code: refusal.Status(), Message: refusal.Error(), Internal: refusal}
	}
	// A configured body has no place in Echo's error. It is sent at once, and nil
	// keeps an error handler that doesn't look whether anything was sent from adding
	// another.
	contentType, body := refusal.Body()
	return c.Blob(refusal.Status(), contentType, body)
}
