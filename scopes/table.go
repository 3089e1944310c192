package scopes

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Table is a compiled [Policy]. It is immutable and safe for concurrent use. A nil or
// zero Table denies everything.
type Table struct {
	rules     map[string]Requirement
	otherwise Requirement
	unrouted  Requirement
}

// Lookup returns the rule for exactly this spelling of a route, or the policy's default if
// there is none. There are no wildcards: Lookup compares "/pkg.Service/*" like any other
// text.
func (t *Table) Lookup(route string) Requirement {
	if t == nil {
		return Requirement{}
	}
	if r, ok := t.rules[route]; ok {
		return r
	}
	return t.otherwise
}

// Unrouted returns the requirement of requests that no route serves; see [Policy].
func (t *Table) Unrouted() Requirement {
	if t == nil {
		return Requirement{}
	}
	return t.unrouted
}

// Has reports whether there is a rule for exactly this route.
func (t *Table) Has(route string) bool {
	if t == nil {
		return false
	}
	_, ok := t.rules[route]
	return ok
}

// Routes returns a new slice with the routes of all rules, sorted. Use it to audit a router
// that does not list its routes, but can say whether it has a given one.
func (t *Table) Routes() []string {
	if t == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(t.rules))
}

// Scopes returns a new slice with every name that a rule, the default or Unrouted asks
// for, sorted and distinct. A protected resource publishes them as scopes_supported
// (RFC 9728 §2). Values of acr are not among them.
func (t *Table) Scopes() []string {
	if t == nil {
		return nil
	}
	var names []string
	add := func(r Requirement) {
		if r.level == LevelScopes {
			names = append(names, r.formula.names()...)
		}
	}
	add(t.otherwise)
	add(t.unrouted)
	for _, r := range t.rules {
		add(r)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Audit compares the rules with the routes that a router has. Call it in a test or when
// the program starts. It returns nil if each route has a rule and each rule a route.
// Otherwise the error joins two kinds of faults, each in alphabetical order and without
// duplicates:
//
//   - A route without a rule. Default decides about it. Unrouted does not, because the
//     router serves it.
//   - A rule without a route. It protects nothing, and is most likely misspelt. If another
//     route has no rule, and differs from this one only in case, in a slash at the end or
//     in having a method, the fault names that route. Otherwise the fault says so if no
//     route has the method of the rule, or if each route has a method and the rule has none.
//
// Audit does not check the Default and Unrouted of the policy.
func (t *Table) Audit(routes []string) error {
	var faults []error
	routes = slices.Compact(slices.Sorted(slices.Values(routes)))
	for _, route := range routes {
		if !t.Has(route) {
			faults = append(faults, fmt.Errorf("scopes: route %q has no rule", route))
		}
	}
	if t != nil {
		for _, rule := range slices.Sorted(maps.Keys(t.rules)) {
			if _, found := slices.BinarySearch(routes, rule); !found {
				faults = append(faults, fmt.Errorf("scopes: rule %q has no route%s", rule, t.hint(rule, routes)))
			}
		}
	}
	return errors.Join(faults...)
}
