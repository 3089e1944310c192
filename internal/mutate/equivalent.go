package main

import (
	"fmt"
	"os"
	"strings"
)

// equivalents is the list of mutants that behave like the original.
type equivalents struct {
	file    string
	entries []*entry
}

type entry struct {
	line int
	text string
	used bool
}

// readEquivalents reads the list in file. If file is "", the list is empty. Empty lines and lines that begin
// with # are ignored.
func readEquivalents(file string) (*equivalents, error) {
	list := &equivalents{file: file}
	if file == "" {
		return list, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for i, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if parts := strings.Split(line, ": "); len(parts) < 4 || parts[len(parts)-1] == "" {
			return nil, fmt.Errorf("%s:%d: want file: function: mutation: reason", file, i+1)
		}
		list.entries = append(list.entries, &entry{line: i + 1, text: line})
	}
	return list, nil
}

// has reports whether m is on the list, and marks its line as used.
func (l *equivalents) has(m mutant) bool {
	found := false
	for _, e := range l.entries {
		if strings.HasPrefix(e.text, m.key()+": ") {
			e.used, found = true, true
		}
	}
	return found
}

// stale lists the entries that fit no mutant. looked reports whether the mutants of a file are known, or the
// file does not exist. If looked returns false, the entry is left out.
func (l *equivalents) stale(looked func(file string) bool) (faults []string) {
	for _, e := range l.entries {
		if file, _, _ := strings.Cut(e.text, ": "); !e.used && looked(file) {
			faults = append(faults, fmt.Sprintf("%s:%d: fits no mutant: %s", l.file, e.line, e.text))
		}
	}
	return faults
}
