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

// pkg is a package of the module, with rules to remove or with tests to run.
type pkg struct {
	Dir, ImportPath, Name string
	GoFiles               []string
	Module                *struct{ GoVersion string }

	binary   string        // its tests, with all mutants
	whole    time.Duration // the time of all tests, without a mutant
	tests    []*test       // the tests that pass by themselves
	others   []string      // the tests that fail by themselves
	tellsOut []string      // the tests that fail if mutants are in the code, even if none is active
}

// lab runs tests with mutants in the code.
type lab struct {
	root string // of the module
	work string // the directory for binaries and overlays
}

// clean removes the files that the lab has written.
func (l *lab) clean() {
	if l.work != "" {
		_ = os.RemoveAll(l.work)
	}
}

func (l *lab) command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.WaitDelay = 5 * time.Second // child processes of a test may keep its output open
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

// dependsOn reports whether the tests of p depend on the package at path.
func (l *lab) dependsOn(ctx context.Context, p *pkg, path string) (bool, error) {
	out, err := l.output(ctx, "list", "-deps", "-test", "--", p.ImportPath)
	if err != nil {
		return false, err
	}
	for line := range strings.Lines(out) {
		// If a package is compiled again for a test, the list has the test in brackets after it.
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

// build compiles the tests of p. go test is not used, because it does not tell a failed build from a failed
// test.
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

// overlay writes the file that makes go read the mutated text of m's file.
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

// replace writes an overlay to dir: a file that tells go which files to read instead of others.
func (l *lab) replace(dir string, files map[string]string) (string, error) {
	text, err := json.Marshal(map[string]map[string]string{"Replace": files})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}
