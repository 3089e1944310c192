package stopwatch

import (
	"testing"
	"time"
)

// UseClock replaces the processor time by clock until the test ends.
func UseClock(t *testing.T, clock func() time.Duration) {
	cpu = clock
	t.Cleanup(func() { cpu = CPU })
}
