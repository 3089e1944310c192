package main

import (
	"go/ast"
	"go/token"
	"strings"
)

// visit adds the mutants of n itself.
func (f *finder) visit(n ast.Node) {
	switch n := n.(type) {
	case *ast.IfStmt:
		f.condition(n.Cond, "if ", n.Init)
	case *ast.CaseClause:
		f.cases(n)
	case *ast.BinaryExpr:
		f.operands(n)
		f.bound(n)
	case *ast.CallExpr:
		f.moment(n)
	case *ast.UnaryExpr:
		f.negation(n)
	case *ast.ReturnStmt:
		f.verdict(n)
	case *ast.GenDecl:
		f.constants(n)
	case *ast.ExprStmt:
		f.call(n)
	case *ast.AssignStmt:
		f.assignment(n)
	}
}

// condition makes e always false, and always true. e is still compiled, so that its variables count as used.
func (f *finder) condition(e ast.Expr, keyword string, init ast.Stmt) {
	before := keyword
	if init != nil {
		before += f.excerpt(init) + "; "
	}
	// An || gets no mutant that is always false, because its mutants without one operand are harder to
	// detect.
	if b, ok := unparen(e).(*ast.BinaryExpr); !ok || b.Op != token.LOR {
		f.add(e, never, "false && ("+f.code(e)+")", before+f.excerpt(e)+" => "+keyword+"false")
	}
	f.add(e, always, "true || ("+f.code(e)+")", before+f.excerpt(e)+" => "+keyword+"true")
}

func (f *finder) cases(n *ast.CaseClause) {
	s, ok := f.parent(1).(*ast.SwitchStmt)
	if !ok {
		return // a switch over types
	}
	for i, e := range n.List {
		switch {
		case s.Tag == nil:
			f.condition(e, "case ", nil)
		case len(n.List) == 1:
			f.strike(n, "", s, n, e)
		default:
			rest := make([]string, 0, len(n.List))
			for j, other := range n.List {
				if j != i {
					rest = append(rest, f.code(other))
				}
			}
			head := &span{n.List[0].Pos(), n.List[len(n.List)-1].End()}
			f.strike(head, strings.Join(rest, ", "), s, n, e)
		}
	}
}

// strike replaces n with text, so that clause c of s does not have the value e.
func (f *finder) strike(n ast.Node, text string, s *ast.SwitchStmt, c *ast.CaseClause, e ast.Expr) {
	f.add(n, struck, text, "case "+f.excerpt(e)+" => (left out)")
	m := &f.found[len(f.found)-1]
	m.at = f.stretch(e)
	if m.tag = f.tagSwitch(s, c); m.tag == nil {
		m.form = alone
	}
}

// span is a stretch of the file that is not a node.
type span struct{ from, to token.Pos }

func (s *span) Pos() token.Pos { return s.from }
func (s *span) End() token.Pos { return s.to }

// operands leaves out each operand of && and ||: the operand becomes true or false, so that the other one
// decides. An operand with the same operator is skipped, because it has a visit of its own.
func (f *finder) operands(n *ast.BinaryExpr) {
	var value, operator string
	var form form
	switch n.Op {
	case token.LAND:
		value, operator, form = "true", " || ", always
	case token.LOR:
		value, operator, form = "false", " && ", never
	default:
		return
	}
	for _, e := range []ast.Expr{n.X, n.Y} {
		if b, ok := unparen(e).(*ast.BinaryExpr); ok && b.Op == n.Op {
			continue
		}
		f.add(e, form, "("+value+operator+"("+f.code(e)+"))", f.excerpt(e)+" => "+value)
	}
}

var bordering = map[token.Token]token.Token{
	token.LSS: token.LEQ, token.LEQ: token.LSS,
	token.GTR: token.GEQ, token.GEQ: token.GTR,
}

// bound moves the bound by one. It skips a comparison of a length with zero, because no length is negative.
func (f *finder) bound(n *ast.BinaryExpr) {
	if other, ok := bordering[n.Op]; ok && !(strings.HasPrefix(f.code(n.X), "len(") && f.code(n.Y) == "0") {
		f.swap(n, f.code(n.X)+" "+other.String()+" "+f.code(n.Y))
	}
}

// moment does the same for two times: x.Before(y) becomes x <= y.
func (f *finder) moment(n *ast.CallExpr) {
	opposite := map[string]string{"Before": "After", "After": "Before"}
	m, ok := n.Fun.(*ast.SelectorExpr)
	if !ok || len(n.Args) != 1 || opposite[m.Sel.Name] == "" || isIdent(m.X, "time") {
		return
	}
	f.swap(n, "(!"+f.code(m.X)+"."+opposite[m.Sel.Name]+"("+f.code(n.Args[0])+"))")
}

// negation leaves out a !. It skips a ! that is a whole condition, operand or result, because these have
// mutants of their own, and a test that kills this mutant kills those too.
func (f *finder) negation(n *ast.UnaryExpr) {
	if n.Op != token.NOT {
		return
	}
	switch p := f.parent(0).(type) {
	case *ast.IfStmt, *ast.CaseClause, *ast.ReturnStmt:
		return
	case *ast.BinaryExpr:
		if p.Op == token.LAND || p.Op == token.LOR {
			return
		}
	}
	f.swap(n, f.code(n.X))
}

func (f *finder) constants(n *ast.GenDecl) {
	if n.Tok != token.CONST {
		return
	}
	for _, s := range n.Specs {
		s := s.(*ast.ValueSpec)
		for i, e := range s.Values {
			name := s.Names[i].Name + " = "
			switch numbers, duration := onNumbersAlone(e); {
			case duration:
				f.add(e, alone, "("+f.code(e)+")*2", name+f.excerpt(e)+" => twice")
				f.add(e, alone, "("+f.code(e)+")/2", name+f.excerpt(e)+" => half")
			case numbers:
				f.add(e, alone, "("+f.code(e)+")+1", name+f.excerpt(e)+" => +1")
				f.add(e, alone, "("+f.code(e)+")-1", name+f.excerpt(e)+" => -1")
			}
		}
	}
}

// call leaves out a call. It keeps locks: without the race detector no test would fail, and if a lock stays
// locked, no test would end. It also keeps calls that reserve memory, because they only change the speed.
func (f *finder) call(n *ast.ExprStmt) {
	c, ok := n.X.(*ast.CallExpr)
	if !ok || isIdent(c.Fun, "panic") {
		return
	}
	if m, ok := c.Fun.(*ast.SelectorExpr); ok {
		if name := m.Sel.Name; strings.HasSuffix(strings.ToLower(name), "lock") || name == "Grow" {
			return
		}
	}
	f.leaveOut(n)
}

func (f *finder) assignment(n *ast.AssignStmt) {
	if n.Tok == token.DEFINE {
		return
	}
	for _, e := range n.Lhs {
		if _, local := e.(*ast.Ident); local {
			return
		}
	}
	f.leaveOut(n)
}

// leaveOut leaves out a statement of a block, unless it is the only statement of a condition.
func (f *finder) leaveOut(n ast.Stmt) {
	switch f.parent(0).(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
	default: // a part of another statement, where a block is not allowed
		return
	}
	if f.guarded(true) {
		return
	}
	f.add(n, leftOut, "if false { "+f.code(n)+" }", f.excerpt(n)+" => (left out)")
}
