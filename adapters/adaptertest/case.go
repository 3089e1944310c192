package adaptertest

import "slices"

// A Case is one thing that every adapter must get right. [Cases] lists them; [Run]
// holds an adapter against all of them.
type Case struct {
	// Name is a sentence that says what is sent, and what comes of it.
	Name string
	kind kind
}

// kind is what Cases differ in.
type kind interface {
	// run does the whole of it, and returns every fault of a.
	run(a Adapter) error
	// features lists what an adapter must have.
	features() []Feature
}

// Features lists what the case can't do without. The slice is the caller's own.
func (c Case) Features() []Feature { return slices.Clone(c.kind.features()) }

// Run serves what the case needs by a, sends its requests and returns every
// difference from what must come of them: the verdict, the status, the challenge, the
// reason that the observer is told, the claims that the handler sees, and that nothing
// of the token or the cause is sent back.
//
// The error wraps [errors.ErrUnsupported], and nothing was sent, if a can't do what
// the case asks for.
func (c Case) Run(a Adapter) error { return c.kind.run(a) }

// Cases returns the conformance table: what an adapter must get right because
// the core does. The slice is the caller's own.
func Cases() []Case {
	return slices.Concat(exchanges(), routed(), bound(), streams(), panics())
}
