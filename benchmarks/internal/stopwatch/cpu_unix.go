//go:build unix

package stopwatch

import (
	"syscall"
	"time"
)

// CPU is the processor time that this process has used so far, including the garbage collector.
// Unlike the wall clock, it does not advance while other processes have the processor.
func CPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // the arguments are constant and valid
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
