//go:build !unix

package stopwatch

import "time"

var start = time.Now()

// CPU is the wall clock, because this system has no getrusage. On a busy machine its figures are
// worthless.
func CPU() time.Duration { return time.Since(start) }
