package hall_test

import (
	"testing"

	"example.com/room/hall"
)

func TestFull(t *testing.T) {
	if !hall.Full(100) || hall.Full(99) {
		t.Error("wrong")
	}
}
