package door_test

import (
	"testing"

	"example.com/gate/door"
)

func TestBan(t *testing.T) {
	if door.Opens(20, true) {
		t.Error("the door opened to somebody banned")
	}
}
