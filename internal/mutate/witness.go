package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// test is a test that passes when it runs by itself.
type test struct {
	name    string
	usual   time.Duration
	reaches []bool // indexed by the number of the mutant
}

// calibrate builds the tests of p with the mutants, and runs them while none is active. They must pass, and
// their time says how long they may run with a mutant. Some tests pass only without the mutants in the code,
// for example tests of allocations. calibrate puts them into tellsOut.
func (l *lab) calibrate(ctx context.Context, p *pkg, overlay string) error {
	binary, compiled, out := l.build(ctx, p, overlay)
	if !compiled {
		return fmt.Errorf("the tests of %s do not compile:\n%s", p.ImportPath, out)
	}
	p.binary = binary
	out, err := l.pass(ctx, p, binary)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	for _, match := range failure.FindAllSubmatch(out, -1) {
		if name := string(match[1]); !strings.Contains(name, "/") {
			p.tellsOut = append(p.tellsOut, name)
		}
	}
	plain, compiled, plainOut := l.build(ctx, p, "")
	if !compiled {
		return fmt.Errorf("the tests of %s do not compile:\n%s", p.ImportPath, plainOut)
	}
	defer os.Remove(plain)
	if out, err := l.pass(ctx, p, plain, "-test.failfast"); err != nil {
		return fmt.Errorf("the tests of %s fail without any mutation: %w\n%s", p.ImportPath, err, out)
	}
	if p.tellsOut == nil {
		return fmt.Errorf("the tests of %s fail if mutants are in the code, though none is active: %w\n%s",
			p.ImportPath, err, out)
	}
	return nil
}

// attempts is how often the tests run until they pass without a mutation. On a busy machine one may fail by
// chance.
const attempts = 3

// pass runs the tests of p until they pass.
func (l *lab) pass(ctx context.Context, p *pkg, binary string, args ...string) (out []byte, err error) {
	for range attempts {
		begin := time.Now()
		out, err = l.command(ctx, p.Dir, binary, append([]string{"-test.timeout=3m"}, args...)...).CombinedOutput()
		if p.whole = time.Since(begin); err == nil || ctx.Err() != nil {
			break
		}
	}
	return out, err
}

var testName = regexp.MustCompile(`^(Test|Fuzz|Example)\w*$`)

// watch runs each test of p by itself, and records which mutants it reaches. So the state that one test
// leaves cannot change what the next one reaches.
func (l *lab) watch(ctx context.Context, p *pkg, s *schemata) error {
	binary, compiled, out := l.build(ctx, p, s.noting)
	if !compiled {
		return fmt.Errorf("the tests of %s do not compile:\n%s", p.ImportPath, out)
	}
	defer os.Remove(binary)
	list, err := l.command(ctx, p.Dir, binary, "-test.list", ".").Output()
	if err != nil {
		return fmt.Errorf("the tests of %s can't be listed: %w", p.ImportPath, err)
	}
	for line := range strings.Lines(string(list)) {
		name := strings.TrimSpace(line)
		if !testName.MatchString(name) || slices.Contains(p.tellsOut, name) {
			continue
		}
		t, err := l.watchTest(ctx, p, binary, name, s.count)
		if err != nil {
			return err
		}
		if t == nil {
			p.others = append(p.others, name)
			continue
		}
		p.tests = append(p.tests, t)
	}
	slices.SortStableFunc(p.tests, func(a, b *test) int { return cmp.Compare(a.usual, b.usual) })
	return nil
}

// watchTest returns nil if the test fails.
func (l *lab) watchTest(ctx context.Context, p *pkg, binary, name string, count int) (*test, error) {
	notes := binary + ".notes"
	for range attempts {
		if err := os.Remove(notes); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		begin := time.Now()
		env := []string{reachedEnv + "=" + notes}
		result, _, err := l.run(ctx, p, binary, env, patience(p.whole), "-test.run", alternatives([]string{name}))
		if err != nil {
			return nil, err
		}
		if result != survived {
			continue
		}
		t := &test{name: name, usual: time.Since(begin), reaches: make([]bool, count+1)}
		text, err := os.ReadFile(notes)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, number := range strings.Fields(string(text)) {
			n, err := strconv.Atoi(number)
			if err != nil || n < 1 || n > count {
				return nil, fmt.Errorf("%s notes %q", name, number)
			}
			t.reaches[n] = true
		}
		return t, nil
	}
	return nil, nil
}

// reach reports whether a test of p reaches a mutant.
func (p *pkg) reach(number int) bool {
	return slices.ContainsFunc(p.tests, func(t *test) bool { return t.reaches[number] })
}

// reaching returns the fast or the slow tests of p that reach a mutant, and their time together. A test is
// fast if it takes at most a fiftieth of the time of all tests, without the time to start its process.
func (p *pkg) reaching(number int, fast bool) (names []string, usual time.Duration) {
	for _, t := range p.tests {
		if t.reaches[number] && fast == (t.usual <= p.tests[0].usual+p.whole/50) {
			names, usual = append(names, t.name), usual+t.usual
		}
	}
	return names, usual
}

// ask runs the tests of witnesses with m, which is in their schemata. First run the tests that are known to
// reach m: the fast tests of a package in one process, and its slow tests in another. If they pass, all tests
// of each package run, because a test may fail only after others, and then those of its tellsOut, in a build
// without a schema.
func (l *lab) ask(ctx context.Context, m *suspect, witnesses []*pkg) (result outcome, by string, err error) {
	active := []string{fmt.Sprintf("%s=%d", activeEnv, m.number)}
	reached := false
	for _, fast := range []bool{true, false} {
		for _, p := range witnesses {
			names, usual := p.reaching(m.number, fast)
			if len(names) == 0 {
				continue
			}
			reached = true
			result, by, err = l.run(ctx, p, p.binary, active, patience(usual), "-test.run", alternatives(names))
			if err != nil || result != survived {
				return result, by, err
			}
		}
	}
	for _, p := range witnesses {
		if len(p.others) > 0 || p.reach(m.number) {
			var args []string
			if len(p.tellsOut) > 0 {
				args = append(args, "-test.skip", alternatives(p.tellsOut))
			}
			reached = true
			result, by, err = l.run(ctx, p, p.binary, active, patience(p.whole), args...)
			if err != nil || result != survived {
				return result, by, err
			}
		}
		if len(p.tellsOut) > 0 {
			reached = true
			if result, by, err = l.try(ctx, m.mutant, p, p.tellsOut...); err != nil || result != survived {
				return result, by, err
			}
		}
	}
	if !reached {
		return unreached, "", nil
	}
	return survived, "", nil
}
