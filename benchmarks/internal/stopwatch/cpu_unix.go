//go:build unix

package stopwatch

import (
	"syscall"
	"time"
)

// cpu is the processor time that this process has used so far, the garbage
// collector's included. Unlike the wall clock, it does not run while other
// processes have the processor.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // can't be: the arguments are constant and good
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
