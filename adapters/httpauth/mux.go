package httpauth

import (
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// Mux guards mux as a whole by rules. The routes of the rules are the patterns as they were
// registered, such as "GET /orders/{id}". Nil rules deny everything. Mux panics if g or mux is
// nil.
//
//   - A pattern without a rule gets the default of the rules, which denies unless the policy
//     sets it.
//   - A rule for "/orders" is not a rule for the pattern "GET /orders". [Audit] finds such
//     rules.
//   - A request that no pattern matches is not judged, because it reaches no handler: the mux
//     itself answers 404 or 405.
//   - A HEAD request is judged by the rule of the pattern that serves it, which is mostly a GET
//     pattern. A rule for HEAD has an effect only if mux has a pattern for HEAD.
//   - If another mux is mounted under a pattern such as "/api/", Mux sees only that
//     pattern. Guard the inner mux, too.
//
// Register the patterns before the server starts. If a pattern is registered while a request
// waits for the issuer's keys, the request is judged by the rule of the new pattern. A pattern
// that is registered after that, just before the mux serves the request, is not noticed.
//
// Mux sets r.Pattern before the check, so that middleware in front of the guard can read it
// afterwards, even if the request was refused.
func Mux(g *middleware.Guard, rules scopes.Rules, mux *http.ServeMux) http.Handler {
	adapt.MustGuard("httpauth", g)
	mustMux(mux)
	rules = adapt.Rules(rules)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.RequestURI == "*" {
			mux.ServeHTTP(w, r) // the mux itself answers 400, whatever is registered
			return
		}
		own, pattern := mux.Handler(r)
		if pattern == "" {
			// Do not call the mux, because a pattern for r may have been registered meanwhile.
			r.Pattern = ""
			own.ServeHTTP(w, r)
			return
		}
		rule := func(pattern string) (string, scopes.Requirement) {
			if r.Method == http.MethodConnect && !rules.Has(pattern) {
				pattern = "" // a redirect of a CONNECT is chosen by its path
			}
			r.Pattern = pattern
			return pattern, rules.Lookup(pattern)
		}
		route, need := rule(pattern)
		pass, err := judge(g, r, route, need, func() (string, scopes.Requirement) {
			_, pattern := mux.Handler(r)
			return rule(pattern)
		})
		if err != nil {
			Refuse(w, err)
			return
		}
		serve(w, r, pass, mux)
	})
}

func mustMux(mux *http.ServeMux) {
	if mux == nil {
		panic("httpauth: nil *http.ServeMux")
	}
}
