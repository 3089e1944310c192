// Package door asks the gate.
package door

import "example.com/gate"

// Opens tells whether the door opens.
func Opens(age int, banned bool) bool { return gate.Enter(age, banned) == nil }
