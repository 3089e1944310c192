package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
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
	suspects  []suspect
	witnesses map[*pkg][]*pkg // the package itself first

	mu          sync.Mutex
	tried       int
	counts      [notViable + 1]int
	equivalents int
}

type suspect struct {
	mutant
	home *pkg
}

// prepare finds the mutants and those who may miss the rules they lack.
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
	homes, err := h.lab.list(ctx, patterns...)
	if err != nil {
		return err
	}
	var others []*pkg
	if witness != "" {
		if others, err = h.lab.list(ctx, strings.Split(witness, ",")...); err != nil {
			return err
		}
	}
	h.lab.root = strings.TrimSpace(root)
	h.looked = make(map[string]bool)
	h.witnesses = make(map[*pkg][]*pkg)
	for _, home := range homes {
		if err := h.find(home, chosen); err != nil {
			return err
		}
		h.witnesses[home] = []*pkg{home}
		for _, other := range others {
			if other.ImportPath == home.ImportPath {
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
			known := h.list.has(m) // asked of each, so that what is stale is told whatever is chosen
			if !chosen.MatchString(m.String()) {
				continue
			}
			if known {
				h.equivalents++
				continue
			}
			h.suspects = append(h.suspects, suspect{m, home})
			if h.listOnly {
				fmt.Fprintln(h.out, m)
			}
		}
	}
	return nil
}

// try puts each mutant before its witnesses, some at once.
func (h *hunt) try(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for _, witnesses := range h.witnesses {
		for _, p := range witnesses {
			if p.patience == 0 {
				if err := h.lab.calibrate(ctx, p); err != nil {
					return err
				}
			}
		}
	}
	queue := make(chan suspect)
	var workers sync.WaitGroup
	for range max(1, h.workers) {
		workers.Go(func() {
			for s := range queue {
				if err := h.judge(ctx, s); err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, s := range h.suspects {
		if ctx.Err() != nil {
			break
		}
		queue <- s
	}
	close(queue)
	workers.Wait()
	return context.Cause(ctx)
}

func (h *hunt) judge(ctx context.Context, s suspect) error {
	result, by := survived, ""
	for _, p := range h.witnesses[s.home] {
		var err error
		if result, by, err = h.lab.try(ctx, s.mutant, p); err != nil {
			return err
		}
		if result != survived {
			break
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counts[result]++
	h.tried++
	switch result {
	case survived:
		fmt.Fprintf(h.out, "survived: %s\n", s)
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

// report prints what is stale and the summary.
func (h *hunt) report() int {
	stale := h.list.stale(func(file string) bool {
		_, err := os.Stat(filepath.Join(h.lab.root, filepath.FromSlash(file)))
		return err != nil || h.looked[file]
	})
	for _, line := range stale {
		fmt.Fprintln(h.out, line)
	}
	if h.listOnly {
		fmt.Fprintf(h.out, "%d mutants, %d of them equivalent\n", len(h.suspects)+h.equivalents, h.equivalents)
	} else {
		fmt.Fprintf(h.out, "%d mutants: %d killed, %d survived, %d equivalent, %d not viable\n", len(h.suspects)+h.equivalents,
			h.counts[killed]+h.counts[timedOut], h.counts[survived], h.equivalents, h.counts[notViable])
	}
	if len(stale) > 0 || h.counts[survived] > 0 {
		return 1
	}
	return 0
}
