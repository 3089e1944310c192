package adaptertest

// Case is a row of the conformance table.
type Case = testCase

// Cases returns the conformance table.
func Cases() []Case { return cases() }

// Name returns the sentence that names c.
func (c testCase) Name() string { return c.name }

// Features lists what an adapter must have for c.
func (c testCase) Features() []Feature { return c.features() }

// Run returns all faults of a that c finds.
func (c testCase) Run(a Adapter) error { return c.run(a) }
