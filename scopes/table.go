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

// Lookup returns the requirement of a route: the rule for exactly this spelling, or the
// policy's default if there is none. There are no wildcards: "/pkg.Service/*" is a
// spelling like any other.
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

// Has tells whether there is a rule for exactly this route.
func (t *Table) Has(route string) bool {
	if t == nil {
		return false
	}
	_, ok := t.rules[route]
	return ok
}

// Routes returns a new slice with the routes of all rules, sorted. The audit of a router
// needs it if the router can be asked about a route, but does not list its routes.
func (t *Table) Routes() []string {
	if t == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(t.rules))
}

// Scopes returns a new slice with every name that a rule, the default or Unrouted asks
// for, sorted and distinct. A protected resource publishes them as scopes_supported
// (RFC 9728 §2).
func (t *Table) Scopes() []string {
	if t == nil {
		return nil
	}
	var names []string
	add := func(r Requirement) {
		if r.level == LevelScopes {
			names = append(names, r.formula.names...)
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

// Audit compares the rules with the routes that a router really has, for a test or at
// start. It returns nil when they are the same. Otherwise the error joins two kinds of
// faults, each in alphabetical order and none twice:
//
//   - A route without a rule. Default decides about it. Unrouted does not, because the
//     router serves it.
//   - A rule without a route. It protects nothing and is most likely misspelt. The fault
//     names a route without a rule that differs from it in case, in a slash at the end or
//     in having a method. It says if no route has the rule's method, or if only the rule
//     has no method.
//
// Audit does not judge Default and Unrouted themselves.
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
