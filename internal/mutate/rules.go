package main

import (
	"fmt"
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

// condition makes e never hold, and always. What is left out is still compiled, so that its variables count as used.
func (f *finder) condition(e ast.Expr, keyword string, init ast.Stmt) {
	before := keyword
	if init != nil {
		before += f.excerpt(init) + "; "
	}
	// Where an || is left without one operand, the rule is half out, which is harder to see than all of it.
	if b, ok := unparen(e).(*ast.BinaryExpr); !ok || b.Op != token.LOR {
		f.add(e, never, "false && ("+f.code(e)+")", before+f.excerpt(e)+" => "+keyword+"false")
	}
	f.add(e, always, "true || ("+f.code(e)+")", before+f.excerpt(e)+" => "+keyword+"true")
}

func (f *finder) cases(n *ast.CaseClause) {
	s, ok := f.parent(1).(*ast.SwitchStmt)
	if !ok {
		return // of a switch over types
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

// strike puts text in the place of n, so that value e of clause c of s is gone.
func (f *finder) strike(n ast.Node, text string, s *ast.SwitchStmt, c *ast.CaseClause, e ast.Expr) {
	f.add(n, struck, text, "case "+f.excerpt(e)+" => (left out)")
	m := &f.found[len(f.found)-1]
	m.at = f.stretch(e)
	if m.tag = f.tagSwitch(s, c); m.tag == nil {
		m.form = alone
	}
}

// span is a stretch of the file that is no node.
type span struct{ from, to token.Pos }

func (s *span) Pos() token.Pos { return s.from }
func (s *span) End() token.Pos { return s.to }

// operands leaves the operands of && and || out: each becomes what does not matter to the other. Those that are a chain
// of the same operator are left to their own visit.
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

// bound moves the border by one. That of a length above zero is left alone: a length is never below.
func (f *finder) bound(n *ast.BinaryExpr) {
	if other, ok := bordering[n.Op]; ok && !(strings.HasPrefix(f.code(n.X), "len(") && f.code(n.Y) == "0") {
		f.swap(n, f.code(n.X)+" "+other.String()+" "+f.code(n.Y))
	}
}

// moment is bound for two times: x.Before(y) becomes x <= y.
func (f *finder) moment(n *ast.CallExpr) {
	opposite := map[string]string{"Before": "After", "After": "Before"}
	m, ok := n.Fun.(*ast.SelectorExpr)
	if !ok || len(n.Args) != 1 || opposite[m.Sel.Name] == "" || isIdent(m.X, "time") {
		return
	}
	f.swap(n, "(!"+f.code(m.X)+"."+opposite[m.Sel.Name]+"("+f.code(n.Args[0])+"))")
}

// negation leaves out a ! that is not all of a condition, an operand or a result: those have mutants of their own, which
// whatever kills this one kills as well.
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

// verdict turns the last result of a return around if that is an error or a bool. A refusal that hangs on a condition is left
// to the mutant of that, which is harder to see.
func (f *finder) verdict(n *ast.ReturnStmt) {
	results := f.signature().Results
	if results == nil || len(n.Results) == 0 || f.guarded(false) && f.refuses(n) {
		return
	}
	last := n.Results[len(n.Results)-1]
	switch typ := results.List[len(results.List)-1].Type; {
	case isIdent(typ, "bool") && len(n.Results) == results.NumFields():
		f.verdictBool(last)
	case isError(typ) && !isIdent(last, "nil"):
		f.verdictError(n, last, results.NumFields())
	}
}

// refuses tells whether n can't but refuse, as far as can be seen: not if it passes on what a call says.
func (f *finder) refuses(n *ast.ReturnStmt) bool {
	call, ok := n.Results[len(n.Results)-1].(*ast.CallExpr)
	if !ok {
		return true
	}
	if name := f.code(call.Fun); strings.HasPrefix(name, "fmt.") || strings.HasPrefix(name, "errors.") {
		return true
	}
	for _, e := range n.Results[:len(n.Results)-1] {
		if _, zero := e.(*ast.CompositeLit); zero || isIdent(e, "nil") {
			return true
		}
	}
	return false
}

func (f *finder) verdictBool(last ast.Expr) {
	switch b, binary := unparen(last).(*ast.BinaryExpr); {
	case isIdent(last, "true"):
		f.swap(last, "false")
	case isIdent(last, "false"):
		f.swap(last, "true")
	case binary && (b.Op == token.LAND || b.Op == token.LOR): // its operands are mutants
	default:
		f.add(last, always, "true || ("+f.code(last)+")", "return "+f.excerpt(last)+" => return true")
		f.add(last, never, "false && ("+f.code(last)+")", "return "+f.excerpt(last)+" => return false")
	}
}

func (f *finder) verdictError(n *ast.ReturnStmt, last ast.Expr, results int) {
	mutation := f.excerpt(n) + " => return nil as the error"
	switch {
	case len(n.Results) == results:
		kept := make([]string, 0, results)
		for _, e := range n.Results[:results-1] {
			kept = append(kept, f.code(e))
		}
		// The expression is still evaluated, for what else it does.
		f.add(n, replaced, fmt.Sprintf("{ _ = %s; return %s }", f.code(last), strings.Join(append(kept, "nil"), ", ")), mutation)
	case len(n.Results) == 1: // one call for all results
		kept := make([]string, 0, results)
		for i := range results - 1 {
			kept = append(kept, fmt.Sprintf("kept%d", i))
		}
		f.add(n, replaced, fmt.Sprintf("{ %s, _ := %s; return %[1]s, nil }", strings.Join(kept, ", "), f.code(last)), mutation)
	}
}

// isError tells whether a result of type e is an error, by its name.
func isError(e ast.Expr) bool {
	if p, ok := e.(*ast.StarExpr); ok {
		id, ok := p.X.(*ast.Ident)
		return ok && strings.HasSuffix(id.Name, "Error")
	}
	return isIdent(e, "error")
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

// call leaves a call out. Locks are kept: without the race detector nobody would miss them, and with one that stays locked
// nothing would end. So is what makes room ahead of time, which is about speed alone.
func (f *finder) call(n *ast.ExprStmt) {
	c, ok := n.X.(*ast.CallExpr)
	if !ok || isIdent(c.Fun, "panic") {
		return
	}
	if m, ok := c.Fun.(*ast.SelectorExpr); ok && (strings.HasSuffix(strings.ToLower(m.Sel.Name), "lock") || m.Sel.Name == "Grow") {
		return
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

// leaveOut leaves out a statement of a block, unless it is all that hangs on a condition.
func (f *finder) leaveOut(n ast.Stmt) {
	switch f.parent(0).(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
	default: // a part of another statement, where no block may stand
		return
	}
	if f.guarded(true) {
		return
	}
	f.add(n, leftOut, "if false { "+f.code(n)+" }", f.excerpt(n)+" => (left out)")
}
