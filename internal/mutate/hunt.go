package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// hunt is one run of the program.
type hunt struct {
	listOnly, verbose bool
	workers           int
	out, progress     io.Writer
	begin             time.Time

	lab       lab
	list      *equivalents
	looked    map[string]bool // files whose mutants are known
	homes     []*pkg
	suspects  []*suspect
	witnesses map[*pkg][]*pkg // the package itself first

	mu          sync.Mutex
	tried       int
	counts      [notViable + 1]int
	equivalents int
}

// suspect is a mutant to try.
type suspect struct {
	mutant
	home   *pkg
	number int // in the schemata, or 0 if it is in none
}

// prepare finds the mutants, and the packages whose tests run for them.
func (h *hunt) prepare(ctx context.Context, dir, only, skip, witness string, patterns []string) (err error) {
	if len(patterns) == 0 {
		return fmt.Errorf("no package named")
	}
	chosen, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	if h.list, err = readEquivalents(skip); err != nil {
		return err
	}
	h.lab.root = dir
	root, err := h.lab.output(ctx, "list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return err
	}
	if h.lab.work, err = os.MkdirTemp("", "mutate"); err != nil {
		return err
	}
	if h.homes, err = h.lab.list(ctx, patterns...); err != nil {
		return err
	}
	var others []*pkg
	if witness != "" {
		if others, err = h.lab.list(ctx, strings.Split(witness, ",")...); err != nil {
			return err
		}
	}
	for i, other := range others {
		if at := slices.IndexFunc(h.homes, func(p *pkg) bool { return p.ImportPath == other.ImportPath }); at >= 0 {
			others[i] = h.homes[at]
		}
	}
	h.lab.root = strings.TrimSpace(root)
	h.looked = make(map[string]bool)
	h.witnesses = make(map[*pkg][]*pkg)
	for _, home := range h.homes {
		if err := h.find(home, chosen); err != nil {
			return err
		}
		h.witnesses[home] = []*pkg{home}
		for _, other := range others {
			if other == home {
				continue
			}
			if reaches, err := h.lab.dependsOn(ctx, other, home.ImportPath); err != nil {
				return err
			} else if reaches {
				h.witnesses[home] = append(h.witnesses[home], other)
			}
		}
	}
	return nil
}

func (h *hunt) find(home *pkg, chosen *regexp.Regexp) error {
	for _, name := range home.GoFiles {
		path := filepath.Join(home.Dir, name)
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(h.lab.root, path)
		if err != nil {
			return err
		}
		file := filepath.ToSlash(relative)
		h.looked[file] = true
		if generated(source) {
			continue
		}
		found, err := mutants(file, source)
		if err != nil {
			return err
		}
		for _, m := range found {
			known := h.list.has(m) // for each mutant, so that -run does not make lines stale
			if !chosen.MatchString(m.String()) {
				continue
			}
			if known {
				h.equivalents++
				continue
			}
			h.suspects = append(h.suspects, &suspect{mutant: m, home: home})
			if h.listOnly {
				fmt.Fprintln(h.out, m)
			}
		}
	}
	return nil
}

// try runs the tests for each mutant, several mutants at a time.
func (h *hunt) try(ctx context.Context) error {
	if err := h.ready(ctx); err != nil {
		return err
	}
	return each(ctx, h.workers, h.suspects, h.judge)
}

// ready builds the tests of all witnesses, and records which mutants each test reaches.
func (h *hunt) ready(ctx context.Context) error {
	s, err := newSchemata(ctx, &h.lab, h.suspects)
	if err != nil {
		return err
	}
	var witnesses []*pkg
	for _, m := range h.suspects {
		for _, p := range h.witnesses[m.home] {
			if !slices.Contains(witnesses, p) {
				witnesses = append(witnesses, p)
			}
		}
	}
	return each(ctx, h.workers, witnesses, func(ctx context.Context, p *pkg) error {
		if err := h.lab.calibrate(ctx, p, s.trial); err != nil || s.count == 0 {
			return err
		}
		if err := h.lab.watch(ctx, p, s); err != nil {
			return err
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		fmt.Fprintf(h.progress, "%s: %s: %s for all tests, %d pass by themselves", time.Since(h.begin).Round(time.Second),
			p.ImportPath, p.whole.Round(time.Millisecond), len(p.tests))
		if fail := slices.Concat(p.others, p.tellsOut); len(fail) > 0 {
			fmt.Fprintf(h.progress, ", but not %s", strings.Join(fail, " "))
		}
		fmt.Fprintln(h.progress)
		return nil
	})
}

func (h *hunt) judge(ctx context.Context, s *suspect) (err error) {
	result, by := survived, ""
	if s.number > 0 {
		result, by, err = h.lab.ask(ctx, s, h.witnesses[s.home])
	} else {
		result, by, err = h.lab.tryAll(ctx, s.mutant, h.witnesses[s.home])
	}
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counts[result]++
	h.tried++
	switch result {
	case survived:
		fmt.Fprintf(h.out, "survived: %s\n", s)
	case unreached:
		fmt.Fprintf(h.out, "survived, no test reaches it: %s\n", s)
	case killed:
		if h.verbose {
			fmt.Fprintf(h.out, "killed: %s: by %s\n", s, by)
		}
	case timedOut:
		fmt.Fprintf(h.progress, "timed out: %s\n", s)
	case notViable:
		fmt.Fprintf(h.progress, "not viable: %s\n", s)
	}
	if h.tried%25 == 0 {
		fmt.Fprintf(h.progress, "%s: %d of %d\n", time.Since(h.begin).Round(time.Second), h.tried, len(h.suspects))
	}
	return nil
}
