package adaptertest

import (
	"slices"
	"testing"
)

// Run tests a with every case of the conformance table, each in a subtest. lacks lists the
// features that a does not have. Run skips the cases that need one of them, and no others.
func Run(t *testing.T, a Adapter, lacks ...Feature) {
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, f := range c.features() {
				if slices.Contains(lacks, f) {
					t.Skipf("the adapter does not have this feature: %s", f)
				}
			}
			if err := c.run(a); err != nil {
				t.Error(err)
			}
		})
	}
}
