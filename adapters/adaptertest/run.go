package adaptertest

import "testing"

// Run runs every case of [Cases] through a, each in a test of its own. lacks lists the
// features that a does not have. The cases that ask for one of them are skipped, and no
// others are: a case for which a itself returns [errors.ErrUnsupported] fails.
func Run(t *testing.T, a Adapter, lacks ...Feature) {
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if err := (Setup{Features: c.Features()}).Unsupported(lacks...); err != nil {
				t.Skip(err)
			}
			if err := c.Run(a); err != nil {
				t.Error(err)
			}
		})
	}
}
