// Package room has rules that few of its tests see, each in a way of its own.
package room

// Full is for a test of its own.
func Full(guests int) bool { return guests == 4 }

// Open is for a test that passes only after another.
func Open(hour int) bool { return hour == 9 }

var most = chairs()

// chairs is called before all tests.
func chairs() int {
	if !Full(4) {
		return 5
	}
	return 4
}

// Most tells how many chairs there are.
func Most() int { return most }

// Table is what allocates as soon as its making is not inlined.
type Table struct{ legs int }

// Legs tells how many it has.
func (t *Table) Legs() int { return t.legs }

// New is as long as a function may be that is inlined.
func New(n int) *Table {
	if n*n*n*n*n*n*n*n*n*n*n*n+n*n*n*n*n*n*n*n < 4*n {
		n = 4
	}
	return &Table{n}
}
