//go:build race

package jose_test

// The race detector adds allocations of its own.
const raceEnabled = true
