package scopes

// Rules tell what a request needs, by its route. Adapters take Rules, so that a test or
// a policy with another source can stand in for a [Table]. An implementation must be safe
// for concurrent use, must not change what it answers while servers use it, and must
// answer with the zero [Requirement], which denies, for what it does not know.
//
// A nil *Table is valid and denies everything.
type Rules interface {
	// Lookup returns the requirement of a route that the router serves. The route is
	// spelled as the router spells it. A route without a rule gets a default.
	Lookup(route string) Requirement

	// Has tells whether there is a rule for exactly this route.
	Has(route string) bool

	// Unrouted returns the requirement of a request that no route serves, and that has
	// no rule: an unknown path, or a wrong method.
	Unrouted() Requirement
}

var _ Rules = (*Table)(nil)
