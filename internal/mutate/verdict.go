package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// verdict inverts the last result of a return if that is an error or a bool. It skips a refusal in the body
// of a condition, because the mutants of the condition are harder to detect.
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

// refuses reports whether n always refuses, as far as the code shows. It is false if n returns the result of
// a call.
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
		// The expression is still evaluated, because it may have other effects.
		text := fmt.Sprintf("{ _ = %s; return %s }", f.code(last), strings.Join(append(kept, "nil"), ", "))
		f.add(n, replaced, text, mutation)
	case len(n.Results) == 1: // one call for all results
		kept := make([]string, 0, results)
		for i := range results - 1 {
			kept = append(kept, fmt.Sprintf("kept%d", i))
		}
		text := fmt.Sprintf("{ %s, _ := %s; return %[1]s, nil }", strings.Join(kept, ", "), f.code(last))
		f.add(n, replaced, text, mutation)
	}
}

// isError reports whether the type e of a result is an error. It looks at the name of the type.
func isError(e ast.Expr) bool {
	if p, ok := e.(*ast.StarExpr); ok {
		id, ok := p.X.(*ast.Ident)
		return ok && strings.HasSuffix(id.Name, "Error")
	}
	return isIdent(e, "error")
}
