package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// pkg is one package of the module whose files hold rules, or whose tests witness them.
type pkg struct {
	Dir, ImportPath, Name string
	GoFiles               []string
	Module                *struct{ GoVersion string }

	binary   string        // its tests, with all mutants
	whole    time.Duration // of all of them, without any
	tests    []*test       // those that can be run by themselves
	others   []string      // those that fail then
	tellsOut []string      // those that fail if mutants are in the code, even if none is active
}

// lab runs tests with mutants in place.
type lab struct {
	root string // of the module
	work string // for binaries and overlays
}

// clean removes what the lab has written.
func (l *lab) clean() {
	if l.work != "" {
		_ = os.RemoveAll(l.work)
	}
}

func (l *lab) command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.WaitDelay = 5 * time.Second // a test's own children may hold its output open
	return cmd
}

func (l *lab) list(ctx context.Context, patterns ...string) ([]*pkg, error) {
	out, err := l.output(ctx, append([]string{"list", "-json=Dir,ImportPath,Name,GoFiles,Module", "--"}, patterns...)...)
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

// build compiles the tests of p. Binary and result are told apart from a failing test that way, which go test
// does not.
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
	return l.replace(dir, map[string]string{original: mutated})
}

// replace writes an overlay to dir: the file that tells go which files to read in the place of others.
func (l *lab) replace(dir string, files map[string]string) (string, error) {
	text, err := json.Marshal(map[string]map[string]string{"Replace": files})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}
