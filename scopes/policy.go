package scopes

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Policy says what each route asks of its caller. It is configuration: write it in code or
// decode it from a file, and compile it once. A route that it does not list is denied.
//
// JSON is decoded strictly, see [Policy.UnmarshalJSON]. Decoders of other formats set the
// fields themselves, and read requirements with [Requirement.UnmarshalText]. Use their
// strict mode, which refuses unknown names and duplicate names.
type Policy struct {
	// Routes maps each route to its requirement. A route is spelled as the router itself
	// spells it: "GET /orders/{id}", "/pkg.Service/Method". [Deny], or "deny" as text,
	// closes a route on purpose.
	Routes map[string]Requirement `json:"routes"`

	// Default is for routes that the router serves and that have no rule in Routes. Its
	// zero value denies.
	Default Requirement `json:"default"`

	// Unrouted is for requests that no route serves, because the router does not know the
	// path, or because the path does not have the method. Its zero value denies. With
	// Authenticated, a caller with a valid token gets the router's own 404 or 405.
	//
	// A rule in Routes for exactly such a request wins over Unrouted, if the router knows
	// the path. An example is "DELETE /orders/:id" on Echo, for a path that has other
	// methods only. A path that the router does not know cannot have a rule.
	//
	// Unrouted never decides about a route that the router serves. So it can be laxer than
	// Default, and a route without a rule stays closed.
	Unrouted Requirement `json:"unrouted"`
}

// Compile checks the policy and makes a [Table] from it. Later changes to p.Routes do not
// change the table. The error joins every fault, in the order of the routes. These are
// faults, because a rule for such a route would match nothing:
//
//   - an empty route, and a route with white space around it or a control character in it
//   - a method of HTTP that is not in capitals: "get /orders"
//   - anything but one ASCII space between a method and its path or host
//
// Routes that are not spelled like routes of HTTP, such as "/pkg.Service/Method" and
// "tools/call NAME", are not checked further. [Table.Audit] finds other misspellings.
func (p Policy) Compile() (*Table, error) {
	var faults []error
	for _, route := range slices.Sorted(maps.Keys(p.Routes)) {
		for _, fault := range routeFaults(route) {
			faults = append(faults, fmt.Errorf("scopes: Policy.Routes[%q]: %s", route, fault))
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return &Table{rules: maps.Clone(p.Routes), otherwise: p.Default, unrouted: p.Unrouted}, nil
}

// MustCompile is [Policy.Compile] for a policy that is written in code. It panics if the
// policy has a fault.
func (p Policy) MustCompile() *Table {
	t, err := p.Compile()
	if err != nil {
		panic(err)
	}
	return t
}
