package middleware

import (
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/internal/jose"
	"github.com/bearerguard/bearerguard/internal/say"
)

// allow sets the algorithms that v accepts. It tells which kinds are among them.
func (v *JWT) allow(names []string, faults *faults) (symmetric, asymmetric bool) {
	if names == nil {
		names = defaultAlgorithms
	}
	if len(names) == 0 {
		faults.add("Algorithms", "empty: no token could be accepted")
	}
	for _, name := range names {
		alg, known := jose.ParseAlgorithm(name)
		switch {
		case !known:
			faults.add("Algorithms", "%s is not supported%s: write some of %s",
				say.Quote(name), perhaps(name), listed(algorithms()))
			continue
		case alg.Symmetric():
			symmetric = true
		default:
			asymmetric = true
		}
		v.algorithms |= 1 << alg
	}
	return symmetric, asymmetric
}

// algorithms returns all algorithms.
func algorithms() (all []string) {
	for a := jose.RS256; a <= jose.HS512; a++ {
		all = append(all, a.String())
	}
	return all
}

// accepted returns the algorithms that v accepts.
func (v *JWT) accepted() (names []string) {
	for a := jose.RS256; a <= jose.HS512; a++ {
		if v.algorithms&(1<<a) != 0 {
			names = append(names, a.String())
		}
	}
	return names
}

// perhaps names the algorithm that name is, apart from its case and the order of its characters.
func perhaps(name string) string {
	letters := func(name string) string { return string(slices.Sorted(slices.Values([]byte(strings.ToUpper(name))))) }
	for _, a := range algorithms() {
		if letters(a) == letters(name) {
			return "; perhaps " + a + " is meant"
		}
	}
	return ""
}

func listed(names []string) string { return strings.Join(names, ", ") }
