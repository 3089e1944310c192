package adaptertest

import "slices"

// A testCase is one thing that every adapter must do right.
type testCase struct {
	name string // a sentence that says what is sent, and what the result must be
	kind
}

// kind is the part in which test cases differ.
type kind interface {
	// run serves what the case needs by a, sends its requests, and returns all faults of a.
	run(a Adapter) error
	// features lists what a must have for the case.
	features() []Feature
}

// cases returns the conformance table.
func cases() []testCase {
	return slices.Concat(
		exchanges(), expired(), stepUps(), described(), routed(), bound(), streams(), panics(),
	)
}
