package chiauth

import (
	"context"
	"net/http"
	"strings"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/go-chi/chi/v5"
)

// Enforce guards router as a whole by rules; nil rules deny everything. It stands where
// it is called: what was given to router's Use before runs in front of the guard, and
// what is given to it later runs behind it and finds the claims. router is the outermost
// one, or one that is mounted or made by Route; a router that is mounted in it is guarded
// with it.
//
// A route without a rule gets the default of the rules, which denies unless told
// otherwise. A request that no route serves gets their Unrouted, see [scopes.Policy]; if
// that lets it pass, chi answers 404 or 405. A rule for the very method and path of such
// a request wins over Unrouted.
//
// HEAD is judged by GET's rule if no handler for HEAD is registered, unless there is a
// rule for HEAD. chi then answers 405, or by GET's handler if middleware.GetHead is used.
//
// Enforce panics if router or g is nil, and if routes were registered before, since they
// would stay open. A Group and the routers that With returns can't have an Enforce: the
// first route in it panics. Use [Require] there.
func Enforce(router chi.Router, g *middleware.Guard, rules scopes.Rules) {
	adapt.MustGuard("chiauth", g)
	if router == nil {
		panic("chiauth: nil chi.Router")
	}
	rules = adapt.Rules(rules)
	mustHold(func(e *enforcer, ctx context.Context, outer *chi.Context, v verdict) context.Context {
		return e.pin(ctx, outer, v)
	})
	e := &enforcer{router: router, guard: g, rules: rules, level: &level{router: router}}
	router.Use(e.middleware)
}

// An enforcer is the guard of one router.
type enforcer struct {
	router chi.Router
	guard  *middleware.Guard
	rules  scopes.Rules
	level  *level
}

func (e *enforcer) middleware(next http.Handler) http.Handler {
	if built(e.router) {
		panic("chiauth: Enforce in a Group or behind With, where chi has routed already; use Require there")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		outer := chi.RouteContext(r.Context())
		v := e.judge(outer, r)
		pass, err := e.guard.Check(r.Context(), middleware.FromHTTP(nethttp.AsRouted(r, v.plans[0].method), v.route), v.need)
		if err != nil {
			Refuse(w, err)
			return
		}
		pinned := e.pin(pass.Context, outer, v)
		lent := nethttp.Lend(pinned, r)
		defer func() {
			pinned.giveBack(outer)
			nethttp.GiveBack(r, lent)
		}()
		next.ServeHTTP(w, lent)
	})
}

// built tells whether router has its handler already. When a router makes it, it asks its
// middleware before; a Group makes its own first.
func built(router chi.Router) (is bool) {
	defer func() { is = recover() != nil }()
	router.Use()
	return false
}

// A verdict is what e asks for, and for which way.
type verdict struct {
	plans  []plan
	base   int
	prefix string
	route  string
	need   scopes.Requirement
}

// pin puts a request on the way of v.
func (e *enforcer) pin(ctx context.Context, outer *chi.Context, v verdict) *pin {
	return &pin{Context: ctx, at: e, route: outer.Clone(), base: v.base, prefix: v.prefix, plans: v.plans}
}

// judge finds the way of r through the router, and its rule.
func (e *enforcer) judge(outer *chi.Context, r *http.Request) verdict {
	v := verdict{base: len(outer.RoutePatterns)}
	if outer.Routes != chi.Routes(e.router) {
		v.prefix = prefix(outer.RoutePatterns)
	}
	if before, ok := r.Context().Value(e).(*pin); ok {
		// A handler has given the request to the router once more.
		last := r.Context().Value(lastPin{}).(*pin)
		if !before.done && !last.done || v.base > before.base {
			panic("chiauth: a request came back to its router; reset its chi.Context, in the handler of a route")
		}
		if v.base < before.base {
			v.prefix = before.prefix
		}
	}
	method, path := target(outer, r)
	v.plans = []plan{e.level.plan(method, path, v.prefix)}
	way := &v.plans[0]
	switch {
	case way.unknown: // no rule can be for it
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
	if !strings.ContainsAny(path, "{*") && exact(v.prefix+path) { // what the caller sent is never taken for a pattern
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

// methods are those that chi knows, GET first.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	http.MethodOptions, http.MethodConnect, http.MethodTrace, "QUERY",
}
