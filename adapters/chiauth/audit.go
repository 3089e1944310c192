package chiauth

import (
	"net/http"

	"github.com/bearerguard/bearerguard/scopes"
	"github.com/go-chi/chi/v5"
)

// Audit compares t with the routes of router, the outermost one, after all have been
// registered: for a test, or at start. The error names every route without a rule and
// every rule without a route; see [scopes.Table.Audit]. What Handle registers is a route
// for each method that chi knows.
//
// A rule for HEAD counts as one with a route if the pattern has a handler for GET, and one
// for OPTIONS if the pattern has any handler: [Enforce] goes by such rules.
func Audit(router chi.Routes, t *scopes.Table) error {
	return t.Audit(routes(nil, &level{router: router}, "", t))
}

// routes appends the routes of l, and those that rules of t are for though they have no
// handler.
func routes(list []string, l *level, prefix string, t *scopes.Table) []string {
	for pattern, at := range *l.load() {
		name := prefix + pattern
		for method := range at.methods {
			list = append(list, method+" "+name)
		}
		switch {
		case at.sub != nil:
			list = routes(list, at.sub, prefix+mountPoint(pattern), t)
		case at.opaque:
			for _, method := range methods {
				list = append(list, method+" "+name)
			}
		}
		if head := http.MethodHead + " " + name; at.methods[http.MethodGet] && t.Has(head) {
			list = append(list, head)
		}
		if options := http.MethodOptions + " " + name; len(at.methods) > 0 && t.Has(options) {
			list = append(list, options)
		}
	}
	return list
}
