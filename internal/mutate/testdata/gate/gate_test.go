package gate_test

import (
	"testing"

	"example.com/gate"
)

func TestAge(t *testing.T) {
	if gate.Enter(17, false) == nil {
		t.Error("17 entered")
	}
	if gate.Enter(18, false) != nil {
		t.Error("18 did not enter")
	}
}
