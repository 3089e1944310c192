package scopes

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Policy says what each route asks of its caller. It is configuration: it is written in
// code or decoded from a file, and compiled once. What it leaves out is denied.
//
// JSON is decoded strictly, see [Policy.UnmarshalJSON]. Decoders of other formats set the
// fields by themselves, and read requirements by [Requirement.UnmarshalText]. Use their
// strict mode, which refuses unknown names and names that are there twice.
type Policy struct {
	// Routes maps each route to its requirement. A route is spelled as the router itself
	// spells it: "GET /orders/{id}", "/pkg.Service/Method". [Deny], "deny" as text, closes
	// a route on purpose.
	Routes map[string]Requirement `json:"routes"`

	// Default is for routes without a rule: the router serves them, and Routes does not
	// list them. Its zero value denies.
	Default Requirement `json:"default"`

	// Unrouted is for requests that no route serves: the path is unknown, or it does not
	// have the method. With Authenticated, a caller with a good token gets the router's
	// own 404 or 405. Its zero value denies. A rule for exactly such a request still wins,
	// where the router knows the path: "DELETE /orders/:id" on Echo, for a path that has
	// other methods only. A path that the router doesn't know is no route to spell.
	//
	// Unrouted never decides about a route that the router serves. So it can be laxer than
	// Default, and the routes that Routes forgets stay closed.
	Unrouted Requirement `json:"unrouted"`
}

// Compile checks the policy and makes a [Table] of it. Later changes to p.Routes do not
// reach the table. The error joins every fault, in the order of the routes. These are
// faults, because their rules would match nothing:
//
//   - an empty route, and one with white space around it or a control character in it
//   - a method of HTTP that is not in capitals: "get /orders"
//   - more than one space, or another one, between a method and its path or host
//
// Routes that are not spelled as those of HTTP, such as "/pkg.Service/Method" and
// "tools/call NAME", are taken as they are. [Table.Audit] finds other misspellings.
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

// MustCompile is [Policy.Compile] for a policy that is written in code. It panics on a
// fault.
func (p Policy) MustCompile() *Table {
	t, err := p.Compile()
	if err != nil {
		panic(err)
	}
	return t
}
