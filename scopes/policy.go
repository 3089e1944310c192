package scopes

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Policy says what each route asks of its caller. It is configuration: written in
// code or decoded from a file, then compiled once. Whatever it leaves out is denied.
type Policy struct {
	// Routes maps a route, as the router itself spells it, to its requirement:
	// "GET /orders/{id}", "/pkg.Service/Method". Deny closes a route on purpose.
	Routes map[string]Requirement `json:"routes"`

	// Default is for routes without a rule: the router serves them, and the policy does
	// not list them. Its zero value denies.
	Default Requirement `json:"default"`

	// Unrouted is for requests that no route serves: an unknown path, or a method that
	// the path does not have. No handler of a route runs for them, so Unrouted can be
	// laxer than Default without opening a route that was forgotten here. With
	// Authenticated, a caller with a good token gets the router's own 404 or 405. Its
	// zero value denies. A rule for exactly the method and path still wins.
	Unrouted Requirement `json:"unrouted"`
}

// Compile checks the policy and makes a [Table] of it. Later changes to p.Routes do not
// reach the table. The error joins every fault, in the order of the routes. A fault is a
// route that no router has, because its rule would then protect nothing:
//
//   - an empty route, one with white space around it, one with a control character
//   - a method of HTTP that is not in capitals: "get /orders"
//   - a method and a path, or a host and a path, that are not parted by exactly one space
//
// Other spellings, such as "/pkg.Service/Method" or "tools/call NAME", are as good as
// those of HTTP. A method or path that is misspelt otherwise is found by [Table.Audit].
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

// MustCompile is [Policy.Compile] for a policy that is written in code: it panics
// on a fault.
func (p Policy) MustCompile() *Table {
	t, err := p.Compile()
	if err != nil {
		panic(err)
	}
	return t
}
