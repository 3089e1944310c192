package jose

import (
	"iter"
	"strings"
)

// Value is the text of one JSON value that ParseObject has checked, without white space around it. "" is no
// value. Its methods return no errors, because the text has been checked. They look at quotes and brackets
// alone, which is fast.
type Value string

// Kind returns the first byte of the value, which tells its type: n f t " { [, and '0' for every number. It
// returns 0 if there is no value.
func (v Value) Kind() byte {
	switch {
	case v == "":
		return 0
	case v[0] == '-' || '1' <= v[0] && v[0] <= '9':
		return '0'
	}
	return v[0]
}

// Text returns the string that v encodes. ok is false if v is not a JSON string. Without escapes, s shares
// memory with v.
func (v Value) Text() (s string, ok bool) {
	if len(v) < 2 || v[0] != '"' {
		return "", false
	}
	s = string(v[1 : len(v)-1])
	if strings.IndexByte(s, '\\') >= 0 {
		s = unescape(s)
	}
	return s, true
}

// Elements yields the elements of an array, and nothing for another value.
func (v Value) Elements() iter.Seq[Value] {
	return func(yield func(Value) bool) { v.elements(yield) }
}

// Members yields the members of an object in order, with their names unescaped, and nothing for another
// value.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) { v.members(yield) }
}

// elements and members are functions of their own so that Elements and Members are inlined into a range
// statement, and do not allocate.

func (v Value) elements(yield func(Value) bool) {
	if v.Kind() != '[' {
		return
	}
	at := cursor{text: string(v), pos: 1}
	for {
		at.space()
		element := at.delimited()
		if element == "" || !yield(Value(element)) || at.space() != ',' {
			return
		}
		at.pos++
	}
}

func (v Value) members(yield func(string, Value) bool) {
	if v.Kind() != '{' {
		return
	}
	at := cursor{text: string(v), pos: 1}
	for {
		at.space()
		name, ok := Value(at.delimited()).Text()
		if !ok || at.space() != ':' {
			return
		}
		at.pos++
		at.space()
		if !yield(name, Value(at.delimited())) || at.space() != ',' {
			return
		}
		at.pos++
	}
}
