package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// mutant removes one rule: it is a stretch of a file, and the text that replaces it.
type mutant struct {
	file     string // slashed, relative to the module's root
	line     int
	function string // Type.Method for a method, "package" outside of functions
	mutation string // what it does, as "before => after"

	start, end int // of the stretch, in bytes
	text       string

	form form       // how a schema contains it
	at   stretch    // the code that form wraps
	tag  *tagSwitch // the switch of a value that is removed
}

// stretch is a part of a file, in bytes.
type stretch struct{ from, to int }

// key is the beginning of a line in the list of equivalents. It has no line number, because lines of code
// move.
func (m mutant) key() string { return m.file + ": " + m.function + ": " + m.mutation }

func (m mutant) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", m.file, m.line, m.function, m.mutation)
}

// apply returns source without the rule.
func (m mutant) apply(source []byte) []byte {
	return slices.Concat(source[:m.start], []byte(m.text), source[m.end:])
}

// mutants returns the mutants of source, in the order of source.
func mutants(file string, source []byte) ([]mutant, error) {
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	f := &finder{file: file, source: source, positions: fset.File(parsed.Pos())}
	ast.PreorderStack(parsed, nil, func(n ast.Node, stack []ast.Node) bool {
		f.stack = stack
		f.visit(n)
		return true
	})
	slices.SortStableFunc(f.found, func(a, b mutant) int { return a.start - b.start })
	// Equal mutants in one function get a number, so that their keys differ.
	twins := make(map[string]int)
	for i := range f.found {
		m := &f.found[i]
		key := m.key()
		if twins[key]++; twins[key] > 1 {
			m.mutation = fmt.Sprintf("%s #%d", m.mutation, twins[key])
		}
	}
	return f.found, nil
}

// finder collects the mutants of one file. A mutation edits the text, so that the rest of the file stays as
// it is, with its line numbers.
type finder struct {
	file      string
	source    []byte
	positions *token.File
	stack     []ast.Node // the ancestors of the node that is visited, outermost first
	found     []mutant
}

func (f *finder) add(n ast.Node, form form, text, mutation string) {
	at := f.stretch(n)
	f.found = append(f.found, mutant{
		file: f.file, line: f.positions.Line(n.Pos()), function: f.function(), mutation: mutation,
		start: at.from, end: at.to, text: text, form: form, at: at,
	})
}

// swap replaces n with text. Both are Boolean expressions.
func (f *finder) swap(n ast.Node, text string) { f.add(n, swapped, text, f.excerpt(n)+" => "+text) }

func (f *finder) stretch(n ast.Node) stretch {
	return stretch{f.positions.Offset(n.Pos()), f.positions.Offset(n.End())}
}

func (f *finder) code(n ast.Node) string {
	at := f.stretch(n)
	return string(f.source[at.from:at.to])
}

// excerpt is the code of n on one line.
func (f *finder) excerpt(n ast.Node) string { return strings.Join(strings.Fields(f.code(n)), " ") }

// parent returns the i-th ancestor of the node that is visited. 0 is the parent.
func (f *finder) parent(i int) ast.Node {
	if i >= len(f.stack) {
		return nil
	}
	return f.stack[len(f.stack)-1-i]
}

// function returns the name of the declaration around the node that is visited.
func (f *finder) function() string {
	for _, n := range f.stack {
		if d, ok := n.(*ast.FuncDecl); ok {
			if d.Recv == nil {
				return d.Name.Name
			}
			receiver := strings.TrimPrefix(f.code(d.Recv.List[0].Type), "*")
			return receiver + "." + d.Name.Name
		}
	}
	return "package"
}

// signature returns the type of the innermost function around the node that is visited.
func (f *finder) signature() *ast.FuncType {
	for _, n := range slices.Backward(f.stack) {
		switch n := n.(type) {
		case *ast.FuncDecl:
			return n.Type
		case *ast.FuncLit:
			return n.Type
		}
	}
	return nil
}

// guarded reports whether the visited statement depends on a condition that has mutants of its own: the
// statement is in the body of an if, or in a case of a switch without a tag. If alone is set, no other
// statement may depend on the condition.
func (f *finder) guarded(alone bool) bool {
	switch p := f.parent(0).(type) {
	case *ast.BlockStmt:
		branch, ok := f.parent(1).(*ast.IfStmt)
		return ok && branch.Body == p && (!alone || len(p.List) == 1)
	case *ast.CaseClause:
		s, ok := f.parent(2).(*ast.SwitchStmt)
		return ok && s.Tag == nil && p.List != nil && (!alone || len(p.Body) == 1)
	}
	return false
}

func unparen(e ast.Expr) ast.Expr { return ast.Unparen(e) }

func isIdent(e ast.Expr, names ...string) bool {
	id, ok := e.(*ast.Ident)
	return ok && slices.Contains(names, id.Name)
}

// onNumbersAlone reports whether e is built from whole numbers only, and whether one is a unit of time.
func onNumbersAlone(e ast.Expr) (numbers, duration bool) {
	numbers = true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case nil, *ast.BinaryExpr, *ast.UnaryExpr, *ast.ParenExpr:
		case *ast.BasicLit:
			numbers = numbers && n.Kind == token.INT
		case *ast.SelectorExpr:
			duration = isIdent(n.X, "time")
			numbers = numbers && duration
			return false
		default:
			numbers = false
		}
		return numbers
	})
	return numbers, duration
}

// generated reports whether a tool wrote source. Such a file is not mutated.
func generated(source []byte) bool {
	head, _, _ := bytes.Cut(append([]byte("\n"), source...), []byte("\npackage "))
	return bytes.Contains(head, []byte("// Code generated ")) && bytes.Contains(head, []byte(" DO NOT EDIT."))
}
