package chiauth

import (
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/go-chi/chi/v5"
)

// Audit compares t with the routes of router, which is the outermost one. Call it after all
// routes have been registered, in a test or at start. The error names every route without a
// rule and every rule without a route; see [scopes.Table.Audit]. A pattern that Handle
// registers is a route for each method that chi knows.
//
// Audit accepts a rule for HEAD if the pattern has a handler for GET, and a rule for OPTIONS if
// the pattern has any handler, because [Enforce] judges by such rules.
//
// Audit also names a rule for metadata of a protected resource (RFC 9728) that is not Public,
// because clients read them before they have a token. Such a route has a path that begins with
// /.well-known/oauth-protected-resource.
func Audit(router chi.Routes, t *scopes.Table) error {
	return adapt.Audit("chiauth", t, routes(nil, &level{router: router}, "", t))
}

// routes appends the routes of l, and the routes without a handler that Enforce judges by rules
// of t.
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
