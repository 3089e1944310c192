//go:build !unix

package stopwatch

import "time"

var start = time.Now()

// cpu is the wall clock where the system has no getrusage: figures from a busy
// machine are then worthless.
func cpu() time.Duration { return time.Since(start) }
