package scopes

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
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

// Compile checks the policy and turns it into a [Table], which later changes to
// p.Routes do not reach. The error joins every fault, in the order of the routes:
// an empty route, one with white space around it, one with control characters. Such a
// route would match nothing, so that its rule would be lost without a word.
func (p Policy) Compile() (*Table, error) {
	var faults []error
	for _, route := range slices.Sorted(maps.Keys(p.Routes)) {
		fault := func(what string) {
			faults = append(faults, fmt.Errorf("scopes: Policy.Routes[%q]: %s", route, what))
		}
		if route == "" {
			fault("an empty route")
		}
		if strings.TrimSpace(route) != route {
			fault("white space around a route")
		}
		if strings.ContainsFunc(route, unicode.IsControl) {
			fault("a control character in a route")
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
