package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

type outcome int

const (
	survived outcome = iota
	killed
	timedOut  // counts as killed
	unreached // by any test: has survived
	notViable
)

// patience returns how long tests may run with a mutant. usual is their time without one.
func patience(usual time.Duration) time.Duration { return max(8*time.Second, 5*usual) }

// run runs tests of p, which are in binary. It returns the outcome, and the first test that failed.
func (l *lab) run(ctx context.Context, p *pkg, binary string, env []string, patience time.Duration, args ...string) (
	result outcome, by string, err error,
) {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tests := l.command(limited, p.Dir, binary, append([]string{"-test.failfast"}, args...)...)
	tests.Env = append(os.Environ(), env...)
	out := new(head)
	tests.Stdout, tests.Stderr = out, out
	err = tests.Run()
	switch {
	case ctx.Err() != nil:
		return survived, "", ctx.Err()
	case err == nil, errors.Is(err, exec.ErrWaitDelay): // with ErrWaitDelay, they passed and a child still runs
		return survived, "", nil
	case limited.Err() != nil:
		return timedOut, "", nil
	}
	return killed, failed(out.Bytes()), nil
}

// try runs the tests of p, or only those in names, with m in a build of its own.
func (l *lab) try(ctx context.Context, m mutant, p *pkg, names ...string) (result outcome, by string, err error) {
	overlay, err := l.overlay(m)
	if err != nil {
		return survived, "", err
	}
	defer os.RemoveAll(filepath.Dir(overlay))
	binary, compiled, diagnosis := l.build(ctx, p, overlay)
	switch {
	case !compiled && ctx.Err() == nil && !pointed.Match(diagnosis):
		// The cause is not the mutant, but a full disk, for example. This must not count as "not viable",
		// because the mutant would then never be tried.
		return survived, "", fmt.Errorf("the tests of %s can't be built any more:\n%s", p.ImportPath, diagnosis)
	case !compiled:
		return notViable, "", ctx.Err()
	}
	defer os.Remove(binary)
	var args []string
	if len(names) > 0 {
		args = append(args, "-test.run", alternatives(names))
	}
	return l.run(ctx, p, binary, nil, patience(p.whole), args...)
}

// tryAll tries m with one witness after the other.
func (l *lab) tryAll(ctx context.Context, m mutant, witnesses []*pkg) (result outcome, by string, err error) {
	for _, p := range witnesses {
		if result, by, err = l.try(ctx, m, p); err != nil || result != survived {
			break
		}
	}
	return result, by, err
}

// alternatives returns a pattern that matches only the names.
func alternatives(names []string) string { return "^(" + strings.Join(names, "|") + ")$" }

var (
	failure = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`)
	pointed = regexp.MustCompile(`\bmutant\.go:\d`) // a place in an error of the compiler
)

// failed returns the name of the first test that failed, with its subtest.
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

// head keeps the first megabyte that is written to it, because a mutant may print without end.
type head struct{ bytes.Buffer }

func (h *head) Write(p []byte) (int, error) {
	h.Buffer.Write(p[:min(len(p), max(0, 1<<20-h.Len()))])
	return len(p), nil
}
