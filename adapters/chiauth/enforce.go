package chiauth

import (
	"context"
	"net/http"

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
		pass, err := e.guard.Check(r.Context(), v.request(r), v.need)
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

// pin puts a request on the way of v.
func (e *enforcer) pin(ctx context.Context, outer *chi.Context, v verdict) *pin {
	return &pin{Context: ctx, at: e, route: outer.Clone(), base: v.base, prefix: v.prefix, plans: v.plans}
}
