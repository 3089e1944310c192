package scopes

// Rules return the requirement of a request, by its route. Adapters take Rules and not a
// [Table], so that a test, or a policy from another source, can be used instead.
//
// An implementation must be safe for concurrent use. It must not change its answers while
// servers use it. For a route that it does not know it must return [Deny].
//
// A nil *Table is valid and denies everything.
type Rules interface {
	// Lookup returns the requirement of a route that the router serves. The route is
	// spelled as the router spells it. For a route without a rule, Lookup returns the
	// default.
	Lookup(route string) Requirement

	// Has reports whether there is a rule for exactly this route.
	Has(route string) bool

	// Unrouted returns the requirement of a request that no route serves and that has no
	// rule, because its path is unknown or its method is wrong.
	Unrouted() Requirement
}

var _ Rules = (*Table)(nil)
