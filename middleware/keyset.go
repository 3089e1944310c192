package middleware

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/jwks"
)

// This file tells what may be expected of the keys in a configuration.

// prompt tells whether keys, or all sets of a union, have types of package jwks. Such a set
// answers at once if it knows the key. A Set of the user's own may take time for every key.
func prompt(keys jwks.Set) bool {
	for _, set := range setsOf(keys) {
		if !ours(set) {
			return false
		}
	}
	return true
}

// ours tells whether keys has a type of package jwks.
func ours(keys jwks.Set) bool {
	t := reflect.TypeOf(keys)
	return t.Kind() == reflect.Pointer && t.Elem().PkgPath() == reflect.TypeFor[jwks.Key]().PkgPath()
}

// setsOf returns the sets of a jwks.Union, or the one set that keys is.
func setsOf(keys jwks.Set) []jwks.Set {
	if union, ok := keys.(interface{ Sets() []jwks.Set }); ok && ours(keys) {
		return union.Sets()
	}
	return []jwks.Set{keys}
}

// kinds tells what a set may have.
type kinds struct {
	union           bool // it joins several sets
	remote          bool // an issuer publishes some of its keys
	secrets, public bool
}

// kindsOf returns what keys may have. Nil stands for keys that are to be discovered. What a
// Set of the user's own has is not known before it is asked.
func kindsOf(keys jwks.Set) (has kinds) {
	if isNil(keys) {
		return kinds{remote: true, public: true}
	}
	sets := setsOf(keys)
	has.union = len(sets) > 1
	for _, set := range sets {
		_, remote := set.(*jwks.Cache)
		secrets := !remote && ours(set) && strings.HasPrefix(served(set)[0], "HS")
		has.remote = has.remote || remote
		has.secrets = has.secrets || secrets || !ours(set)
		has.public = has.public || !secrets
	}
	return has
}

// served returns the algorithms that set serves, one at least. It has fixed keys, of package
// jwks. It is asked for a token without a kid, because any key may fit it.
func served(set jwks.Set) (all []string) {
	for _, name := range algorithms() {
		if _, err := set.Keys(over, jwks.Query{Algorithm: name}); !errors.Is(err, jwks.ErrKeyNotFound) {
			all = append(all, name)
		}
	}
	return all
}

// fit adds a fault for each fixed set in keys that serves no algorithm that v accepts. Such a
// set is never empty.
func (v *JWT) fit(keys jwks.Set, faults *faults) {
	if v.algorithms == 0 {
		return // this is a fault already
	}
	accepted := v.accepted()
	sets := setsOf(keys)
	for i, set := range sets {
		if _, remote := set.(*jwks.Cache); remote || !ours(set) {
			continue
		}
		serves := served(set)
		switch {
		case slices.ContainsFunc(serves, func(name string) bool { return slices.Contains(accepted, name) }):
		case len(sets) == 1:
			faults.add("Algorithms", "Keys serve %s, but none of the accepted %s: "+
				"write those that the issuer signs with, such as []string{%q}", listed(serves), listed(accepted), serves[0])
		default:
			faults.add("Algorithms", "set %d of the union in Keys serves %s, but none of the accepted %s: "+
				"list its algorithm, too, or leave the set out", i+1, listed(serves), listed(accepted))
		}
	}
}
