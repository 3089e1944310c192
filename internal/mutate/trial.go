package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// pkg is one package of the module whose files hold rules, or whose tests witness them.
type pkg struct {
	Dir, ImportPath string
	GoFiles         []string
	patience        time.Duration // for its tests, once they have passed without a mutation
}

// lab runs tests with mutants in place.
type lab struct {
	root string // of the module
	work string // for binaries and overlays
}

func (l *lab) command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.WaitDelay = 5 * time.Second // a test's own children may hold its output open
	return cmd
}

func (l *lab) list(ctx context.Context, patterns ...string) ([]*pkg, error) {
	out, err := l.output(ctx, append([]string{"list", "-json=Dir,ImportPath,GoFiles", "--"}, patterns...)...)
	if err != nil {
		return nil, err
	}
	var pkgs []*pkg
	for d := json.NewDecoder(strings.NewReader(out)); d.More(); {
		p := new(pkg)
		if err := d.Decode(p); err != nil {
			return nil, err
		}
		pkgs = append(pkgs, p)
	}
	return pkgs, nil
}

// dependsOn tells whether the tests of p reach the package at path.
func (l *lab) dependsOn(ctx context.Context, p *pkg, path string) (bool, error) {
	out, err := l.output(ctx, "list", "-deps", "-test", "--", p.ImportPath)
	if err != nil {
		return false, err
	}
	for line := range strings.Lines(out) {
		// A package that is compiled anew for a test is listed with the test in brackets.
		if name, _, _ := strings.Cut(strings.TrimSpace(line), " "); name == path {
			return true, nil
		}
	}
	return false, nil
}

func (l *lab) output(ctx context.Context, args ...string) (string, error) {
	out, err := l.command(ctx, l.root, "go", args...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("go %s: %s", args[0], exit.Stderr)
	}
	return string(out), err
}

// calibrate runs the tests of p as they are. They have to pass, and tell how long they may take with a mutant.
func (l *lab) calibrate(ctx context.Context, p *pkg) error {
	binary, compiled, out := l.build(ctx, p, "")
	if !compiled {
		return fmt.Errorf("the tests of %s do not compile:\n%s", p.ImportPath, out)
	}
	defer os.Remove(binary)
	begin := time.Now()
	if out, err := l.command(ctx, p.Dir, binary, "-test.failfast").CombinedOutput(); err != nil {
		return fmt.Errorf("the tests of %s fail without any mutation: %w\n%s", p.ImportPath, err, out)
	}
	p.patience = max(8*time.Second, 5*time.Since(begin))
	return nil
}

type outcome int

const (
	survived outcome = iota
	killed
	timedOut // counts as killed
	notViable
)

// try tells what the tests of p make of m, and which of them missed it first.
func (l *lab) try(ctx context.Context, m mutant, p *pkg) (result outcome, by string, err error) {
	overlay, err := l.overlay(m)
	if err != nil {
		return survived, "", err
	}
	defer os.RemoveAll(filepath.Dir(overlay))
	binary, compiled, diagnosis := l.build(ctx, p, overlay)
	switch {
	case !compiled && ctx.Err() == nil && !fault.Match(diagnosis):
		// Not for the mutant's sake: a full disk, say. Taken for not viable, it would let mutants go by untried.
		return survived, "", fmt.Errorf("the tests of %s can't be built any more:\n%s", p.ImportPath, diagnosis)
	case !compiled:
		return notViable, "", ctx.Err()
	}
	defer os.Remove(binary)
	limited, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	tests := l.command(limited, p.Dir, binary, "-test.failfast")
	out := new(head)
	tests.Stdout, tests.Stderr = out, out
	err = tests.Run()
	switch {
	case ctx.Err() != nil:
		return survived, "", ctx.Err()
	case err == nil, errors.Is(err, exec.ErrWaitDelay): // they passed, and left a child behind
		return survived, "", nil
	case limited.Err() != nil:
		return timedOut, "", nil
	}
	return killed, failed(out.Bytes()), nil
}

var (
	failure = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`)
	fault   = regexp.MustCompile(`\bmutant\.go:\d`) // where the compiler points at
)

// failed is the name of the first test that failed, down to its row.
func failed(out []byte) string {
	name := ""
	for _, match := range failure.FindAllSubmatch(out, -1) {
		next := string(match[1])
		if name != "" && !strings.HasPrefix(next, name+"/") {
			break
		}
		name = next
	}
	return cmp.Or(name, "tests that died without a word")
}

// head keeps the first megabyte of what is written to it: a mutant may print without end.
type head struct{ bytes.Buffer }

func (h *head) Write(p []byte) (int, error) {
	h.Buffer.Write(p[:min(len(p), max(0, 1<<20-h.Len()))])
	return len(p), nil
}

// build compiles the tests of p. Binary and result are told apart from a failing test that way, which go test does not.
func (l *lab) build(ctx context.Context, p *pkg, overlay string) (binary string, compiled bool, out []byte) {
	f, err := os.CreateTemp(l.work, "*.test")
	if err != nil {
		return "", false, []byte(err.Error())
	}
	_ = f.Close()
	args := []string{"test", "-c", "-p", "1", "-ldflags=-s -w", "-o", f.Name()}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	out, err = l.command(ctx, l.root, "go", append(args, p.ImportPath)...).CombinedOutput()
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return f.Name(), err == nil, out
}

// overlay writes the file that tells go to read m's file mutated.
func (l *lab) overlay(m mutant) (string, error) {
	dir, err := os.MkdirTemp(l.work, "overlay")
	if err != nil {
		return "", err
	}
	original := filepath.Join(l.root, filepath.FromSlash(m.file))
	source, err := os.ReadFile(original)
	if err != nil {
		return "", err
	}
	mutated := filepath.Join(dir, "mutant.go")
	if err := os.WriteFile(mutated, m.apply(source), 0o600); err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": {original: mutated}})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}
