// Package kinds has a rule of every kind. Trace runs all of them, and tells what they did.
package kinds

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"
)

const (
	limit  = 3
	pause  = 2 * time.Second
	wider  = 2 < limit
	letter = "a" + "b"
)

var table [limit]string

var early = weigh(2)

type flag bool

func (f flag) both(g flag) flag { return f && g }

func (f flag) not() flag { return f == false }

type ParseError struct{ at int }

func (e *ParseError) Error() string { return fmt.Sprintf("at %d", e.at) }

type box struct {
	n     int
	on    flag
	words []string
}

var errOdd = errors.New("odd")

func weigh(n int) string {
	switch {
	case n < 1, n == 7:
		return "light"
	case n > limit && (n != 5 || wider):
		return "heavy"
	default:
		return letter
	}
}

func even(n int) error {
	if n%2 == 0 {
		return nil
	}
	return fmt.Errorf("%d: %w", n, errOdd)
}

func half(n int) (int, error) {
	if err := even(n); err != nil {
		return 0, err
	}
	return n / 2, nil
}

func quarter(n int) (int, error) { return half(n / 2) }

func parse(s string) (n int, err *ParseError) {
	for i, c := range s {
		if c < '0' || c > '9' {
			return n, &ParseError{i}
		} else if n >= 100 {
			return n, &ParseError{-1}
		}
		n = 10*n + int(c-'0')
	}
	if n == 0 { // a comment
		return 0, &ParseError{at: len(s)}
	}
	return n, nil
}

// The switch has an init, a label, and values that strike each other out.
func kind(a any) (s string) {
	defer func() { s = strings.ToUpper(s) }()
	switch x := fmt.Sprint(a); x {
	case "1", "2":
		s = "small"
	case "x":
		s += func() string {
			if x == "x" {
				return "letter"
			}
			return "none"
		}()
	}
	switch a {
	case nil:
		return "nil"
	case 1, "x":
		s += "!"
	}
words:
	switch len(s) {
	case 0:
		break words
	case 7:
		fallthrough
	case 6:
		s += "?"
	case limit, 2:
		s += "short"
	}
	return s
}

func unused(n int) string {
	switch alone := n * 2; n {
	case 1:
		return fmt.Sprint(alone)
	}
	return ""
}

func within(from, at, to time.Time) bool {
	return !at.Before(from) && at.Before(to)
}

func late(at, to time.Time) bool { return at.After(to) }

func (b *box) fill(words ...string) bool {
	b.n = len(words)
	b.on, b.words = b.n > 0, nil
	sort.Strings(words)
	for _, w := range words {
		b.add(w, func(s string) bool { return s == w && len(s) > 1 })
	}
	return true
}

func (b *box) add(w string, fits func(string) bool) {
	found := index(b.words, func(s string) bool {
		if s == w {
			return true
		}
		return false
	})
	if !fits(w) ||
		found >= 0 {
		return
	}
	b.words = append(b.words, w)
}

func index(words []string, fits func(string) bool) int {
	for i, w := range words {
		if fits(w) {
			return i
		}
	}
	return -1
}

func send(done bool) (got string) {
	first, second := make(chan string, 1), make(chan string, 1)
	var sink box
	go func() {
		first <- "first"
		close(second)
	}()
	<-second
	stop := func() {
		sink.n++
		sink.n = sink.n + 1
	}
	defer stop()
	select {
	case got = <-first:
		stop()
		sink.on = !flag(done)
		got = fmt.Sprint(got, sink.n, sink.on, same(!done, true))
	case sink.words = <-make(chan []string):
	}
	return got
}

func same[T comparable](a, b T) bool { return a == b }

func loop(n int) (sum int) {
	i := 0
again:
	if i++; i < n {
		sum += i
		if sum > 1000 {
			panic("no end")
		}
		goto again
	}
outer:
	for a := range n {
		for b := range n {
			if a == b {
				continue outer
			}
			if a*b > 5 {
				break outer
			}
			sum += 100
		}
	}
	return sum
}

// Trace calls all of them.
func Trace() (out string) {
	defer func() {
		if r := recover(); r != nil {
			out += fmt.Sprint(" panic ", r)
		}
	}()
	say := func(a ...any) { out += fmt.Sprintln(a...) }
	table[0] = early
	say(table, pause)
	for _, a := range []flag{false, true} {
		say(a.both(true), a.both(false), a.not())
	}
	for n := range 8 {
		say(weigh(n), even(n), loop(n))
		h, err := half(n)
		q, err2 := quarter(n)
		say(h, err, q, err2, unused(n))
	}
	for _, s := range []string{"", "12", "1x", "10000", "/", ":"} {
		n, err := parse(s)
		say(n, err != nil && err.at > 0, err == nil)
	}
	for _, a := range []any{nil, 1, "1", 2, "x", 3.5} {
		say(kind(a))
	}
	day := time.Unix(0, 0)
	for i := range 4 {
		at := day.Add(time.Duration(i) * time.Hour)
		say(within(day.Add(time.Hour), at, day.Add(2*time.Hour)), late(at, day.Add(time.Hour)))
	}
	b := new(box)
	say(b.fill("to", "be", "or", "not", "to", "a"), *b)
	say(b.fill(), *b)
	say(send(true), send(false))
	return out
}
