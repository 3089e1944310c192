package gate_test

import (
	"testing"

	"example.com/gate"
)

func TestAge(t *testing.T) {
	for name, row := range map[string]struct {
		age    int
		enters bool
	}{
		"who is 17 stays outside": {17, false},
		"who is 18 enters":        {18, true},
	} {
		t.Run(name, func(t *testing.T) {
			if enters := gate.Enter(row.age, false) == nil; enters != row.enters {
				t.Errorf("enters: %v", enters)
			}
		})
	}
}
