package main

import (
	"bytes"
	"io"
	"testing"
)

func TestWhoSeesAMutant(t *testing.T) {
	const sum = "n*n*n*n*n*n*n*n*n*n*n*n+n*n*n*n*n*n*n*n"
	const (
		full   = "room.go:5: Full: return guests == 4 => "
		open   = "room.go:8: Open: return hour == 9 => "
		legs   = "room.go:31: New: if " + sum + " < 4*n => "
		border = "room.go:31: New: " + sum + " < 4*n => " + sum + " <= 4*n"
	)
	tests := []struct {
		name, pattern, run, out string
	}{
		{
			"no test that reaches it", "./hall", "Empty.*=> return true",
			"survived, no test reaches it: hall/hall.go:8: Empty: return guests == 0 => return true\n" +
				"1 mutants: 0 killed, 1 survived, 0 equivalent, 0 not viable\n",
		},
		{
			"a test that passes only after another", ".", "Open:",
			"survived: " + open + "return true\nkilled: " + open + "return false: by TestOpenOnceOpened\n" +
				"2 mutants: 1 killed, 1 survived, 0 equivalent, 0 not viable\n",
		},
		{
			"every test, if it is reached before they begin", ".", "chairs",
			"survived: room.go:14: chairs: if !Full(4) => if false\n" +
				"survived: room.go:14: chairs: if !Full(4) => if true\n" +
				"2 mutants: 0 killed, 2 survived, 0 equivalent, 0 not viable\n",
		},
		{
			"a test that fails if mutants are in the code", ".", "New: ",
			"killed: " + legs + "if false: by TestNewAllocatesNothing\n" +
				"killed: " + legs + "if true: by TestNewAllocatesNothing\n" +
				"survived: " + border + "\n" +
				"3 mutants: 2 killed, 1 survived, 0 equivalent, 0 not viable\n",
		},
		{
			"a test of its own", ".", "Full: return",
			"survived: " + full + "return true\nkilled: " + full + "return false: by TestFull\n" +
				"2 mutants: 1 killed, 1 survived, 0 equivalent, 0 not viable\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out, progress bytes.Buffer
			run(t.Context(), "testdata/room", []string{"-j", "1", "-v", "-run", tt.run, tt.pattern}, &out, &progress)
			if out.String() != tt.out {
				t.Errorf("output\n%s\nwant\n%s\n%s", &out, tt.out, &progress)
			}
		})
	}
}

// A mutant that one test reaches is recorded for that test alone. A mutant that is reached before all tests
// is recorded for each test.
func TestWhatATestReaches(t *testing.T) {
	h := &hunt{progress: io.Discard}
	t.Cleanup(h.lab.clean)
	if err := h.prepare(t.Context(), "testdata/room", "", "", "", []string{"."}); err != nil {
		t.Fatal(err)
	}
	if err := h.ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	reached := make(map[string][]string) // tests by function
	for _, test := range h.homes[0].tests {
		for _, m := range h.suspects {
			if names := reached[m.function]; test.reaches[m.number] && (len(names) == 0 || names[len(names)-1] != test.name) {
				reached[m.function] = append(names, test.name)
			}
		}
	}
	// TestOpenOnceOpened fails by itself, and TestNewAllocatesNothing in a schema.
	for function, want := range map[string]int{"Full": 2, "chairs": 2, "Open": 0, "New": 0} {
		if got := reached[function]; len(got) != want {
			t.Errorf("%s is reached by %q, want %d tests", function, got, want)
		}
	}
}
