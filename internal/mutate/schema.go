package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"slices"
)

// form tells how a mutant stands in a schema, beside the code that it changes. All that is outside of its
// stretch stays as it is, so that mutants nest.
type form int

const (
	alone    form = iota // in no schema, but in a build of its own
	never                // a condition that does not hold
	always               // a condition that holds
	swapped              // another condition
	replaced             // a block in the place of a return
	leftOut              // a statement that is not run
	struck               // a value of a switch with a tag that fits nothing
)

// dialect says how a schema asks whether a mutant is active. The answer is the number of that mutant if so.
type dialect func(number int) string

// To compare a variable costs the compiler's inliner next to nothing, so that what a function allocates stays
// as it is.
func variable(int) string { return "mutant__" }

// A call can note that the mutant was asked for.
func call(number int) string { return fmt.Sprintf("mutant__(%d)", number) }

// wrap puts text around a stretch of a file.
type wrap struct {
	stretch
	open, close string
	drop        bool     // the stretch itself is left away
	owner       *suspect // nil for what several mutants share
}

// wrap is what m puts into a schema. Comparisons are used throughout, because their result has no type,
// and so goes with each type of booleans.
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

// tagSwitch is a switch with a tag. In a schema it becomes one without, which compares the tag with each
// value itself.
type tagSwitch struct {
	whole, keyword, tag stretch
	init                bool
	values              []stretch
}

// tagSwitch describes s, or returns nil if to strike clause c from it can't be told by a condition.
func (f *finder) tagSwitch(s *ast.SwitchStmt, c *ast.CaseClause) *tagSwitch {
	if _, labelled := f.parent(2).(*ast.LabeledStmt); labelled && s.Init != nil {
		return nil // the label would name the block around it
	}
	t := &tagSwitch{whole: f.stretch(s), tag: f.stretch(s.Tag), init: s.Init != nil}
	t.keyword = stretch{t.whole.from, t.whole.from + len("switch")}
	for i, other := range s.Body.List {
		for _, e := range other.(*ast.CaseClause).List {
			t.values = append(t.values, f.stretch(e))
		}
		if other == ast.Stmt(c) && i > 0 && fallsThrough(s.Body.List[i-1].(*ast.CaseClause)) {
			return nil // the clause is run without a look at its values
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

// schema is a file with many mutants in it, each behind a question of its own.
type schema struct {
	text   []byte
	places []place // of the mutants in text, inner ones before those around them
}

type place struct {
	stretch
	*suspect
}

// newSchema writes source with those of the mutants in it whose number is not 0.
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
	// A value is struck around its comparison, while other mutants of it are inside.
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

// write appends a stretch of source with wraps, which are inside of it, outer ones first.
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
