package docs_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// packages are those whose names the pages may use.
var packages = []string{
	"scopes", "jwks", "middleware", "middleware/authtest", "middleware/providers", "adapters/adaptertest",
	"adapters/httpauth", "adapters/echoauth", "adapters/ginauth", "adapters/grpcauth", "adapters/chiauth",
}

// variables have the types of the variables that the pages write about.
var variables = map[string]string{
	"guard": "middleware.Guard", "claims": "middleware.Claims", "policy": "scopes.Policy", "cache": "jwks.Cache",
	"issuer": "authtest.Issuer",
}

// An api has the exported names of all packages: "jwks.Config.Client". The value is the type of a field, and
// for all else the name itself.
type api map[string]string

// exported returns the api of the packages.
func exported(t *testing.T) api {
	t.Helper()
	names := api{}
	for _, dir := range packages {
		files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", dir, len(files), err)
		}
		names[path.Base(dir)] = path.Base(dir)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, decl := range parsed.Decls {
				names.declare(path.Base(dir), decl)
			}
		}
	}
	return names
}

// declare adds what decl, a declaration in the package pkg, exports.
func (names api) declare(pkg string, decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv != nil {
			pkg = typeName(pkg, d.Recv.List[0].Type)
		}
		names.add(pkg, d.Name)
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.ValueSpec:
				names.add(pkg, s.Names...)
			case *ast.TypeSpec:
				names.add(pkg, s.Name)
				names.members(pkg, pkg+"."+s.Name.Name, s.Type)
			}
		}
	}
}

// members adds the fields or the methods of the type owner, a struct or an interface.
func (names api) members(pkg, owner string, typ ast.Expr) {
	var list *ast.FieldList
	switch t := typ.(type) {
	case *ast.StructType:
		list = t.Fields
	case *ast.InterfaceType:
		list = t.Methods
	default:
		return
	}
	for _, f := range list.List {
		names.add(owner, f.Names...)
		for _, name := range f.Names {
			names[owner+"."+name.Name] = typeName(pkg, f.Type)
		}
	}
}

// add adds names of owner, a package or a type.
func (names api) add(owner string, idents ...*ast.Ident) {
	for _, ident := range idents {
		if ident.IsExported() {
			names[owner+"."+ident.Name] = owner + "." + ident.Name
		}
	}
}

// typeName returns the name of a type, written in pkg. It leaves out a pointer and type parameters.
func typeName(pkg string, typ ast.Expr) string {
	switch t := typ.(type) {
	case *ast.StarExpr:
		return typeName(pkg, t.X)
	case *ast.IndexExpr:
		return typeName(pkg, t.X)
	case *ast.SelectorExpr:
		return fmt.Sprint(t.X, ".", t.Sel)
	case *ast.Ident:
		return pkg + "." + t.Name
	}
	return "func, map or slice"
}

var (
	receiver = regexp.MustCompile(`\(\*(\w+)\)`)
	dotted   = regexp.MustCompile(`(?:^|[^\w./])([A-Za-z]\w*(?:\.[A-Z]\w*)+)`)
)

func TestNamesInProseExist(t *testing.T) {
	names := exported(t)
	for _, p := range pages(t) {
		for _, at := range span.FindAllStringIndex(p.prose, -1) {
			code := receiver.ReplaceAllString(p.prose[at[0]:at[1]], "$1") // (*Error).Code
			for _, m := range dotted.FindAllStringSubmatch(code, -1) {
				if !names.has(m[1]) {
					t.Errorf("%s:%d: %s does not exist", p.name, p.lineOf(at[0]), m[1])
				}
			}
		}
	}
}

// has reports whether name exists, or belongs to others. It begins with a package, with a variable or with a
// type of any package.
func (names api) has(name string) bool {
	first, rest, _ := strings.Cut(name, ".")
	ours := false
	for _, dir := range packages {
		pkg := path.Base(dir)
		owner, isType := names[pkg+"."+first]
		switch {
		case first == pkg:
			owner = pkg
		case strings.HasPrefix(variables[first], pkg+"."):
			owner = variables[first]
		case !isType:
			continue
		}
		if ours = true; names.leads(owner, rest) {
			return true
		}
	}
	return !ours
}

// leads reports whether rest leads from owner to a name. It says yes where a field has a type of others.
func (names api) leads(owner, rest string) bool {
	for part := range strings.SplitSeq(rest, ".") {
		if names[owner] == "" {
			return true
		}
		if owner = names[owner+"."+part]; owner == "" {
			return false
		}
	}
	return true
}
