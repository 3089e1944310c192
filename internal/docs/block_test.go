package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestEachBlockOfGoStandsInACompiledFile(t *testing.T) {
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			program := p.name == "README.md" && len(b.lines) > 0 && strings.HasPrefix(b.lines[0], "package ")
			switch {
			case b.from != "":
				file, err := os.ReadFile(filepath.Join(root, b.from))
				if err != nil {
					t.Errorf("%s:%d: %v", p.name, b.line, err)
				} else if !b.standsIn(strings.Split(string(file), "\n")) {
					t.Errorf("%s:%d: the block does not stand in %s", p.name, b.line, b.from)
				}
				if b.language == "go" && (filepath.Ext(b.from) != ".go" || strings.Contains(b.from, "testdata")) {
					t.Errorf("%s:%d: %s is not compiled", p.name, b.line, b.from)
				}
			case b.language == "go" && !program:
				t.Errorf("%s:%d: the line before the block is not <!-- from path/of/file.go -->", p.name, b.line)
			}
		}
	}
}

var (
	indentation = regexp.MustCompile(`^\s*$`)
	comment     = regexp.MustCompile(`^\s*(// )?$`)
)

// standsIn reports whether the lines of b are lines of file, one after the other, each after the same
// indentation. Outside of Go, that may have the marker of a comment.
func (b block) standsIn(file []string) bool {
	margin := comment
	if b.language == "go" {
		margin = indentation
	}
	for ; len(b.lines) > 0 && len(file) >= len(b.lines); file = file[1:] {
		before, ok := strings.CutSuffix(file[0], b.lines[0])
		for i, line := range b.lines {
			ok = ok && strings.TrimRight(file[i], " \t") == strings.TrimRight(before+line, " \t")
		}
		if ok && margin.MatchString(before) {
			return true
		}
	}
	return false
}
