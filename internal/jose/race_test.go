//go:build race

package jose_test

// raceEnabled skips tests that count allocations, because the race detector allocates.
const raceEnabled = true
