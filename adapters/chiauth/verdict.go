package chiauth

import (
	"net/http"
	"strings"

	"github.com/bearerguard/bearerguard/scopes"
	"github.com/go-chi/chi/v5"
)

// A verdict is what a request needs, and the ways through the routers for which this holds.
type verdict struct {
	plans  []plan
	base   int
	prefix string
	route  string
	need   scopes.Requirement
}

// judge finds the way of r through the router, and its rule.
func (e *enforcer) judge(outer *chi.Context, r *http.Request) verdict {
	v := verdict{base: len(outer.RoutePatterns)}
	if outer.Routes != chi.Routes(e.router) {
		v.prefix = prefix(outer.RoutePatterns)
	}
	if before, ok := r.Context().Value(e).(*pin); ok {
		// A handler has passed the request to the router once more.
		last := r.Context().Value(lastPin{}).(*pin)
		if !before.done && !last.done || v.base > before.base {
			panic("chiauth: a request came back to its router; only the handler of a route may do that, " +
				"after a reset of its chi.Context")
		}
		if v.base < before.base {
			v.prefix = before.prefix
		}
	}
	method, path := target(outer, r)
	v.plans = []plan{e.level.plan(method, path, v.prefix)}
	way := &v.plans[0]
	switch {
	case way.unknown: // no rule can name its route
	case !way.unrouted:
		v.route = way.route()
		v.need = e.rules.Lookup(v.route)
	default:
		e.unrouted(&v, method, path)
	}
	return v
}

// unrouted finds the rule of a request that no route serves.
func (e *enforcer) unrouted(v *verdict, method, path string) {
	exact := func(pattern string) bool {
		route := method + " " + pattern
		if !e.rules.Has(route) {
			return false
		}
		v.route, v.need = route, e.rules.Lookup(route)
		return true
	}
	// A path of the caller must not be taken for a pattern.
	if !strings.ContainsAny(path, "{*") && exact(v.prefix+path) {
		return
	}
	for _, other := range methods {
		way := e.level.plan(other, path, v.prefix)
		if way.unrouted {
			continue
		}
		if exact(way.pattern) {
			return
		}
		if method == http.MethodHead && other == http.MethodGet {
			v.plans = append(v.plans, way)
			v.route, v.need = way.route(), e.rules.Lookup(way.route())
			return
		}
	}
	v.need = e.rules.Unrouted()
}

// methods are the methods that chi knows, GET first.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	http.MethodOptions, http.MethodConnect, http.MethodTrace, "QUERY",
}
