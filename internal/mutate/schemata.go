package main

import (
	"context"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
)

const (
	switchFile = "0mutant__.go" // the first file of its package, so that its variables are set before all others
	activeEnv  = "MUTANT__"     // the number of the active mutant
	reachedEnv = "MUTANTS__"    // the file for the numbers of the mutants that tests reach
)

// switchText is the file of a schema that says which mutant is active.
const switchText = `package %s

import (
	os__ "os"
	strconv__ "strconv"
)

var mutant__, _ = strconv__.Atoi(os__.Getenv(%q))
`

// notingText replaces switchText in a build in which no mutant is active. If a test reaches a mutant, it
// records the mutant once.
const notingText = `package %s

import (
	os__ "os"
	strconv__ "strconv"
	atomic__ "sync/atomic"
)

var (
	mutants__   [%d]atomic__.Bool
	mutant__s, _ = os__.OpenFile(os__.Getenv(%q), os__.O_APPEND|os__.O_CREATE|os__.O_WRONLY, 0o600)
)

func mutant__(number int) int {
	if !mutants__[number].Load() && !mutants__[number].Swap(true) {
		_, _ = mutant__s.WriteString(strconv__.Itoa(number) + "\n")
	}
	return 0
}
`

// schemata are the packages with all mutants that fit into them.
type schemata struct {
	trial, noting string            // overlays
	count         int               // the mutants have the numbers 1 to count
	files         map[string]string // of the trial overlay
}

// writer writes the schemata of packages.
type writer struct {
	lab      *lab
	checker  *checker
	count    int
	overlays [2]map[string]string // one for each dialect, variable and call
}

// newSchemata numbers the mutants of suspects that fit into schemata, and writes the schemata.
func newSchemata(ctx context.Context, l *lab, suspects []*suspect) (*schemata, error) {
	w := &writer{lab: l, overlays: [2]map[string]string{{}, {}}}
	var homes []*pkg // in their order
	byFile := make(map[*pkg]map[string][]*suspect)
	for _, m := range suspects {
		if m.form == alone {
			continue
		}
		w.count++
		m.number = w.count
		if byFile[m.home] == nil {
			byFile[m.home] = make(map[string][]*suspect)
			homes = append(homes, m.home)
		}
		name := filepath.Base(filepath.FromSlash(m.file))
		byFile[m.home][name] = append(byFile[m.home][name], m)
	}
	if w.count == 0 {
		return new(schemata), nil
	}
	var err error
	if w.checker, err = newChecker(ctx, l, homes); err != nil {
		return nil, err
	}
	for _, home := range homes {
		if err := w.add(home, byFile[home]); err != nil {
			return nil, err
		}
	}
	s := &schemata{count: w.count, files: w.overlays[0]}
	for i, overlay := range []*string{&s.trial, &s.noting} {
		dir, err := os.MkdirTemp(l.work, "overlay")
		if err != nil {
			return nil, err
		}
		if *overlay, err = l.replace(dir, w.overlays[i]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// add writes the schema of home in both dialects.
func (w *writer) add(home *pkg, byFile map[string][]*suspect) error {
	sources := make(map[string][]byte)
	for name, found := range byFile {
		source, err := os.ReadFile(filepath.Join(home.Dir, name))
		if err != nil {
			return err
		}
		sources[name] = source
		for _, m := range found {
			if err := w.tryAlone(m, name, source); err != nil {
				return err
			}
		}
	}
	for i, d := range []dialect{variable, call} {
		texts, err := w.compiling(home, byFile, sources, d)
		if err != nil {
			return err
		}
		dir, err := os.MkdirTemp(w.lab.work, "schema")
		if err != nil {
			return err
		}
		for name, text := range texts {
			file := filepath.Join(dir, name)
			if err := os.WriteFile(file, text, 0o600); err != nil {
				return err
			}
			w.overlays[i][filepath.Join(home.Dir, name)] = file
		}
	}
	return nil
}

// tryAlone takes m out of the schema if m does not compile by itself. It may still compile inside a schema,
// where the code that it leaves out counts as used.
func (w *writer) tryAlone(m *suspect, name string, source []byte) error {
	text := newSchema(source, []*suspect{m}, variable).text
	if _, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution); err != nil {
		m.number = 0
		return nil
	}
	if m.form != struck {
		return nil
	}
	mutated := m.apply(source)
	if _, err := parser.ParseFile(token.NewFileSet(), name, mutated, parser.SkipObjectResolution); err != nil {
		m.number = 0
		return nil
	}
	faults, err := w.checker.check(m.home, map[string][]byte{name: mutated})
	if len(faults) > 0 {
		m.number = 0
	}
	return err
}

// compiling writes the files of home with all their mutants. It takes out the mutants that do not compile
// there, until the files compile.
func (w *writer) compiling(home *pkg, byFile map[string][]*suspect, sources map[string][]byte, d dialect) (
	map[string][]byte, error,
) {
	for {
		schemas := make(map[string]*schema)
		text := fmt.Sprintf(switchText, home.Name, activeEnv)
		if d(0) != variable(0) {
			text = fmt.Sprintf(notingText, home.Name, w.count+1, reachedEnv)
		}
		texts := map[string][]byte{switchFile: []byte(text)}
		for name, source := range sources {
			schemas[name] = newSchema(source, byFile[name], d)
			texts[name] = schemas[name].text
		}
		faults, err := w.checker.check(home, texts)
		if err != nil || len(faults) == 0 {
			return texts, err
		}
		for _, fault := range faults {
			var near []*suspect
			if s := schemas[fault.file]; s != nil {
				near = s.near(fault.offset)
			}
			if len(near) == 0 {
				return nil, fmt.Errorf("the schema of %s does not compile: %s: %s", home.ImportPath, fault.file, fault.text)
			}
			for _, m := range near {
				m.number = 0
			}
		}
	}
}
