// Package gate lets some through. Its tests know one rule of two.
package gate

import "errors"

var (
	errYoung  = errors.New("too young")
	errBanned = errors.New("banned")
)

// Enter tells why somebody may not enter, if so.
func Enter(age int, banned bool) error {
	if age < 18 {
		return errYoung
	}
	if banned {
		return errBanned
	}
	return nil
}
