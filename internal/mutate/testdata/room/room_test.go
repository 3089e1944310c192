package room_test

import (
	"testing"

	"example.com/room"
)

var opened bool

func TestOpens(*testing.T) { opened = true }

func TestOpenOnceOpened(t *testing.T) {
	if !opened {
		t.Fatal("not opened")
	}
	if !room.Open(9) {
		t.Error("closed")
	}
}

func TestFull(t *testing.T) {
	if !room.Full(4) {
		t.Error("not full")
	}
}

func TestNewAllocatesNothing(t *testing.T) {
	legs := 0
	if n := testing.AllocsPerRun(10, func() { legs = room.New(1).Legs() }); n > 0 {
		t.Errorf("%v allocations", n)
	}
	if legs != 4 {
		t.Errorf("%d legs", legs)
	}
	if legs := room.New(2).Legs(); legs != 2 {
		t.Errorf("%d legs", legs)
	}
}
