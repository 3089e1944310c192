package httpauth

import (
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// Mux guards mux as a whole by rules, whose routes are the patterns as they were
// registered ("GET /orders/{id}"); nil rules deny everything. Patterns without a rule
// get the default, which denies unless told otherwise. A rule for "/orders" does not
// hold for the pattern "GET /orders": [Audit] finds such rules. A request that no
// pattern matches reaches no handler of the mux, so it isn't judged: the mux answers
// 404 or 405 itself.
//
// A HEAD request is judged by the rule of the GET pattern that serves it, and by a rule
// for HEAD only where the mux has a pattern for HEAD. Of a mux mounted under a pattern,
// only that pattern is seen ("/api/"): guard the inner mux, too.
//
// Register the patterns before the server starts. A pattern that is registered while a
// request waits for the issuer's keys is noticed, and the request is judged by its rule.
// A pattern that is registered after that, just before the mux serves the request, is
// not.
//
// Mux sets r.Pattern before the check, so that middleware in front of the guard can
// read it afterwards, also of a request that was refused.
func Mux(g *middleware.Guard, rules scopes.Rules, mux *http.ServeMux) http.Handler {
	adapt.MustGuard("httpauth", g)
	mustMux(mux)
	rules = adapt.Rules(rules)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.RequestURI == "*" {
			mux.ServeHTTP(w, r) // answers 400 by itself, whatever is registered
			return
		}
		own, pattern := mux.Handler(r)
		if pattern == "" {
			// Not the mux, which could have got a pattern for r by now.
			r.Pattern = ""
			own.ServeHTTP(w, r)
			return
		}
		rule := func(pattern string) (string, scopes.Requirement) {
			if r.Method == http.MethodConnect && !rules.Has(pattern) {
				pattern = "" // what redirects a CONNECT goes by its path
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
