// Package docs_test checks the pages for people: README.md, CONTRIBUTING.md, SECURITY.md, docs/*.md and
// docs/providers/*.md. Their code blocks stand in compiled files, their links lead somewhere, and the names
// of the API in them exist.
//
// It also holds the code that the pages show, where no Example of a package has it.
//
// A block of Go has its source in the line before it, as a path from the root of the repository:
//
//	<!-- from middleware/example_test.go -->
//
// The lines of the block must stand one after the other in that file, apart from common indentation. A page
// that leaves out a part of the file uses several blocks. A block of another language may name a source, too.
// It may stand there in comments, as what an Example prints does.
package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root is the root of the repository, from the directory of this test.
const root = "../.."

// A page is one Markdown file.
type page struct {
	name   string // from root
	prose  string // the text, with an empty line for each line of a block
	blocks []block
}

// A block is fenced text.
type block struct {
	line           int // of the opening fence
	language, from string
	lines          []string
}

var (
	fence  = regexp.MustCompile("^( *)(```|~~~)(\\w*)[^`]*$")
	source = regexp.MustCompile(`^ *<!-- from (\S+) -->$`)
)

// read returns the page in the file name.
func read(t *testing.T, name string) page {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	p := page{name: name}
	var open *block
	var indent, end, before string
	for i, line := range strings.Split(string(text), "\n") {
		if open == nil {
			if m := fence.FindStringSubmatch(line); m != nil {
				open, indent, end, line = &block{line: i + 1, language: m[3]}, m[1], m[2], ""
				if m := source.FindStringSubmatch(before); m != nil {
					open.from = m[1]
				}
			}
			p.prose += line + "\n"
			before = line
			continue
		}
		p.prose += "\n"
		if line = strings.TrimPrefix(line, indent); line != end {
			open.lines = append(open.lines, line)
			continue
		}
		p.blocks, open = append(p.blocks, *open), nil
	}
	if open != nil {
		t.Fatalf("%s:%d: the block has no end", name, open.line)
	}
	return p
}

// pages returns all pages.
func pages(t *testing.T) []page {
	t.Helper()
	all := []page{read(t, "README.md"), read(t, "CONTRIBUTING.md"), read(t, "SECURITY.md")}
	for _, dir := range []string{"docs", "docs/providers"} {
		files, err := filepath.Glob(filepath.Join(root, dir, "*.md"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			all = append(all, read(t, dir+"/"+filepath.Base(file)))
		}
	}
	return all
}

// lineOf returns the number of the line of p.prose that has the octet at offset.
func (p page) lineOf(offset int) int { return 1 + strings.Count(p.prose[:offset], "\n") }
