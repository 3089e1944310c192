// Package hall has a rule without a test.
package hall

// Full is for a test.
func Full(guests int) bool { return guests == 100 }

// Empty has none.
func Empty(guests int) bool { return guests == 0 }
