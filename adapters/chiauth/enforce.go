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

// Enforce guards a whole router by rules. Nil rules deny everything. Middleware that was given
// to router's Use before Enforce runs in front of the guard. Middleware that is given to Use
// later runs behind it and finds the claims. router is the outermost router, or one that is
// mounted or made by Route. The routers that are mounted in it are guarded, too.
//
//   - A route without a rule gets the default of the rules, which denies unless the policy sets
//     it.
//   - A request that no route serves gets their Unrouted, see [scopes.Policy]. If that admits
//     the request, chi answers 404 or 405. A rule for exactly the method and path of such a
//     request wins over Unrouted.
//   - HEAD without a handler is judged by the rule of GET, or by a rule for HEAD if there is
//     one. chi then answers 405, or calls the handler of GET if middleware.GetHead is used.
//
// Enforce panics if router or g is nil, and if routes were registered before, because these
// would stay open. Enforce does not work in a Group or in a router that With returns: the first
// route in it panics. Use [Require] there.
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
		panic("chiauth: Enforce was called in a Group or behind With, where chi has already routed; use Require")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		outer := chi.RouteContext(r.Context())
		v := e.judge(outer, r)
		routed := nethttp.AsRouted(r, v.plans[0].method) // middleware may have changed the method for chi only
		pass, err := e.guard.Check(r.Context(), middleware.FromHTTP(routed, v.route), v.need)
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

// built reports whether router already has its handler. A router calls its middleware before it
// stores the handler, but a Group stores its handler first.
func built(router chi.Router) (is bool) {
	defer func() { is = recover() != nil }()
	router.Use()
	return false
}

// pin returns the context that keeps a request on the way of v.
func (e *enforcer) pin(ctx context.Context, outer *chi.Context, v verdict) *pin {
	return &pin{Context: ctx, at: e, route: outer.Clone(), base: v.base, prefix: v.prefix, plans: v.plans}
}
