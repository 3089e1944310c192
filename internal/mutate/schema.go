package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"slices"
)

// form says how a schema contains a mutant beside the code that it changes. The code outside of its stretch
// stays as it is, so that a mutant can be inside another one.
type form int

const (
	alone    form = iota // in no schema, but in a build of its own
	never                // a condition that is always false
	always               // a condition that is always true
	swapped              // another condition
	replaced             // a block that replaces a return
	leftOut              // a statement that is not run
	struck               // in a switch with a tag, a value that fits nothing
)

// dialect returns an expression for a schema. Its value is number if the mutant with that number is active.
type dialect func(number int) string

// variable compares a variable. This adds little to the cost that the compiler's inliner computes, so that a
// function still allocates the same.
func variable(int) string { return "mutant__" }

// call calls a function, which can record that a test has reached the mutant.
func call(number int) string { return fmt.Sprintf("mutant__(%d)", number) }

// wrap puts text around a stretch of a file.
type wrap struct {
	stretch
	open, close string
	drop        bool     // leave out the stretch itself
	owner       *suspect // nil if several mutants share the wrap
}

// wrap returns what m adds to a schema. It only uses comparisons, because their result is untyped and so fits
// each type of booleans.
func (m *suspect) wrap(d dialect) wrap {
	is := fmt.Sprintf("%s == %d", d(m.number), m.number)
	not := fmt.Sprintf("%s != %d", d(m.number), m.number)
	w := wrap{stretch: m.at, owner: m}
	switch m.form {
	case never, struck:
		w.open, w.close = "("+not+" && (", "))"
	case always:
		w.open, w.close = "("+is+" || (", "))"
	case swapped:
		w.open, w.close = "("+not+" && (", ") || "+is+" && ("+m.text+"))"
	case replaced:
		w.open, w.close = "if "+is+" "+m.text+" else { ", " }"
	case leftOut:
		w.open, w.close = "if "+not+" { ", " }"
	}
	return w
}

// tagSwitch is a switch with a tag. A schema replaces it with a switch without a tag, which compares the tag
// with each value.
type tagSwitch struct {
	whole, keyword, tag stretch
	init                bool
	values              []stretch
}

// tagSwitch describes s. It returns nil if a condition cannot express that s has no clause c.
func (f *finder) tagSwitch(s *ast.SwitchStmt, c *ast.CaseClause) *tagSwitch {
	if _, labelled := f.parent(2).(*ast.LabeledStmt); labelled && s.Init != nil {
		return nil // the label would belong to the block around the switch
	}
	t := &tagSwitch{whole: f.stretch(s), tag: f.stretch(s.Tag), init: s.Init != nil}
	t.keyword = stretch{t.whole.from, t.whole.from + len("switch")}
	for i, other := range s.Body.List {
		for _, e := range other.(*ast.CaseClause).List {
			t.values = append(t.values, f.stretch(e))
		}
		if other == ast.Stmt(c) && i > 0 && fallsThrough(s.Body.List[i-1].(*ast.CaseClause)) {
			return nil // the clause can run whatever its values are
		}
	}
	return t
}

func fallsThrough(c *ast.CaseClause) bool {
	if len(c.Body) == 0 {
		return false
	}
	b, ok := c.Body[len(c.Body)-1].(*ast.BranchStmt)
	return ok && b.Tok == token.FALLTHROUGH
}

func (t *tagSwitch) wraps() []wrap {
	head := wrap{stretch: t.tag, open: "tag__ := (", close: ");"}
	all := make([]wrap, 0, len(t.values)+3)
	if t.init {
		head.open = "switch " + head.open
		all = append(all, wrap{stretch: t.whole, open: "{ ", close: " }"}, wrap{stretch: t.keyword, drop: true})
	}
	all = append(all, head)
	for _, v := range t.values {
		all = append(all, wrap{stretch: v, open: "tag__ == (", close: ")"})
	}
	return all
}

// schema is a file with many mutants. Each has a condition that asks whether it is active.
type schema struct {
	text   []byte
	places []place // of the mutants in text; inner ones come before outer ones
}

type place struct {
	stretch
	*suspect
}

// newSchema returns source with the mutants whose number is not 0.
func newSchema(source []byte, found []*suspect, d dialect) *schema {
	var wraps, shared []wrap
	tags := make(map[stretch]bool)
	for _, m := range found {
		if m.number == 0 {
			continue
		}
		wraps = append(wraps, m.wrap(d))
		if m.form == struck && !tags[m.tag.whole] {
			tags[m.tag.whole] = true
			shared = append(shared, m.tag.wraps()...)
		}
	}
	// A removed value wraps the comparison of its value; other mutants of the value are inside that.
	rank := func(w wrap) int {
		switch {
		case w.owner == nil:
			return 1
		case w.owner.form == struck:
			return 0
		}
		return 2
	}
	wraps = append(wraps, shared...)
	slices.SortStableFunc(wraps, func(a, b wrap) int {
		return cmp.Or(a.from-b.from, b.to-a.to, rank(a)-rank(b))
	})
	s := new(schema)
	s.write(source, stretch{0, len(source)}, wraps)
	return s
}

// write appends a stretch of source with its wraps. Outer wraps come before inner ones.
func (s *schema) write(source []byte, part stretch, wraps []wrap) {
	for len(wraps) > 0 {
		w := wraps[0]
		inner := 1
		for inner < len(wraps) && wraps[inner].from < w.to {
			inner++
		}
		s.text = append(s.text, source[part.from:w.from]...)
		begin := len(s.text)
		s.text = append(s.text, w.open...)
		if !w.drop {
			s.write(source, w.stretch, wraps[1:inner])
		}
		s.text = append(s.text, w.close...)
		if w.owner != nil {
			s.places = append(s.places, place{stretch{begin, len(s.text)}, w.owner})
		}
		part.from, wraps = w.to, wraps[inner:]
	}
	s.text = append(s.text, source[part.from:part.to]...)
}

// near returns the innermost mutant around an offset in the text, or else those on the same line.
func (s *schema) near(offset int) (found []*suspect) {
	for _, p := range s.places {
		if p.from <= offset && offset < p.to {
			return []*suspect{p.suspect}
		}
	}
	line := func(offset int) int { return bytes.Count(s.text[:offset], []byte("\n")) }
	for _, p := range s.places {
		if line(p.from) <= line(offset) && line(offset) <= line(p.to) {
			found = append(found, p.suspect)
		}
	}
	return found
}
