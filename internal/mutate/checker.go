package main

import (
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// checker type-checks packages, to find where one does not compile.
type checker struct {
	fset     *token.FileSet
	importer types.Importer
}

// fault is a place at which a package does not compile.
type fault struct {
	file   string // of the package
	offset int
	text   string
}

// newChecker compiles the packages that pkgs and their schemata import.
func newChecker(ctx context.Context, l *lab, pkgs []*pkg) (*checker, error) {
	args := []string{"list", "-export", "-deps", "-json=ImportPath,Export", "--", "os", "strconv", "sync/atomic"}
	for _, p := range pkgs {
		args = append(args, p.ImportPath)
	}
	out, err := l.output(ctx, args...)
	if err != nil {
		return nil, err
	}
	exports := make(map[string]string)
	for d := json.NewDecoder(strings.NewReader(out)); d.More(); {
		var p struct{ ImportPath, Export string }
		if err := d.Decode(&p); err != nil {
			return nil, err
		}
		exports[p.ImportPath] = p.Export
	}
	fset := token.NewFileSet()
	open := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	return &checker{fset, importer.ForCompiler(fset, "gc", open)}, nil
}

// check returns the faults of p with the texts of some of its files replaced, and of more files if their
// names are new.
func (c *checker) check(p *pkg, texts map[string][]byte) ([]fault, error) {
	names := p.GoFiles
	if _, extra := texts[switchFile]; extra {
		names = append([]string{switchFile}, names...)
	}
	var files []*ast.File
	for _, name := range names {
		var text any
		if t := texts[name]; t != nil {
			text = t
		}
		parsed, err := parser.ParseFile(c.fset, filepath.Join(p.Dir, name), text, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		files = append(files, parsed)
	}
	var faults []fault
	config := types.Config{
		Importer: c.importer,
		Sizes:    types.SizesFor("gc", runtime.GOARCH),
		Error: func(err error) {
			if e, ok := err.(types.Error); ok {
				at := c.fset.Position(e.Pos)
				faults = append(faults, fault{filepath.Base(at.Filename), at.Offset, e.Msg})
			}
		},
	}
	if p.Module != nil && p.Module.GoVersion != "" {
		config.GoVersion = "go" + p.Module.GoVersion
	}
	_, err := config.Check(p.ImportPath, c.fset, files, nil)
	if err != nil && len(faults) == 0 {
		return nil, err
	}
	return faults, nil
}
